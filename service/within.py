"""Within: wait no longer than so many seconds."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float, waiting: Awaitable[T]) -> T:
    """Wait so long. Raises TimeoutError.

    As `asyncio.timeout`, which takes five times as long to set up, and `asyncio.wait_for`, whose
    own task takes two more rounds of the event loop: much of what is waited for is there at once.
    """
    task = asyncio.current_task()
    assert task is not None, "this is a coroutine"
    over = False

    def give_up() -> None:
        nonlocal over
        over = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(seconds, give_up)
    try:
        return await waiting
    except asyncio.CancelledError:
        if over and task.uncancel() == 0:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
