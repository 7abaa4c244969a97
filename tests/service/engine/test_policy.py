"""The policy by examples, and by what Hypothesis can think of."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from service.engine.policy import Item, by_image, by_item, choose


def queue(*sizes: int, lane: str = "a", turn: int = 0) -> deque[Item]:
    return deque(Item(lane, None, size, turn + place) for place, size in enumerate(sizes))


def test_nothing_waits() -> None:
    assert choose({}, 8, {}) is None
    assert choose({"a": deque()}, 8, {}) is None


def test_items_of_one_lane_share_a_batch_in_order() -> None:
    batch = choose({"a": queue(1, 2, 3)}, 8, {})
    assert batch is not None
    assert [(p.item.size, p.start, p.stop) for p in batch.parts] == [
        (1, 0, 1),
        (2, 0, 2),
        (3, 0, 3),
    ]
    assert batch.size == 6


def test_a_large_item_is_split_at_the_capacity() -> None:
    batch = choose({"a": queue(3, 100)}, 8, {})
    assert batch is not None
    assert [(p.start, p.stop) for p in batch.parts] == [(0, 3), (0, 5)]


def test_the_lane_that_waited_longest_goes_first() -> None:
    batch = choose({"a": queue(1, turn=5), "b": queue(1, lane="b", turn=4)}, 8, {})
    assert batch is not None
    assert batch.lane == "b"


def test_the_lane_that_had_least_of_the_device_goes_before_all_that_waited_longer() -> None:
    lanes = {"a": queue(1, turn=1), "b": queue(1, lane="b", turn=9)}
    batch = choose(lanes, 8, {"a": 2.0, "b": 1.0})
    assert batch is not None
    assert batch.lane == "b"


@given(
    arrivals=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 50)), min_size=1, max_size=40
    ),
    capacity=st.integers(1, 16),
    every=st.integers(1, 5),
)
def test_09_every_image_is_served_once_in_time(
    arrivals: list[tuple[str, int]], capacity: int, every: int
) -> None:
    """Play arrivals against a device; `every` items arrive between two batches."""
    lanes: dict[str, deque[Item]] = {}
    items: list[Item] = []
    served: dict[int, list[int]] = {}
    waiting = list(arrivals)
    turn = 0
    while waiting or any(lanes.values()):
        for lane, size in waiting[:every]:
            items.append(Item(lane, None, size, turn))
            lanes.setdefault(lane, deque()).append(items[-1])
            turn += 1
        waiting = waiting[every:]
        before = [(item.taken, item.turn) for item in items]
        batch = choose(lanes, capacity, {})
        assert [(item.taken, item.turn) for item in items] == before, "choosing changes nothing"
        assert batch is not None, "never idle with work"
        assert 0 < batch.size <= capacity
        assert batch.size == sum(part.stop - part.start for part in batch.parts)
        oldest = min(lane[0].turn for lane in lanes.values() if lane)
        assert batch.parts[0].item.turn == oldest, "no lane is starved"
        for part in batch.parts:
            assert part.item is lanes[batch.lane].popleft()
            served.setdefault(id(part.item), []).extend(range(part.start, part.stop))
            part.item.taken = part.stop
            if part.item.taken < part.item.size:
                part.item.turn, turn = turn, turn + 1
                lanes[batch.lane].append(part.item)
    assert all(served[id(item)] == list(range(item.size)) for item in items)


@given(
    sizes=st.lists(st.integers(1, 20), min_size=1, max_size=12),
    capacity=st.integers(1, 64),
)
def test_halves_hold_what_the_batch_held(sizes: list[int], capacity: int) -> None:
    batch = choose({"a": queue(*sizes)}, capacity, {})
    assert batch is not None
    whole = [(p.item, place) for p in batch.parts for place in range(p.start, p.stop)]
    for halve in (by_item, by_image):
        halves = halve(batch)
        if halves is None:
            assert (len(batch.parts) if halve is by_item else batch.size) == 1
            continue
        found = [
            (part.item, place)
            for half in halves
            for part in half.parts
            for place in range(part.start, part.stop)
        ]
        assert found == whole
        assert sum(half.size for half in halves) == batch.size
        assert all(half.size == sum(p.stop - p.start for p in half.parts) for half in halves)
        if halve is by_image:
            assert max(half.size for half in halves) == -(-batch.size // 2)
