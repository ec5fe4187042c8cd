"""How much of an answer may be rounding: every intermediate result is changed by a random part of
itself, as if each operation had rounded more coarsely, and the answer is seen to move.

A number that is what remains when large ones cancel tells nothing about its rounding by its own
size; this does, whatever the operations are (Vignes, A stochastic arithmetic for reliable
scientific computation, 1993).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.node import Node
from autograd.engine.op import Array
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.gradcheck.numeric.function import Recording
from autograd.graph.graph import Graph

__all__ = ["rounded", "rounding_of_gradients", "rounding_of_values"]

_CHANGES = (2.0**-10, 2.0**-20)  # relative: the wide one for ties that break, the narrow for curves
_DRAWS = 3
_SINGLE = {"f": np.float32, "c": np.complex64}
_ROUNDINGS = 16.0  # by which values are changed: enough to be more than those that they have


def rounding_of_gradients(
    recording: Recording,
    us: Array,
    rng: np.random.Generator,
    given: Array | None = None,
    least: bool = False,
) -> Array:
    """The sizes of what cancels in Jᵀu for each u: rounding is this times the machine epsilon.

    `given` are the Jᵀu, where they are known. The `least` that it is two draws tell of nine: they
    are enough where that explains all there is to explain.
    """

    def moved(other: Recording, eps: float) -> Array:
        apart = np.abs(np.stack([other.vjp(u) for u in us]) - still)
        return np.nan_to_num(apart / eps, posinf=0.0)

    def worst(other: Callable[[], Recording], eps: float) -> Array:
        found = [np.zeros(still.shape)]
        for _ in range(1 if least else _DRAWS):
            with suppress(Exception):  # a change may leave the domain of an operation
                found.append(moved(other(), eps))
        return np.max(found, axis=0)

    def in_single() -> Recording:
        def change(value: Any) -> Any:
            return (value * _factor(value, single, rng)).astype(_SINGLE[value.dtype.kind])

        return _again(recording, change, inputs=True)

    still = np.stack([recording.vjp(u) for u in us]) if given is None else given
    single = float(np.finfo(np.float32).eps)
    sizes = [worst(partial(rounded, recording, eps, rng, leaves=True), eps) for eps in _CHANGES]
    if least:
        return np.min(sizes, axis=0)
    # what cancels inside of an operation, or of a rule, shows only where it is computed in fewer
    # digits, with inputs of as few
    return np.fmax(np.min(sizes, axis=0), worst(in_single, single))


def rounding_of_values(
    recording: Recording, rng: np.random.Generator, times: float = _ROUNDINGS
) -> Array:
    """By how much the rounding of each operation moves the outputs, from changes of some `times`
    what it is: a wave that is through with its range moves no further, and by less of them."""

    def change(value: Any) -> Any:
        return value * _factor(value, times * float(np.finfo(value.dtype).eps), rng)

    moved = [np.zeros(recording.value.shape)]
    for _ in range(_DRAWS):
        with suppress(Exception):
            moved.append(np.abs(_again(recording, change).value - recording.value))
    moved = moved[1:] or moved
    # the middle one: a value that jumps does so for half of the signs
    return np.nan_to_num(np.median(moved, axis=0) / times)


def rounded(
    recording: Recording, eps: float, rng: np.random.Generator, leaves: bool = False
) -> Recording:
    """The same once more, each result changed by eps of itself, forward and then backward too.

    With `leaves` the inputs as well: what cancels inside of the first operation shows then.
    """
    return _again(recording, lambda value: value * _factor(value, eps, rng), leaves)


def _again(recording: Recording, change: Callable[[Any], Any], inputs: bool = False) -> Recording:
    """The same once more on new leaves, with the result of each operation changed."""
    roots = [y for y in recording.outputs if y._node is not None]
    if not roots:
        return recording
    graph = Graph(*roots)
    known = set(graph.leaves)
    leaves = [wrap(leaf._value).requires_grad_() for leaf in recording.leaves]
    if inputs:
        leaves = [wrap(change(leaf.detach())._value).requires_grad_() for leaf in leaves]
    given = {
        old._node: new
        for old, new in zip(recording.leaves, leaves, strict=True)
        if old._node in known
    }

    def changed(node: Node, value: Any) -> Any:
        kind = getattr(getattr(value, "dtype", None), "kind", "")
        if kind not in ("f", "c") or node.is_leaf:
            return value
        other = change(value)
        if type(value) in tensor_types:  # what hangs on no new leaf stays an array
            _save(value, other._value.astype(value.dtype)[()])
        return other

    values = graph.values(given, changed)
    return Recording(leaves, [y if y._node is None else values[y._node] for y in recording.outputs])


def _save(value: Any, changed: Any) -> None:
    """Let the rules of an operation see its changed result, where they keep the result."""
    node = value._node
    if node is not None and node.saved:
        node.saved = tuple(changed if kept is value._value else kept for kept in node.saved)


def _factor(value: Any, size: float, rng: np.random.Generator) -> Any:
    drawn = rng.uniform(0.5, 1.5, value.shape) * rng.choice([-1.0, 1.0], value.shape)
    factor = np.asarray(1 + size * drawn).astype(np.zeros((), value.dtype).real.dtype)
    return factor if factor.ndim else factor[()]
