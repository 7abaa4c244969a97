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


def near(real: Tensor) -> Tensor:
    """Move each image by up to half the batch's deviation, each pixel anew (DRAGAN)."""
    return real.float() + 0.5 * real.float().std() * torch.rand_like(real, dtype=torch.float32)


def near_normal(real: Tensor, deviation: float) -> Tensor:
    """Move each pixel by N(0, deviation^2) (DRAGAN, §2.3)."""
    return real.float() + deviation * torch.randn_like(real, dtype=torch.float32)


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


def hinged(norm: Tensor, target: float = 1.0) -> Tensor:
    """Penalise a squared norm above the target alone: E[max(0, norm^2 - target)]."""
    return (norm.square() - target).clamp(min=0).mean()


def squared(norm: Tensor) -> Tensor:
    """Penalise any slope: E[norm^2]."""
    return norm.square().mean()
