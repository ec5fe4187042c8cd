"""Windows over the last axes of a value, tap by tap: what runtimes lack in double precision."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import product as every
from typing import Any, NamedTuple

from autograd.onnx.sizes import product
from autograd.onnx.values import Value

__all__ = ["Axis", "axes_of", "flat_lead", "padded", "spread", "taps"]


class Axis(NamedTuple):
    """The places that a window reads along an axis: start + stride·q + dilation·k."""

    start: Any
    stride: int
    dilation: int
    size: int
    places: Any

    @property
    def reach(self) -> Any:
        """One past the last place that is read."""
        return (self.places - 1) * self.stride + self.start + (self.size - 1) * self.dilation + 1


def axes_of(windows: Any) -> list[Axis]:
    """Those of pooling windows."""
    sizes, strides, paddings, dilations, counts = windows
    return [Axis(-p, s, d, k, n) for k, s, p, d, n in zip(
        sizes, strides, paddings, dilations, counts, strict=True)]  # fmt: skip


def padded(b: Any, x: Value, befores: Sequence[Any], lengths: Sequence[Any],
           fill: float = 0.0) -> Value:  # fmt: skip
    """The last axes from `befores` places before they begin, so long; less than none is cut off."""
    lead = x.ndim - len(lengths)
    afters = [n - m - f for n, m, f in zip(lengths, x.shape[lead:], befores, strict=True)]
    if all(type(w) is int and not w for w in (*befores, *afters)):
        return x
    widths = [*(0,) * lead, *befores, *(0,) * lead, *afters]
    return b.op("Pad", x, b.shape_of(widths), b.constant(fill, x.dtype),
                shape=(*x.shape[:lead], *lengths), dtype=x.dtype)  # fmt: skip


def taps(b: Any, x: Value, axes: Sequence[Axis], fill: float = 0.0) -> list[Value]:
    """For each tap of the windows what all places read: (..., *places)."""
    lead = x.ndim - len(axes)
    x = padded(b, x, [-a.start for a in axes], [a.reach - a.start for a in axes], fill)
    found = []
    for tap in every(*(range(a.size) for a in axes)):
        part = x
        for k, (t, a) in enumerate(zip(tap, axes, strict=True), lead):
            start = t * a.dilation
            stop = (a.places - 1) * a.stride + start + 1
            if (start, stop, a.stride) != (0, part.shape[k], 1):
                part = b.sliced(part, k, start, stop, a.stride, a.places)
        found.append(part)
    return found


def spread(b: Any, v: Value, axes: Sequence[Axis], lengths: Sequence[Any]) -> list[Value]:
    """For each tap the values v at the places that it reads, among zeros: (..., *lengths)."""
    lead = v.ndim - len(axes)
    wide = v
    for k, a in enumerate(axes, lead):  # as many zeros between them as the stride says
        if a.stride == 1:
            continue
        n = wide.shape[k]
        split = b.reshape(wide, (*wide.shape[: k + 1], 1, *wide.shape[k + 1 :]))
        widths = [0] * (2 * split.ndim)
        widths[split.ndim + k + 1] = a.stride - 1
        shape = (*split.shape[: k + 1], a.stride, *split.shape[k + 2 :])
        among = b.op("Pad", split, b.shape_of(widths), b.constant(0, v.dtype), shape=shape,
                     dtype=v.dtype)  # fmt: skip
        wide = b.reshape(among, (*wide.shape[:k], n * a.stride, *wide.shape[k + 1 :]))
    return [
        padded(b, wide, [a.start + t * a.dilation for t, a in zip(tap, axes, strict=True)], lengths)
        for tap in every(*(range(a.size) for a in axes))
    ]


def summed(values: Sequence[Value]) -> Value:
    """Their sum."""
    return reduce(lambda x, y: x + y, values)


def flat_lead(b: Any, x: Value, rank: int) -> Value:
    """(N, C, ...) of what has any axes before the last `rank`."""
    lead = x.shape[: x.ndim - rank]
    if len(lead) == 2:
        return x
    return b.reshape(x, (product(lead), 1, *x.shape[x.ndim - rank :]))
