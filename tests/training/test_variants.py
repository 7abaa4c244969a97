"""What holds for every variant: found by their files, so that a new one is tested by existing."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from models import networks
from models.card import HEADS
from models.errors import UserError
from service.opinion import realness
from training import variants
from training.data import Batch
from training.hardware import choose_autocast
from training.loop import descend, only, start, train
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
def test_every_term_teaches_its_network(name: str, make: Make, real: Batch) -> None:
    """Trap (TorchGAN, ZN): a term that is added up but has no gradient."""
    variant = make(name)
    only(variant, variant.discriminator_parameters())
    for term, loss in variant.discriminator_loss(real).items():
        assert loss.requires_grad, term
    only(variant, variant.generator_parameters())
    for term, loss in variant.generator_loss(real).items():
        assert loss.requires_grad, term


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


class Reads(TorchFunctionMode):
    """Counts what makes the program wait for the device: a tensor's value that Python asks for."""

    names = ("item", "tolist", "numpy", "cpu", "__bool__", "__float__", "__int__", "__index__")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") in self.names:
            self.found.append(func.__name__)
        return func(*args, **(kwargs or {}))


def test_reading_a_value_is_seen() -> None:
    with Reads() as reads:
        assert torch.ones(()) > 0
        float(torch.ones(()).item())
    assert reads.found == ["__bool__", "item"]


@everyone
def test_no_step_reads_a_value_off_the_device(name: str, make: Make, real: Batch) -> None:
    """Trap (nearly all): `.item()` at each step, for which a GPU has to stand still."""
    state = start(make(name), decay=0.9)
    with Reads() as reads:
        steps = train(state, [real] * 20, choose_autocast("fp32", torch.device("cpu")))
        list(islice(steps, 2))
    assert reads.found == []


@pytest.mark.gpu
@everyone
def test_no_step_waits_for_a_gpu(name: str, make: Make, real: Batch) -> None:
    """As above, by what CUDA itself calls a synchronisation."""
    device = torch.device("cuda")
    state = start(make(name).to(device), decay=0.9)
    known = real.known and Batch(real.known.images.to(device), move(real.known.labels, device))
    batch = Batch(real.images.to(device), move(real.labels, device), known)
    steps = train(state, [batch] * 40, choose_autocast("bf16", device))
    list(islice(steps, 2))  # the first steps set things up
    torch.cuda.set_sync_debug_mode("error")
    try:
        list(islice(steps, 2))
    finally:
        torch.cuda.set_sync_debug_mode("default")


def move(labels: Tensor | None, device: torch.device) -> Tensor | None:
    return None if labels is None else labels.to(device)


@everyone
def test_each_network_is_stepped_by_one_optimiser(name: str, make: Make) -> None:
    """Trap (HW, ACGAN): a third optimiser that steps both networks on one loss."""
    variant = make(name)
    stepped = [
        id(p) for o in variant.optimisers().values() for g in o.param_groups for p in g["params"]
    ]
    assert sorted(stepped) == sorted(id(p) for p in variant.parameters())


@everyone
def test_the_discriminators_step_moves_the_discriminator_alone(
    name: str, make: Make, real: Batch
) -> None:
    """Trap (PG, DRAGAN): D's loss is never propagated back, and D stays as it was."""
    variant = make(name)
    only(variant, variant.discriminator_parameters())
    kept = {key: p.clone() for key, p in variant.named_parameters()}
    descend(variant.discriminator_loss(real), variant.optimisers()["discriminator"])
    moved = {key for key, p in variant.named_parameters() if not p.equal(kept[key])}
    assert moved
    assert all(key.startswith("discriminator.") for key in moved)


@everyone
def test_rates_fall_on_a_line_where_a_decay_is_asked_for(name: str, make: Make) -> None:
    def rates(step: int, **hyper: Any) -> list[float]:
        variant = make(name, **hyper)
        optimisers = variant.optimisers()
        variant.schedule(step, optimisers)
        return [group["lr"] for o in optimisers.values() for group in o.param_groups]

    for step, left in ((0, 1.0), (25, 0.75), (50, 0.5), (100, 0.0), (101, 0.0)):
        assert rates(step, decay=100) == pytest.approx([left * x for x in rates(step)])
    assert min(rates(1_000_000)) > 0


@everyone
def test_the_generator_may_have_a_rate_of_its_own(name: str, make: Make) -> None:
    variant = make(name, learning_rate=3e-4, generator_learning_rate=7e-4)
    optimisers = variant.optimisers()
    for _ in range(2):
        (d,), (g,) = (optimisers[k].param_groups for k in ("discriminator", "generator"))
        assert (d["lr"], g["lr"]) == pytest.approx((3e-4, 7e-4))
        variant.schedule(0, optimisers)


@everyone
def test_its_verdict_tells_real_from_generated(name: str, make: Make, real: Batch) -> None:
    """After a few steps of the discriminator, by the rule by which a service would answer."""
    torch.manual_seed(0)
    variant: Any = make(name, learning_rate=2e-3)
    optimiser = variant.optimisers()["discriminator"]
    only(variant, variant.discriminator_parameters())
    for _ in range(100):
        descend(variant.discriminator_loss(real), optimiser)
        variant.after_discriminator_step()
    labels = real.labels if variant.conditional else None
    fake = variant.generate(real.images, labels)
    scores = [verdict(variant, x, labels) for x in (real.images, fake)]
    assert (scores[0] > scores[1]) != (variant.verdict == "energy"), scores


def test_a_verdict_of_a_head_that_is_not_there_is_found_before_training() -> None:
    class Wrong(variants.find("dcgan")):  # type: ignore[misc]
        verdict = "energy"

    with pytest.raises(ValueError, match="Wrong's verdict is energy, of a head energy: its heads"):
        Wrong(Task(channels=1, size=8, classes=4), Wrong.Hyper())


@torch.no_grad()
def verdict(variant: Any, x: Tensor, labels: Tensor | None) -> float:
    """Return the mean verdict on images."""
    head = variant.discriminator(x, labels)[HEADS[variant.verdict]].reshape(len(x), -1)
    rows = head.double().numpy()
    return sum(realness(variant.verdict, row) for row in rows) / len(rows)


@everyone
def test_batch_normalisation_has_the_usual_epsilon(name: str, make: Make) -> None:
    """Trap (PG): `BatchNorm2d(c, 0.8)` sets eps, where momentum is meant."""
    for module in make(name).modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            assert (module.eps, module.momentum) == (1e-5, 0.1)


@everyone
def test_its_description_rebuilds_its_networks(name: str, make: Make) -> None:
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
    said = ""
    try:
        variant = kind(task, kind.Hyper())
    except UserError as error:
        said = str(error)
    else:
        assert not kind.conditional
        assert variant.generator.classes == variant.labelled == 0
    if said:
        assert "learns classes but the data has no labels" in said
        assert kind.conditional or make(name).labelled


@everyone
def test_z_is_drawn_from_a_centred_normal(name: str, make: Make) -> None:
    """Trap (ZN): z is drawn from U(0, 1), which is not centred."""
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
