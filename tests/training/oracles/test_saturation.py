"""How much G learns from a D that is sure (Goodfellow 2014, §3)."""

import pytest

from tests.training.variants.rigged import Linear, Make, batch, rig

SLOPES = [(-20.0, 0.0, 1.0), (-2.0, 0.1192, 0.8808), (0.0, 0.5, 0.5), (20.0, 1.0, 0.0)]


@pytest.mark.parametrize(("logit", "minimax", "nonsaturating"), SLOPES)
@pytest.mark.parametrize("name", ["gan"])
def test_minimax_saturates_where_d_is_sure_and_its_replacement_does_not(
    make: Make, name: str, logit: float, minimax: float, nonsaturating: float
) -> None:
    """|d/dlogit| of log(1 - D) is D, of -log D it is 1 - D."""
    for loss, slope in (("minimax", minimax), ("nonsaturating", nonsaturating)):
        variant = rig(make, name, Linear(1 / 8), (logit,), loss=loss)  # its logit is the grey
        sum(variant.generator_loss(batch(0.0, 0.0)).values()).backward()
        assert abs(variant.generator.greys.grad.item()) == pytest.approx(slope, abs=1e-4)
