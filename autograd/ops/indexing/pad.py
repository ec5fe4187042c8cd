"""Repetition and padding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.engine.arguments import checked
from autograd.engine.checks import is_learned
from autograd.engine.missing import nearest
from autograd.engine.operands import holds_tensor, joined
from autograd.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.ops.elementwise.exponential import where
from autograd.ops.indexing.take import check_whole, take
from autograd.ops.shape.join import concat
from autograd.ops.shape.rank import expand_dims, ravel
from autograd.ops.shape.shape import astype, broadcast_to, normal_axis, reshape

Widths = tuple[tuple[int, int], ...]


@checked
@composite(
    "repeat x",
    samples=samples(
        lambda: sample(draw(2, 3), repeats=2),
        lambda: sample(draw(2, 3), repeats=2, axis=-1),
        lambda: sample(draw(2, 3), repeats=(1, 0, 2), axis=1),
        lambda: sample(draw(2), repeats=np.array([3]), axis=0),
        lambda: sample(draw(), repeats=3),
        lambda: sample(draw(0, 3), repeats=2, axis=0),
        lambda: sample(draw(2), repeats=0),
    ),
)
def repeat(x: Array, /, repeats: Any, axis: int | None = None) -> Array:
    """Each element (of flat x), or each slice along an axis, several times in a row.

    `repeats` is one number, or one for each; another count of them raises ShapeError.

    Shape: (..., N, ...) -> (..., Σ repeats, ...), or 1-D if `axis` is None.

    >>> import autograd as ag
    >>> ag.repeat(ag.Tensor([1.0, 2.0]), 2)
    Tensor([1., 1., 2., 2.], dtype=float32)
    """
    if axis is None:
        x, axis = ravel(x), 0
    check_whole("repeat", "repeats", repeats)
    counts = np.asarray(repeats)
    if np.any(counts < 0):
        raise ArgumentError(f"repeat: repeats must not be negative, got {repeats!r:.80}")
    axis = normal_axis(axis, np.ndim(x))
    length = np.shape(x)[axis]
    if counts.size != 1:
        if counts.shape != (length,):
            raise ShapeError(f"repeat: {counts.size} counts for the {length} slices of axis {axis}")
        return take(x, np.repeat(np.arange(length), counts), axis)
    count = int(counts.ravel()[0])
    shape = np.shape(x)
    x = broadcast_to(expand_dims(x, axis + 1), (*shape[: axis + 1], count, *shape[axis + 1 :]))
    return reshape(x, (*shape[:axis], length * count, *shape[axis + 1 :]))


repeat_interleave = repeat


@composite(
    "tile x",
    samples=samples(
        lambda: sample(draw(2, 3), reps=2),
        lambda: sample(draw(2, 3), reps=(2, 1, 3)),
        lambda: sample(draw(2), reps=(3, 2)),
        lambda: sample(draw(), reps=(2,)),
        lambda: sample(draw(2, 3), reps=(0, 1)),
    ),
)
def tile(x: Array, /, reps: int | tuple[int, ...]) -> Array:
    """x repeated as a whole, reps[i] times along axis i; missing axes and numbers count as 1.

    Shape: (M, N) -> (reps[0]·M, reps[1]·N).

    >>> import autograd as ag
    >>> ag.tile(ag.Tensor([1.0, 2.0]), 2)
    Tensor([1., 2., 1., 2.], dtype=float32)
    """
    times = (int(reps),) if isinstance(reps, (int, np.integer)) else tuple(map(int, reps))
    shape = (1,) * (len(times) - np.ndim(x)) + np.shape(x)
    times = (1,) * (len(shape) - len(times)) + times
    x = reshape(x, sum(((1, n) for n in shape), ()))
    x = broadcast_to(x, sum(((t, n) for t, n in zip(times, shape, strict=True)), ()))
    return reshape(x, tuple(t * n for t, n in zip(times, shape, strict=True)))


def _interior(shape: tuple[int, ...], pad_width: Widths) -> tuple[slice, ...]:
    return tuple(slice(b, b + n) for n, (b, _) in zip(shape, pad_width, strict=True))


@op(
    "pad x",
    x=lambda g, x_shape, pad_width: g[_interior(x_shape, pad_width)],
    linear=True,
    samples=samples(
        lambda: sample(draw(2, 3), pad_width=((1, 2), (0, 1))),
        lambda: sample(draw(3), pad_width=((0, 0),)),
        lambda: sample(draw(), pad_width=()),
        lambda: sample(draw(0, 2), pad_width=((1, 1), (1, 0))),
    ),
    reference=lambda x, pad_width: np.pad(x, pad_width) if pad_width else x,
)
def zero_pad(x: Array, /, pad_width: Widths) -> Array:
    """x with zeros around it: `pad_width` is (before, after) for every axis.

    Shape: (..., N, ...) -> (..., before + N + after, ...).

    >>> import autograd as ag
    >>> ag.zero_pad(ag.Tensor([1.0, 2.0]), ((1, 2),))
    Tensor([0., 1., 2., 0., 0.], dtype=float32)
    """
    if len(pad_width) != len(x.shape):
        raise ShapeError(
            f"zero_pad: pad_width has {len(pad_width)} pairs, and x is {x.shape}: one for each axis"
        )
    shape = tuple(b + n + a for n, (b, a) in zip(x.shape, pad_width, strict=True))
    out = np.zeros_like(x, shape=shape)
    out[_interior(x.shape, pad_width)] = x
    return out


# ---- one border, along one axis ------------------------------------------------------------------


def _ends(x: Array, axis: int) -> tuple[Array, Array]:
    """The first and the last slice of x, the axis kept."""
    return take(x, [0], axis), take(x, [x.shape[axis] - 1], axis)


def _column(values: Any, x: Array, axis: int) -> Array:
    """Numbers along one axis of x, of x's dtype."""
    return np.reshape(values, (-1,) + (1,) * (x.ndim - 1 - axis)).astype(x.dtype)


