"""Verdicts: which answers a service was right to give, and which not.

While a killed worker is replaced, a refusal with a time to come back is forgiven, and counted.
"""

from collections import Counter
from collections.abc import Container, Mapping
from time import monotonic

from bench.client import Answer

OK, BUSY = 200, 503
# Seconds after a worker was killed in which answers may still be its own.
LAST_WORDS = 1
# Different faults that are told apart; a service that fails altogether has no end of them.
KINDS = 200


class Verdicts:
    """Counts what was asked, what was forgiven, and what nobody deserved."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.forgiven: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self._killed: float | None = None
        self._images: dict[tuple[bytes, str | None], bytes] = {}

    def killed(self) -> None:
        """Note that a worker has just been killed."""
        self.asked["workers killed"] += 1
        self._killed = monotonic()

    def hear(self, what: str, answer: Answer, deserved: Container[int]) -> None:
        """Judge an answer by its status."""
        self.asked[what] += 1
        if answer.status in deserved:
            return
        if self._killed is not None and answer.status == BUSY and answer.header("retry-after"):
            self.forgiven[what] += 1
        else:
            self.fault(what, f"{answer.status} {answer.body[:200].decode(errors='replace')}")

    def see(self, what: str, request: bytes, answer: Answer, deserved: Container[int]) -> None:
        """Judge an image, too: the same request and weights have the same bytes each time."""
        self.hear(what, answer, deserved)
        if answer.status == OK:
            self._computed()
            key = request, answer.header("x-model-digest")
            if self._images.setdefault(key, answer.body) != answer.body:
                self.fault(what, "other bytes than the first time")

    def fault(self, what: str, found: str) -> None:
        """Note what should not have been."""
        kind = f"{what}: {found}"
        known = kind in self.faults or len(self.faults) < KINDS
        self.faults[kind if known else f"{what}: and others"] += 1
        self.asked[what] += 0

    def wrong(self) -> Mapping[str, int]:
        """Count the faults by what was asked."""
        counts: Counter[str] = Counter()
        for fault, times in self.faults.items():
            counts[fault.partition(": ")[0]] += times
        return counts

    def _computed(self) -> None:
        """Note that a worker computes: from now on nothing is forgiven."""
        if self._killed is not None and monotonic() - self._killed > LAST_WORDS:
            self._killed = None
