"""Rate: how long an image takes while there is work, with all that goes on between two batches."""

REMEMBERED = 0.95
"""How much of what is known still counts after another batch."""


class Rate:
    """Images and the seconds that they took, of which older ones count less and less."""

    def __init__(self) -> None:
        self._images = 0.0
        self._seconds = 0.0
        self.since = 0.0

    def begin(self, now: float) -> None:
        """Note that there is work again: time passes from now on."""
        self.since = now

    def note(self, images: int, now: float) -> None:
        """Note a batch that is done."""
        self._images = REMEMBERED * self._images + images
        self._seconds = REMEMBERED * self._seconds + now - self.since
        self.since = now

    @property
    def seconds_per_image(self) -> float:
        return self._seconds / self._images if self._images else 0.0