def _indexed(x: Array, width: tuple[int, int], axis: int, mode: str) -> Array:
    """Borders that repeat elements of x: pad their numbers, and take. The transpose adds."""
    return take(x, np.pad(np.arange(x.shape[axis]), width, mode), axis)  # type: ignore[call-overload]


def _reflected(x: Array, width: tuple[int, int], axis: int, mode: str, reflect_type: str) -> Array:
    """Reflection about the end values: "even" repeats elements, "odd" turns by half a turn.

    Two turns in a row, about both ends, are a shift by twice the length and, in height, by
    twice the difference of the ends. So a place `cells` reflections away from x is ± an element
    of x and multiples of the two ends.
    """
    even = _indexed(x, width, axis, mode)
    length = x.shape[axis]
    if reflect_type == "even" or (length == 1 and mode == "reflect"):
        return even
    if reflect_type != "odd":
        raise ArgumentError(f'pad: reflect_type must be "even" or "odd", not {reflect_type!r}')
    period = length - (mode == "reflect")
    cells = np.arange(-width[0], length + width[1]) // period
    cells[width[0] : width[0] + length] = 0  # the last element of x belongs to x
    odd = cells % 2
    first, last = _ends(x, axis)
    return (
        _column(1 - 2 * odd, x, axis) * even
        + _column(odd - cells, x, axis) * first
        + _column(odd + cells, x, axis) * last
    )


def _ramped(x: Array, width: tuple[int, int], axis: int, end_values: Any) -> Array:
    """Borders that run evenly from an end value to the first and last element of x."""
    _needs_floating(x, "linear_ramp")
    (before, after), (first, last) = width, _ends(x, axis)
    start, stop = end_values[0], end_values[1]
    up = _column(np.arange(before) / max(before, 1), x, axis)
    down = _column(np.arange(after)[::-1] / max(after, 1), x, axis)
    return concat([start + (first - start) * up, x, stop + (last - stop) * down], axis)


