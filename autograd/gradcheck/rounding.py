"""How much of an answer may be rounding: every intermediate result is changed by a random part of
itself, as if each operation had rounded more coarsely, and the answer is seen to move.

A number that is what remains when large ones cancel tells nothing about its rounding by its own
size; this does, whatever the operations are (Vignes, A stochastic arithmetic for reliable
scientific computation, 1993).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.gradcheck.function import Recording
from autograd.graph import Graph
from autograd.node import Node
from autograd.op import Array
from autograd.recorder import wrap

__all__ = ["rounded", "rounding_of_gradients", "rounding_of_values"]

_CHANGES = (2.0**-10, 2.0**-20)  # relative: the wide one for ties that break, the narrow for curves
_DRAWS = 3
_ROUNDINGS = 16.0  # by which values are changed: enough to be more than those that they have


def rounding_of_gradients(recording: Recording, us: Array, rng: np.random.Generator) -> Array:
    """The sizes of what cancels in Jᵀu for each u: rounding is this times the machine epsilon."""
    still = np.stack([recording.vjp(u) for u in us])
    sizes = np.full(still.shape, np.inf)
    for eps in _CHANGES:
        moved = np.zeros(still.shape)
        for _ in range(_DRAWS):
            other = rounded(recording, eps, rng)
            moved = np.fmax(moved, np.abs(np.stack([other.vjp(u) for u in us]) - still))
        sizes = np.fmin(sizes, moved / eps)
    return np.nan_to_num(sizes, posinf=0.0)


def rounding_of_values(recording: Recording, rng: np.random.Generator) -> Array:
    """By how much the rounding of each operation moves the outputs."""
    moved = np.zeros((_DRAWS, recording.value.size))
    for draw in moved:
        draw[:] = np.abs(_again(recording, None, _ROUNDINGS, rng).value - recording.value)
    # the middle one: a value that jumps does so for half of the signs
    return np.nan_to_num(np.median(moved, axis=0) / _ROUNDINGS)


def rounded(recording: Recording, eps: float, rng: np.random.Generator) -> Recording:
    """The same once more, each result changed by eps of itself, forward and then backward too."""
    return _again(recording, eps, 1.0, rng)


def _again(
    recording: Recording, eps: float | None, times: float, rng: np.random.Generator
) -> Recording:
    roots = [y for y in recording.outputs if y._node is not None]
    if not roots:
        return recording
    graph = Graph(*roots)
    known = set(graph.leaves)
    leaves = [wrap(leaf._value).requires_grad_() for leaf in recording.leaves]
    given = {
        old._node: new
        for old, new in zip(recording.leaves, leaves, strict=True)
        if old._node in known
    }

    def change(node: Node, value: Any) -> Any:
        kind = getattr(getattr(value, "dtype", None), "kind", "")
        if kind not in ("f", "c") or node.is_leaf:
            return value
        own = float(np.finfo(value.dtype).eps) if eps is None else eps
        return value * _factor(value, times * own, rng)

    values = graph.values(given, change)
    return Recording(leaves, [y if y._node is None else values[y._node] for y in recording.outputs])


def _factor(value: Any, size: float, rng: np.random.Generator) -> Any:
    drawn = rng.uniform(0.5, 1.5, value.shape) * rng.choice([-1.0, 1.0], value.shape)
    factor = np.asarray(1 + size * drawn).astype(np.zeros((), value.dtype).real.dtype)
    return factor if factor.ndim else factor[()]
