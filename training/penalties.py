"""Gradient penalties: where to sample x, and what norm the critic's gradient should have there."""

from collections.abc import Callable

import torch
from torch import Tensor

Critic = Callable[[Tensor], Tensor]


def between(real: Tensor, fake: Tensor) -> Tensor:
    """Draw one point on the line from each real image to its fake one: alpha is per sample.

    In float32, whatever precision the fake images were made in.
    """
    alpha = torch.rand(len(real), *[1] * (real.dim() - 1), device=real.device)
    return torch.lerp(real.float(), fake.detach().float(), alpha)


def gradient_norm(critic: Critic, x: Tensor) -> Tensor:
    """Norm of the critic's gradient at each x (B, ...), over the flattened sample: (B,).

    In float32 whatever the autocast: half precision loses the small gradients that are squared.
    """
    with torch.autocast(x.device.type, enabled=False):
        x = x.detach().float().requires_grad_()
        (gradient,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
        return gradient.flatten(1).norm(2, dim=1)


def two_sided(norm: Tensor, target: float = 1.0) -> Tensor:
    """Penalise a norm on either side of the target: E[(norm - target)^2]."""
    return (norm - target).square().mean()