_STATISTICS: dict[str, Callable[..., Any]] = {
    "maximum": np.max, "mean": np.mean, "median": np.median, "minimum": np.min,
}  # fmt: skip


def _summarised(x: Array, width: tuple[int, int], axis: int, mode: str, stat_length: Any) -> Array:
    """Borders that hold a statistic of x, or of so many elements at each end."""
    if mode in ("mean", "median"):
        _needs_floating(x, mode)
    length = x.shape[axis]
    lengths = [length if n is None else min(int(n), length) for n in stat_length]
    near = (range(lengths[0]), range(length - lengths[1], length))
    borders = []
    for places, count in zip(near, width, strict=True):
        value = _STATISTICS[mode](take(x, list(places), axis), axis=axis, keepdims=True)
        borders.append(repeat(value, count, axis))
    return concat([borders[0], x, borders[1]], axis)


def _needs_floating(x: Array, mode: str) -> None:
    if x.dtype.kind not in "fc":
        raise DTypeError(f'pad: mode "{mode}" needs floating numbers, x is {x.dtype}')


# ---- the function --------------------------------------------------------------------------------

_OPTIONS: dict[str, dict[str, Any]] = {
    "constant": {"constant_values": 0}, "edge": {}, "wrap": {},
    "reflect": {"reflect_type": "even"}, "symmetric": {"reflect_type": "even"},
    "linear_ramp": {"end_values": 0}, "maximum": {"stat_length": None},
    "mean": {"stat_length": None}, "median": {"stat_length": None},
    "minimum": {"stat_length": None},
}  # fmt: skip


def _widths(pad_width: Any, ndim: int) -> Widths:
    """(before, after) for every axis from what NumPy allows: a number, a pair, pairs, a dict."""
    if isinstance(pad_width, Mapping):
        named = {axis % ndim: width for axis, width in pad_width.items()}
        pad_width = [np.broadcast_to(named.get(axis, 0), (2,)) for axis in range(ndim)]
    given = np.asarray(pad_width)
    if given.dtype.kind not in "iu" and given.size:
        raise DTypeError(f"pad: pad_width must be integers, not {given.dtype}")
    if np.any(given < 0):
        raise ArgumentError("pad: pad_width must not be negative; cut x with a slice instead")
    try:
        widths = np.broadcast_to(given, (ndim, 2))
    except ValueError:
        raise ShapeError(
            f"pad: pad_width has the shape {given.shape}, and x has {ndim} axes: give a number, a "
            f"pair, or a pair for each axis"
        ) from None
    return tuple((int(b), int(a)) for b, a in widths)


_MODES = samples(
    lambda: sample(draw(2, 3), pad_width=1),
    lambda: sample(draw(2, 3), pad_width=((1, 2), (0, 1)), constant_values=((1, 2), (3, 4))),
    lambda: sample(draw(3), pad_width=(4, 5), mode="edge"),
    lambda: sample(draw(2, 3), pad_width=((1, 0), (2, 4)), mode="reflect"),
    lambda: sample(draw(1, 4), pad_width=(2, 11), mode="reflect", reflect_type="odd"),
    lambda: sample(draw(2, 3), pad_width=((1, 0), (2, 4)), mode="symmetric"),
    lambda: sample(draw(1, 3), pad_width=(2, 10), mode="symmetric", reflect_type="odd"),
    lambda: sample(draw(2, 3), pad_width=((1, 0), (2, 4)), mode="wrap"),
    lambda: sample(draw(2, 3), pad_width=((1, 2), (3, 0)), mode="linear_ramp", end_values=(1, -2)),
    lambda: sample(draw(2, 3), pad_width=((1, 2), (3, 0)), mode="mean"),
    lambda: sample(draw(2, 3), pad_width=((1, 2), (3, 0)), mode="maximum", stat_length=2),
    lambda: sample(draw(2, 3), pad_width=((1, 2), (3, 0)), mode="minimum", stat_length=(1, 2)),
    lambda: sample(draw(0, 2), pad_width=1),
    lambda: sample(draw(), pad_width=1),
)


