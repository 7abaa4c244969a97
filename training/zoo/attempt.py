"""Attempt: work on one model in a process of its own, so that what goes wrong stops no other."""

import signal
import sys
import traceback

import torch

from models.errors import UserError
from training.hold import HeldError
from training.run import Interrupted
from training.zoo import failure
from training.zoo.entry import Entry
from training.zoo.order import Order
from training.zoo.work import make

HELD = 75  # as sysexits.h has it: try again later


def attempt(entry: Entry, order: Order) -> None:
    """Make a model, or write down why not and exit with 1; with HELD where another is at it."""
    if order.jobs > 1:  # they share the cores
        torch.set_num_threads(1)
    try:
        make(entry, order)
    except Interrupted:
        sys.exit(130)
    except HeldError:  # the folder is another's: no reason is left in it
        sys.exit(HELD)
    except (UserError, OSError) as error:
        fail(entry, order, str(error))
    except Exception as error:  # a variant may be wrong in any way, and others wait behind it
        traceback.print_exc()
        fail(entry, order, f"{type(error).__name__}: {error}")


def fail(entry: Entry, order: Order, reason: str) -> None:
    """Keep the reason and end the process."""
    failure.keep(order.folder(entry), entry, reason)
    sys.exit(1)


def ended(entry: Entry, order: Order, code: int) -> str | None:
    """Say why a process that ended with this code failed; None where it did not."""
    folder = order.folder(entry)
    if code == HELD:
        return str(HeldError(folder))
    if code < 0:
        name = signal.Signals(-code).name
        failure.keep(folder, entry, f"its process was ended by {name}")
    found = failure.find(folder)
    return None if code == 0 else found.reason if found else f"its process ended with code {code}"
