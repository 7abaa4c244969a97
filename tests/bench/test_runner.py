from collections.abc import Iterator

from bench.runner import rate


def test_rate_counts_the_steps_of_one_block() -> None:
    taken: list[None] = []

    def loop() -> Iterator[None]:
        while True:
            taken.append(None)
            yield

    measured = rate(loop(), 0.05)
    assert 0 < measured <= len(taken) / 0.05
