"""The only loop. It knows no variant: it steps two optimisers in turn and averages a generator."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from training.average import Average
from training.data import Batch
from training.variant import Losses, Variant

Metrics = dict[str, Tensor]
"""The terms of one step, still on the device: read them seldom."""


class Source(Protocol):
    """Real batches by number, so that a resumed run goes on with the one that it would have had."""

    def __getitem__(self, index: int) -> Batch: ...


@dataclass(kw_only=True)
class State:
    """All that a run is, between two steps."""

    variant: Variant
    average: Average
    optimisers: Mapping[str, torch.optim.Optimizer]
    step: int = 0
    batch: int = 0


def start(variant: Variant, decay: float) -> State:
    """Begin a run at step 0."""
    return State(
        variant=variant,
        average=Average(variant.generator, decay),
        optimisers=variant.optimisers(),
    )


def train(state: State, batches: Source, autocast: torch.autocast) -> Iterator[Metrics]:
    """Train for ever, one generator step at a time; the caller decides when to stop or save.

    Between two steps `state` is whole: what is saved there resumes bit for bit.
    """
    variant = state.variant.train()
    while True:
        metrics: Metrics = {}
        variant.schedule(state.step, state.optimisers)
        for _ in range(variant.critic_steps(state.step)):
            real = batches[state.batch]
            only(variant, variant.discriminator_parameters())
            with autocast:
                losses = variant.discriminator_loss(real)
            descend(losses, state.optimisers["discriminator"])
            variant.after_discriminator_step()
            state.batch += 1
            metrics |= named("discriminator", losses)
        only(variant, variant.generator_parameters())
        with autocast:
            losses = variant.generator_loss(real)
        descend(losses, state.optimisers["generator"])
        state.average.update(variant.generator, state.step)
        metrics |= named("generator", losses)
        metrics |= {f"variant/{name}": value for name, value in variant.after_step(metrics).items()}
        state.step += 1
        yield metrics


def only(variant: nn.Module, learners: Iterable[nn.Parameter]) -> None:
    """Let the learners alone require gradients: nothing else gets a graph or a gradient."""
    variant.requires_grad_(False)
    for parameter in learners:
        parameter.requires_grad_(True)


def descend(losses: Losses, optimiser: torch.optim.Optimizer) -> None:
    """Take one step down the sum of the terms."""
    optimiser.zero_grad()
    torch.stack(list(losses.values())).sum().backward()
    optimiser.step()


def named(network: str, losses: Losses) -> Metrics:
    """Prefix each term with the network that minimises it."""
    return {f"{network}/{term}": value.detach() for term, value in losses.items()}
