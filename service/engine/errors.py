"""Errors of the engine: what becomes of work that is not done. Only LostError is elsewhere."""


class EngineError(Exception):
    """Work that is not done, or not yet."""


class QueueFullError(EngineError):
    """More images wait than the queue may hold; `retry_after` is in seconds."""

    def __init__(self, waiting: int, limit: int, retry_after: float) -> None:
        super().__init__(f"{waiting} images wait, the queue holds {limit}")
        self.retry_after = retry_after


class ClosedError(EngineError):
    """The batcher takes no more work."""


class TooLateError(EngineError):
    """It would take longer than the item may, with all before it; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"it would take about {wait:.2g} seconds")
        self.wait = wait


class ExpiredError(EngineError):
    """An item's time was over before it was done."""


class OutOfMemoryError(EngineError):
    """The device has no memory for a batch of this size."""


class ComputeError(EngineError):
    """The device could not make a batch; the worker's log has the traceback."""
