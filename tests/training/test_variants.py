"""What holds for every variant: found by their files, so that a new one is tested by existing."""

from collections.abc import Callable, Iterable

import pytest
import torch
from torch import nn

from models.errors import UserError
from training import variants
from training.data import Batch
from training.loop import only
from training.variant import Losses, Task, Variant

Make = Callable[..., Variant]
everyone = pytest.mark.parametrize("name", variants.names())


def reached(parameters: Iterable[nn.Parameter]) -> int:
    """Count the parameters that a gradient other than zero has reached."""
    return sum(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in parameters)


def backward(losses: Losses) -> None:
    torch.stack(list(losses.values())).sum().backward()


@everyone
def test_the_discriminators_step_reaches_the_discriminator_alone(
    name: str, make: Make, real: Batch
) -> None:
    variant = make(name)
    only(variant, variant.discriminator_parameters())
    backward(variant.discriminator_loss(real))
    assert reached(variant.discriminator.parameters()) > 0
    assert all(p.grad is None for p in variant.generator.parameters())


@everyone
def test_the_generators_step_reaches_the_generator_alone(
    name: str, make: Make, real: Batch
) -> None:
    variant = make(name)
    only(variant, variant.generator_parameters())
    backward(variant.generator_loss(real))
    learners = list(variant.generator_parameters())
    assert reached(learners) >= len(learners) - 1  # a class that the batch lacks learns nothing
    others = {id(p) for p in learners}
    assert all(p.grad is None for p in variant.parameters() if id(p) not in others)


@everyone
def test_no_graph_of_the_generator_is_built_in_the_discriminators_step(
    name: str, make: Make, real: Batch
) -> None:
    variant = make(name)
    only(variant, variant.discriminator_parameters())
    assert not variant.generate(
        real.images, real.labels if variant.conditional else None
    ).requires_grad


@everyone
def test_losses_are_finite_scalars_and_two_optimisers_step_them(
    name: str, make: Make, real: Batch
) -> None:
    variant = make(name)
    for losses in (variant.discriminator_loss(real), variant.generator_loss(real)):
        assert losses
        assert all(term.shape == () and term.isfinite() for term in losses.values())
    assert set(variant.optimisers()) == {"discriminator", "generator"}


@everyone
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_both_networks_learn_in_a_step(name: str, precision: str, make: Make, real: Batch) -> None:
    from training.hardware import choose_autocast
    from training.loop import start, train

    variant = make(name)
    state = start(variant, decay=0.9)
    before = [p.detach().clone() for p in variant.parameters()]
    averaged = [p.clone() for p in state.average.generator.parameters()]
    next(train(state, [real] * 100, choose_autocast(precision, torch.device("cpu"))))
    moved = [not torch.equal(a, b) for a, b in zip(before, variant.parameters(), strict=True)]
    assert sum(moved) >= len(moved) - 1
    follows = zip(averaged, state.average.generator.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in follows)
    assert state.step == 1
    assert state.batch == variant.critic_steps(0)


@everyone
def test_its_description_rebuilds_its_networks(name: str, make: Make) -> None:
    from models import networks

    variant = make(name)
    generator = networks.build(
        networks.GENERATORS, variant.generator_network, variant.generator_arguments()
    )
    generator.load_state_dict(variant.generator.state_dict())
    judge = networks.build(
        networks.DISCRIMINATORS,
        variant.discriminator_network,
        variant.discriminator_arguments(),
    )
    judge.load_state_dict(variant.discriminator.state_dict())


@everyone
def test_it_names_its_paper_and_its_formulas(name: str) -> None:
    kind = variants.find(name)
    assert kind.__doc__ is not None
    assert "D:" in kind.__doc__
    assert "G:" in kind.__doc__
    assert all(field.description for field in kind.Hyper.model_fields.values())


@everyone
def test_unknown_and_impossible_hyper_parameters_are_errors(name: str, make: Make) -> None:
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        make(name, learning_rat=1e-3)
    with pytest.raises(ValueError, match="greater than 0"):
        make(name, learning_rate=-1.0)


@everyone
def test_a_variant_that_learns_classes_asks_for_labels(name: str, make: Make) -> None:
    kind = variants.find(name)
    task = Task(channels=1, size=8, classes=0)
    try:
        assert kind(task, kind.Hyper()).generator.classes == 0
    except UserError as error:
        assert "learns classes but the data has no labels" in str(error)
        assert kind.conditional or make(name).labelled
    else:
        assert not kind.conditional


@everyone
def test_z_is_drawn_from_a_centred_normal(name: str, make: Make) -> None:
    """A published collection drew z from U(0, 1), which is not centred."""
    variant = make(name)
    drawn: list[torch.Tensor] = []
    variant.generator.register_forward_pre_hook(lambda _, inputs: drawn.append(inputs[0]))
    labels = torch.zeros(5000, dtype=torch.long) if variant.conditional else None
    with torch.no_grad():
        variant.generate(torch.empty(5000, 1), labels)
    z = drawn[0][:, : variant.hyper.latent]
    assert abs(z.mean().item()) < 0.05
    assert z.std().item() == pytest.approx(1, abs=0.05)


def test_unknown_variant_is_the_users_error() -> None:
    with pytest.raises(UserError, match="variant 'acgn' is unknown: did you mean 'acgan'"):
        variants.find("acgn")
