"""How much of an answer may be rounding: every intermediate result is changed by a random part of
itself, as if each operation had rounded more coarsely, and the answer is seen to move.

A number that is what remains when large ones cancel tells nothing about its rounding by its own
size; this does, and is first order in the change, so that it needs no knowledge of the operations
(Vignes, A stochastic arithmetic for reliable scientific computation, 1993).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.gradcheck.function import Recording
from autograd.graph import Graph
from autograd.node import Node, topological
from autograd.op import Array
from autograd.recorder import wrap

__all__ = ["rounded", "rounding_of_gradient", "rounding_of_values", "shaken"]

_CHANGE = 2.0**-20  # of each cotangent, relative: small enough to be first order
_DRAWS = 3
_ROUNDINGS = 16.0  # by which values are changed: enough to be more than those that they have
_KEY = -1  # no handle of a user's hook has this number


def shaken(compute: Callable[[], Array], graph: Iterable[Any], rng: np.random.Generator) -> Array:
    """The size of what cancels in a backward pass: rounding is this times the machine epsilon.

    `compute` runs the pass, through the recorded Tensors `graph` and what they hang on.
    """
    still = compute()
    moved = np.zeros(still.shape)
    for _ in range(_DRAWS):
        with _hooks(graph, rng):
            moved = np.fmax(moved, np.abs(compute() - still))
    return np.nan_to_num(moved / _CHANGE, posinf=0.0)


def rounding_of_gradient(recording: Recording, u: Array, rng: np.random.Generator) -> Array:
    """That of Jᵀu, element by element."""
    return shaken(lambda: recording.vjp(u), recording.outputs, rng)


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


@contextmanager
def _hooks(graph: Iterable[Any], rng: np.random.Generator) -> Iterator[None]:
    """Change each cotangent on its way while this is open."""

    def change(g: Any) -> Any:
        return wrap(g._value * _factor(g, _CHANGE, rng))

    nodes = [n for n in topological(y._node for y in graph if y._node) if not n.is_leaf]
    for node in nodes:
        extra = node.more()
        extra.hooks = {**(extra.hooks or {}), _KEY: change}
    try:
        yield
    finally:
        for node in nodes:
            hooks = node.more().hooks
            if hooks is not None:
                hooks.pop(_KEY, None)
