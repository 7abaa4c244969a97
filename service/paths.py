"""Paths: the latents on the way from keyframe to keyframe."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]


def stops(keyframes: int, steps: int, *, loop: bool) -> Doubles:
    """Spread `steps` places evenly: 0 is the first keyframe, 1 the second, and so on.

    A loop goes on to the first keyframe again and ends one place before it.
    """
    if loop:
        return np.linspace(0, keyframes, steps, endpoint=False)
    return np.linspace(0, keyframes - 1, steps)


def slerp(a: Floats, b: Floats, share: Doubles) -> Floats:
    """Move along the arc from each a (n, d) to its b, `share` (n,) of the way (Shoemake 1985).

    The length moves from |a|'s to |b|'s, so that no point is nearer 0 than a draw would be.
    Parallel or opposite ends have no one arc: there it is a straight line.
    """
    lengths_a, lengths_b = (np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
    unit_a, unit_b = a / lengths_a, b / lengths_b
    angle = np.arccos(np.clip((unit_a * unit_b).sum(1, keepdims=True), -1, 1))
    t = share[:, None]
    bent = np.sin(angle) > 1e-4
    safe = np.where(bent, np.sin(angle), 1.0)
    arc = (np.sin((1 - t) * angle) * unit_a + np.sin(t * angle) * unit_b) / safe
    on_arc = arc * ((1 - t) * lengths_a + t * lengths_b)
    return np.where(bent, on_arc, lerp(a, b, share)).astype(np.float32)


def lerp(a: Floats, b: Floats, share: Doubles) -> Floats:
    """Move along the line from each a (n, d) to its b, `share` (n,) of the way."""
    t = share[:, None]
    return ((1 - t) * a + t * b).astype(np.float32)


METHODS = {"slerp": slerp, "lerp": lerp}