@composite("pad x", samples=_MODES)
def pad(x: Array, /, pad_width: Any, mode: str = "constant", **options: Any) -> Array:
    """x with borders, in all of NumPy's modes: constant, edge, reflect, symmetric, wrap, ...

    `pad_width` is a number, a pair (before, after), a pair for each axis, or a dict of axes. The
    `options` are NumPy's: constant_values; end_values of "linear_ramp"; reflect_type ("even",
    "odd") of "reflect" and "symmetric"; stat_length of "maximum", "minimum", "mean" and "median".
    Widths below 0, other `mode` names and options that the mode does not take are errors.

    Shape: (..., N, ...) -> (..., before + N + after, ...). An empty axis raises ShapeError in all
    modes but "constant".

    >>> import autograd as ag
    >>> ag.pad(ag.Tensor([1.0, 2.0, 3.0]), 2, mode="reflect")
    Tensor([3., 2., 1., 2., 3., 2., 1.], dtype=float32)
    """
    if mode not in _OPTIONS:
        raise ArgumentError(f"pad: the modes are {', '.join(_OPTIONS)}; got {mode!r}")
    if unknown := sorted(options.keys() - _OPTIONS[mode].keys()):
        near = nearest(unknown[0], ("mode", *_OPTIONS[mode]))
        raise ArgumentTypeError(f'pad: mode "{mode}" takes no {", ".join(unknown)}{near}')
    ndim = np.ndim(x)
    widths = _widths(pad_width, ndim)
    options = _OPTIONS[mode] | options
    if mode == "constant":
        return _with_constant(x, widths, options["constant_values"])
    for axis, width in enumerate(widths):
        if not any(width):
            continue
        if x.shape[axis] == 0:
            raise ShapeError(f'pad: axis {axis} is empty; only mode "constant" can extend it')
        if mode in ("edge", "wrap"):
            x = _indexed(x, width, axis, mode)
        elif mode in ("reflect", "symmetric"):
            x = _reflected(x, width, axis, mode, options["reflect_type"])
        elif mode == "linear_ramp":
            ends = options["end_values"]
            ends = joined(ends) if holds_tensor(ends) else ends
            ends = _held(broadcast_to(ends, (ndim, 2)), x.dtype)
            x = _ramped(x, width, axis, ends[axis])
        else:
            lengths = np.broadcast_to(np.asarray(options["stat_length"], object), (ndim, 2))
            x = _summarised(x, width, axis, mode, lengths[axis])
    return x


def _with_constant(x: Array, widths: Widths, values: Any) -> Array:
    padded = zero_pad(x, widths)
    values = joined(values) if holds_tensor(values) else values
    if is_learned(values):
        return _with_learned(padded, widths, broadcast_to(values, (len(widths), 2)))
    if not np.any(values):
        return padded
    inside = np.zeros(np.shape(x), x.dtype)
    return padded + np.pad(inside, widths, constant_values=values)


def _with_learned(padded: Array, widths: Widths, values: Array) -> Array:
    """The constants (before, after) by axis put into the borders, those of the last axis last."""
    for axis, (before, after) in enumerate(widths):
        length = padded.shape[axis]
        place = np.reshape(np.arange(length), (-1,) + (1,) * (padded.ndim - 1 - axis))
        for end, there in enumerate((place < before, place >= length - after)):
            padded = where(there, _held(values[axis, end], padded.dtype), padded)
    return padded


def _held(values: Array, dtype: np.dtype[Any]) -> Array:
    """Constants in the dtype of x, where that does not cost their gradient."""
    if getattr(values, "requires_grad", False) and dtype.kind not in "fc":
        raise DTypeError(
            f"pad: x is {dtype} and cannot hold the constants, which are {values.dtype} and "
            "require grad; convert one of them"
        )
    return astype(values, dtype)
