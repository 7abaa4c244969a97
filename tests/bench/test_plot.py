import math
from pathlib import Path

from PIL import Image

from bench.plot import draw


def test_a_load_of_which_nothing_was_answered_leaves_a_gap(tmp_path: Path) -> None:
    curves = {name: [1.0, 2.0, math.nan] for name in ("p50", "p99", "p99.9")}
    draw(tmp_path / "plot.png", [10.0, 20.0, 30.0], curves, deadline=50, capacity=25)
    with Image.open(tmp_path / "plot.png") as picture:
        assert picture.format == "PNG"
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 100
