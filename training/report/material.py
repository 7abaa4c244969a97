"""Material: the real images that pictures set beside the models', read once."""

from functools import cache
from pathlib import Path

from models.card import Image
from training.data import DataError, DataSet, load


class Material:
    """The data sets of a report, each in the shape of a model's images; None where one is gone."""

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self.load = cache(self.read)

    def split(self, data: str, image: Image, split: str) -> DataSet | None:
        """Return `train` or `test`."""
        return self.load(data, split, image.height, image.channels)

    def read(self, data: str, split: str, size: int, channels: int) -> DataSet | None:
        try:
            return load(data, split=split, size=size, channels=channels, root=self.root)
        except DataError:
            return None
