"""Elements chosen by conditions or numbers: NumPy's select, choose, piecewise, compress."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.dispatch import is_symbolic
from autograd.engine.operands import joined
from autograd.engine.trail import computed, seen
from autograd.errors import ArgumentError, DTypeError
from autograd.extend import Array, composite, draw, sample, samples
from autograd.ops.indexing.index import setitem
from autograd.ops.indexing.take import take
from autograd.ops.shape.join import stack
from autograd.ops.shape.rank import ravel

_MASK = np.array([[True, False, True], [False, False, True]])


def _bool(condition: Any) -> Any:
    """A condition as a mask, outside the graph."""
    condition = joined(condition)
    if is_symbolic(condition):
        return condition
    mask = condition if hasattr(condition, "dtype") else np.asarray(condition)
    if mask.dtype.kind not in "biufc":
        raise DTypeError(f"a condition holds booleans or numbers, not {mask.dtype}")
    return mask if mask.dtype == bool else np.not_equal(mask, 0)


@composite(
    "xᵢ if i",
    samples=samples(
        lambda: sample(_MASK, ~_MASK, draw(2, 3), draw(3), draw()),
        lambda: sample(_MASK, draw(2, 3), draw(2, 1)),
    ),
    reference=lambda *xs: np.select(list(xs[: len(xs) // 2]), list(xs[len(xs) // 2 : -1]), xs[-1]),
)
def _select(*xs: Array) -> Array:
    half = len(xs) // 2
    result: Array = xs[-1]
    for condition, choice in zip(xs[:half][::-1], xs[half:-1][::-1], strict=True):
        result = np.where(_bool(condition), choice, result)
    return result


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Array:
    """Of each element the choice of the first condition that holds, else the default.

    `condlist` are the conditions, `choicelist` as many arrays; all broadcast, with `default`.

    Shape: that to which all broadcast.

    >>> import autograd as ag
    >>> x = ag.Tensor([-2.0, 0.5, 3.0])
    >>> ag.select([x < 0, x > 1], [-x, x * x])
    Tensor([2., 0., 9.], dtype=float32)
    """
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ArgumentError(
            f"select: {len(condlist)} conditions and {len(choicelist)} choices; one for each"
        )
    return _select(*condlist, *choicelist, default)


def _in_range(a: Array, count: int) -> Array:
    if np.any((a < 0) | (a >= count)):
        raise ArgumentError(f"choose: a goes from 0 to {count - 1}, the number of choices less 1")
    return a


@composite(
    "xᵢ by i",
    samples=samples(
        lambda: sample(np.array([[0, 1, 1], [1, 0, 0]]), draw(2, 3), draw(3)),
        lambda: sample(np.array([4, -1, 1]), draw(3), draw(), mode="wrap"),
        lambda: sample(np.array([4, -1, 1]), draw(3), draw(3), mode="clip"),
    ),
    reference=lambda a, *choices, mode="raise": np.choose(a, list(choices), mode=mode),
)
def _choose(*xs: Array, mode: str = "raise") -> Array:
    a, count = xs[0], len(xs) - 1
    if mode not in ("raise", "wrap", "clip"):
        raise ArgumentError(f"choose: mode is 'raise', 'wrap' or 'clip', not {mode!r}")
    if mode == "wrap":
        a = a % count
    elif mode == "clip":
        a = np.clip(a, 0, count - 1)
    elif not is_symbolic(a):
        a = computed(_in_range, a, count=count)
    result: Array = xs[1]
    for number, choice in enumerate(xs[2:], 1):
        result = np.where(np.equal(a, number), choice, result)
    return result + np.zeros(np.shape(a), bool) if np.ndim(result) < np.ndim(a) else result


def choose(a: Array, choices: Any, mode: str = "raise") -> Array:
    """Of each element that of the array which `a` names by its number.

    `choices` are the arrays, in a list or along a first axis; `mode` says what becomes of a number
    out of range: "raise", "wrap" or "clip".

    Shape: that to which `a` and all choices broadcast.

    >>> import autograd as ag
    >>> ag.choose([1, 0], [ag.Tensor([1.0, 2.0]), ag.Tensor([3.0, 4.0])])
    Tensor([3., 2.], dtype=float32)
    """
    if isinstance(choices, str) or not len(choices):
        raise ArgumentError(f"choose: choices are arrays, one or more, not {choices!r:.60}")
    return _choose(a, *choices, mode=mode)


def _depth(value: Any) -> int:
    """The axes of an array or of nested lists, some of them of Tensors."""
    if hasattr(value, "ndim"):
        return int(value.ndim)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, (list, tuple)) else 0


def piecewise(x: Array, condlist: Any, funclist: Sequence[Any], *args: Any, **kwargs: Any) -> Array:
    """Of each element what the function says whose condition holds: the last one that does.

    `condlist` are masks; of the `funclist`, functions or numbers, one more than there are masks is
    for the other elements, which are 0 without it. A function sees the elements that are its own
    alone, and the `args` and `kwargs`.

    Shape: that of x.

    >>> import autograd as ag
    >>> x = ag.Tensor([-4.0, 9.0])
    >>> ag.piecewise(x, [x >= 0], [ag.sqrt, 0.0])
    Tensor([0., 3.], dtype=float32)
    """
    shape = np.shape(x)
    masks = [condlist] if _depth(condlist) < 1 + bool(shape) else list(condlist)
    masks = [np.broadcast_to(np.asarray(seen(_bool(mask))), shape) for mask in masks]
    if len(funclist) == len(masks) + 1:
        masks.append(~np.any(masks, axis=0))
    if len(funclist) != len(masks):
        raise ArgumentError(
            f"piecewise: {len(masks)} conditions and {len(funclist)} functions; one for each, or "
            "one more"
        )
    result = np.zeros_like(x)
    for mask, function in zip(masks, funclist, strict=True):
        if not isinstance(function, Callable):  # type: ignore[arg-type]
            result = setitem(result, function, mask)
        elif np.any(mask):
            result = setitem(result, function(x[mask], *args, **kwargs), mask)
    return result


@composite(
    "x where c",
    counts=True,
    samples=samples(
        lambda: sample(np.array([True, False, True]), draw(2, 3), axis=1),
        lambda: sample(np.array([0, 1, 1]), draw(2, 3)),
        lambda: sample(np.array([True, False]), draw(2, 3), axis=0),
    ),
)
def compress(condition: Array, x: Array, /, axis: int | None = None) -> Array:
    """The slices of an axis, or the elements of the flat array, for which a condition holds.

    The `condition` is 1-D; where it is shorter, the rest is left out.

    Shape: (..., N, ...) -> (..., count, ...) along `axis`; without it (count,).

    >>> import autograd as ag
    >>> ag.compress([True, False, True], ag.Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 3.], dtype=float32)
    """
    places = computed(np.flatnonzero, _bool(condition))
    return take(ravel(x) if axis is None else x, places, axis=axis or 0)


@composite(
    "x where c",
    counts=True,
    samples=samples(lambda: sample(_MASK, draw(2, 3)), lambda: sample(_MASK * 0, draw(2, 3))),
)
def extract(condition: Array, x: Array, /) -> Array:
    """The elements for which a condition holds, in a row.

    The `condition` has as many elements as x.

    Shape: any -> (count,).

    >>> import autograd as ag
    >>> ag.extract([True, False, True], ag.Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 3.], dtype=float32)
    """
    return compress(ravel(condition), x)


@composite(
    "f(x) along an axis",
    samples=samples(
        lambda: sample(draw(2, 3), func1d=np.cumsum, axis=1),
        lambda: sample(draw(2, 3), func1d=np.sum, axis=0),
        lambda: sample(draw(2, 3, 2), func1d=np.diff, axis=-2),
    ),
    reference=lambda x, func1d, axis: np.apply_along_axis(func1d, axis, x),
)
def _apply(x: Array, /, func1d: Any, axis: int, args: Any = (), kwargs: Any = None) -> Array:
    x = np.moveaxis(x, axis, -1)
    before = np.shape(x)[:-1]
    rows = x.reshape((-1, np.shape(x)[-1]))
    found = [func1d(row, *args, **(kwargs or {})) for row in rows]
    if not found:
        raise ArgumentError(
            "apply_along_axis: there is no slice that tells what the function gives"
        )
    whole: Array = stack([joined(part) if isinstance(part, list) else part for part in found])
    inner = np.shape(whole)[1:]
    whole = whole.reshape((*before, *inner))
    place = axis % (len(before) + 1)
    return np.moveaxis(
        whole, tuple(range(len(before), len(before) + len(inner))),
        tuple(range(place, place + len(inner))),
    ) if inner else whole  # fmt: skip


def apply_along_axis(func1d: Any, axis: int, x: Array, *args: Any, **kwargs: Any) -> Array:
    """What a function makes of each 1-D slice of x along an axis.

    `func1d` is called once for a slice, with the `args` and `kwargs`; prefer functions that take an
    axis.

    Shape: (..., N, ...) -> the axes of what the function gives in the place of `axis`.

    >>> import autograd as ag
    >>> ag.apply_along_axis(ag.cumsum, 0, ag.Tensor([1.0, 2.0, 3.0]))
    Tensor([1., 3., 6.], dtype=float32)
    """
    return _apply(x, func1d, axis, args, kwargs)


def apply_over_axes(func: Any, x: Array, axes: Any) -> Array:
    """What a reduction makes of x, one axis after the other, each kept with length 1.

    `func` is called as func(x, axis) for each of the `axes`.

    Shape: any -> the same, with length 1 at `axes`.

    >>> import autograd as ag
    >>> ag.apply_over_axes(ag.sum, ag.Tensor([[1.0, 2.0]]), [0, 1])
    Tensor([[3.]], dtype=float32)
    """
    ndim = np.ndim(x)
    for axis in np.ravel(np.asarray(seen(axes))).tolist():
        reduced = func(x, axis)
        if np.ndim(reduced) == ndim - 1:
            reduced = np.expand_dims(reduced, axis)
        if np.ndim(reduced) != ndim:
            raise ArgumentError("apply_over_axes: the function gives another number of axes")
        x = reduced
    return x
