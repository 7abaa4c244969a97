"""What the loop itself promises: one clean step at a time, each part called in its turn."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from training.data import Batch
from training.hardware import choose_autocast
from training.loop import State, descend, named, only, start, train
from training.variant import Losses, Variant


def test_a_step_knows_nothing_of_the_gradients_before_it() -> None:
    weight = nn.Parameter(torch.zeros(3))
    optimiser = torch.optim.SGD([weight], lr=0.5)
    for _ in range(2):
        descend({"a": weight.sum(), "b": 2 * weight.sum()}, optimiser)
        assert weight.grad is not None
        assert weight.grad.tolist() == [3.0, 3.0, 3.0]
    assert weight.tolist() == [-3.0, -3.0, -3.0]


def test_only_the_learners_require_gradients() -> None:
    pair = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
    only(pair, pair[0].parameters())
    only(pair, pair[1].parameters())
    assert [p.requires_grad for p in pair.parameters()] == [False, False, True, True]


def test_terms_are_named_after_their_network_and_carry_no_graph() -> None:
    term = torch.ones((), requires_grad=True) * 2
    found = named("generator", {"fool": term})
    assert {name: value.item() for name, value in found.items()} == {"generator/fool": 2.0}
    assert not found["generator/fool"].requires_grad


class Diary(Variant):
    """A variant of two weights, d and g, which writes down what it is called for."""

    def __init__(self, critic_steps: tuple[int, ...]) -> None:
        nn.Module.__init__(self)
        self.steps = critic_steps
        self.discriminator = nn.Linear(1, 1, bias=False)
        self.generator = nn.Linear(1, 1, bias=False)
        self.d, self.g = self.discriminator.weight, self.generator.weight
        for weight in (self.d, self.g):
            nn.init.zeros_(weight)
        self.pages: list[Any] = []

    def note(self, *words: Any) -> None:
        assert self.training
        learners = {name for name, p in (("d", self.d), ("g", self.g)) if p.requires_grad}
        half = torch.is_autocast_enabled("cpu")
        self.pages.append((*words, learners, half, (self.d.item(), self.g.item())))

    def discriminator_loss(self, real: Batch) -> Losses:
        self.note("D", real.images.item())
        return {"real": self.d.sum(), "fake": 2 * self.d.sum()}  # slope 3

    def generator_loss(self, real: Batch) -> Losses:
        self.note("G", real.images.item())
        return {"fool": self.g.sum() + real.images.sum()}  # slope 1

    def critic_steps(self, step: int) -> int:
        return self.steps[step]

    def schedule(self, step: int, optimisers: Mapping[str, torch.optim.Optimizer]) -> None:
        assert set(optimisers) == {"discriminator", "generator"}
        self.note("schedule", step)

    def after_discriminator_step(self) -> None:
        self.note("after D")

    def after_step(self, terms: Losses) -> Losses:
        self.note("after", {name: term.item() for name, term in terms.items()})
        return {"k": torch.tensor(7.0)}

    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        return {
            "discriminator": torch.optim.SGD([self.d], lr=1.0),
            "generator": torch.optim.SGD([self.g], lr=1.0),
        }


class Numbers:
    """Batches whose one pixel is their index."""

    def __getitem__(self, index: int) -> Batch:
        return Batch(torch.full((1, 1, 1, 1), float(index)), None)


def begin(*critic_steps: int, precision: str = "fp32") -> tuple[Diary, State, Iterable[Any]]:
    diary = Diary(critic_steps)
    diary.eval()
    state = start(diary, decay=0.0)
    autocast = choose_autocast(precision, torch.device("cpu"))
    return diary, state, train(state, Numbers(), autocast)


def averaged(state: State) -> Tensor:
    (weight,) = state.average.generator.parameters()
    return weight


def test_two_steps_are_these_calls_in_this_order() -> None:
    """Two critic steps, then one: each with a batch of its own, the generator with the last."""
    diary, _, steps = begin(2, 1, precision="bf16")
    metrics = list(islice(steps, 2))
    d, g = {"d"}, {"g"}
    one = {"discriminator/real": -3, "discriminator/fake": -6, "generator/fool": 1}
    two = {"discriminator/real": -6, "discriminator/fake": -12, "generator/fool": 2 - 1}
    assert diary.pages == [
        ("schedule", 0, {"d", "g"}, False, (0, 0)),
        ("D", 0, d, True, (0, 0)),
        ("after D", d, False, (-3, 0)),
        ("D", 1, d, True, (-3, 0)),
        ("after D", d, False, (-6, 0)),
        ("G", 1, g, True, (-6, 0)),
        ("after", one, g, False, (-6, -1)),
        ("schedule", 1, g, False, (-6, -1)),
        ("D", 2, d, True, (-6, -1)),
        ("after D", d, False, (-9, -1)),
        ("G", 2, g, True, (-9, -1)),
        ("after", two, g, False, (-9, -2)),
    ]
    for found, expected in zip(metrics, (one, two), strict=True):
        values = {name: value.item() for name, value in found.items()}
        assert values == {**expected, "variant/k": 7}
        assert not any(value.requires_grad for value in found.values())


def test_a_state_is_named_field_by_field() -> None:
    kind: Any = State
    with pytest.raises(TypeError):
        kind(Diary(()), None, {})


def test_the_state_is_whole_between_steps() -> None:
    diary, state, steps = begin(2, 3, 1)
    assert (state.step, state.batch) == (0, 0)
    for expected, _ in zip([(1, 2), (2, 5), (3, 6)], steps, strict=False):
        assert (state.step, state.batch) == expected
        assert averaged(state).item() == diary.g.item() == -expected[0]


def test_it_goes_on_where_a_state_stopped() -> None:
    diary, state, steps = begin(1, 1, 2, 1)
    state.step, state.batch = 2, 40
    next(iter(steps))
    assert [page[:2] for page in diary.pages if page[0] in {"schedule", "D", "G"}] == [
        ("schedule", 2),
        ("D", 40),
        ("D", 41),
        ("G", 41),
    ]
    assert (state.step, state.batch) == (3, 42)


def test_the_average_forgets_its_start_by_the_number_of_the_step() -> None:
    """At step 0 its decay is 1/4: it has moved 3/4 of the way to -1."""
    diary = Diary((1, 1))
    state = start(diary, decay=0.999)
    steps = train(state, Numbers(), choose_autocast("fp32", torch.device("cpu")))
    next(steps)
    average = averaged(state)
    assert average.item() == pytest.approx(-0.75)
    next(steps)  # then 2/5
    assert average.item() == pytest.approx(-2 + 2 / 5 * (2 - 0.75))
