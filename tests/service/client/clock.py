"""A clock that moves only when somebody sleeps."""

from collections.abc import Callable


class Clock:
    """Counts what is slept; `then` happens meanwhile."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.then = then

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        self.then()

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)
