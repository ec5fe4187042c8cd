"""Convolutions: ONNX's operators, and products of matrices where runtimes lack those."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.onnx.rows.shapes import flipped
from autograd.onnx.sizes import Size, product
from autograd.onnx.table import row
from autograd.onnx.values import Value
from autograd.onnx.windows import Axis, spread, summed, taps

__all__: list[str] = []


def _axes(sizes: Any, counts: Any, options: Any) -> list[Axis]:
    along = (options[name] for name in ("stride", "padding", "dilation"))
    every = zip(sizes, counts, *along, strict=True)
    return [Axis(-p[0], s, d, k, n) for k, n, s, p, d in every]


def _has_operator(x: Value, padding: Any) -> bool:
    widths = [w for pair in padding for w in pair]
    known = all(type(w) is int and w >= 0 for w in widths)
    return known and x.dtype in (np.float32, np.float16) and 0 not in x.shape[1:]


def _fits(rest: Any, axes: list[Axis]) -> bool:
    """Whether what is longer than the windows reach is an output padding, in all traces."""
    pairs = zip(rest, axes, strict=True)
    return all(0 <= v < a.stride for r, a in pairs for v in _every(r))


def _every(n: Any) -> tuple[int, ...]:
    """A number, as it is in each trace."""
    return n.values if type(n) is Size else (n, n)


def _operator(b: Any, node: Any, y: Value, weight: Value, lengths: Any, rest: Any, axes: list[Axis],
              options: Any) -> Value:  # fmt: skip
    """ConvTranspose, whose output padding is a number: what is too much at some lengths goes."""
    most = [r if type(r) is int else a.stride - 1 for r, a in zip(rest, axes, strict=True)]
    whole = (n + (m - r) for n, m, r in zip(lengths, most, rest, strict=True))
    found = b.op("ConvTranspose", y, weight, shape=(*node.shape[:2], *whole), dtype=node.dtype,
                 output_padding=most, **_attributes(weight.shape[2:], **options))  # fmt: skip
    for k, (r, n) in enumerate(zip(rest, lengths, strict=True), 2):
        if type(r) is not int:
            found = b.sliced(found, k, 0, n, 1, n)
    return found


def _attributes(sizes: Any, padding: Any, stride: Any, dilation: Any, groups: int) -> Any:
    pads = [p[0] for p in padding] + [p[1] for p in padding]
    return {"kernel_shape": list(sizes), "pads": pads, "strides": list(stride),
            "dilations": list(dilation), "group": groups}  # fmt: skip


@row("convolution")
def _convolution(b: Any, node: Any, x: Any, weight: Any, bias: Any = None, **options: Any) -> Value:
    x, weight = b.constant(x, node.dtype), b.constant(weight, node.dtype)
    bias = None if bias is None else b.constant(bias, node.dtype)
    sizes = weight.shape[2:]
    if _has_operator(x, options["padding"]):
        return b.op("Conv", x, weight, bias, shape=node.shape, dtype=node.dtype,
                    **_attributes(sizes, **options))  # fmt: skip
    counts = node.shape[2:]
    found = _columns_times(b, x, weight, _axes(sizes, counts, options), options["groups"])
    found = b.reshape(found, node.shape)
    if bias is None:
        return found
    return found + b.reshape(bias, (bias.shape[0], *(1,) * len(sizes)))


def _columns(b: Any, x: Value, axes: list[Axis], groups: int) -> Value:
    """What all taps read: (N, groups, C/groups · taps, places)."""
    n, channels = x.shape[:2]
    places = product([a.places for a in axes])
    own = channels // groups
    parts = [b.reshape(t, (n, groups, own, 1, places)) for t in taps(b, x, axes)]
    return b.reshape(b.concat(parts, 3), (n, groups, own * len(parts), places))


def _columns_times(b: Any, x: Value, weight: Value, axes: list[Axis], groups: int) -> Value:
    count = weight.shape[0]
    rows = b.reshape(weight, (groups, count // groups, product(weight.shape[1:])))
    return b.matmul(rows, _columns(b, x, axes, groups))


@row("convolution_transposed")
def _transposed(b: Any, node: Any, y: Any, weight: Any, lengths: Any, **options: Any) -> Value:
    y, weight = b.constant(y, node.dtype), b.constant(weight, node.dtype)
    sizes, groups = weight.shape[2:], options["groups"]
    axes = _axes(sizes, y.shape[2:], options)
    rest = [n - a.reach + p[1] for n, a, p in zip(lengths, axes, options["padding"], strict=True)]
    ends = [max(0, *_every(p[1])) for p in options["padding"]]  # less than none is one of outputs
    more = [r + (e - p[1]) for r, e, p in zip(rest, ends, options["padding"], strict=True)]
    pairs = [(p[0], e) for p, e in zip(options["padding"], ends, strict=True)]
    if _fits(more, axes) and _has_operator(y, pairs):
        return _operator(b, node, y, weight, lengths, more, axes, {**options, "padding": pairs})
    count, own = weight.shape[0] // groups, weight.shape[1]
    turned = b.reshape(weight, (groups, count, own, *sizes))
    turned = b.transpose(turned, (0, 2, 1, *range(3, turned.ndim)))
    turned = flipped(b, turned, range(3, turned.ndim))
    turned = b.reshape(turned, (groups * own, count, *sizes))
    one = [Axis(a.start, a.stride, a.dilation, 1, a.places) for a in axes]
    spans = [(a.size - 1) * a.dilation for a in axes]
    whole = [n + s for n, s in zip(lengths, spans, strict=True)]
    shifted = [Axis(a.start + s, *a[1:]) for a, s in zip(one, spans, strict=True)]
    (wide,) = spread(b, y, shifted, whole)
    back = [Axis(0, 1, a.dilation, a.size, n) for a, n in zip(axes, lengths, strict=True)]
    return b.reshape(_columns_times(b, wide, turned, back, groups), node.shape)


@row("convolution_weight")
def _weight(b: Any, node: Any, y: Any, x: Any, sizes: Any, **options: Any) -> Value:
    y, x, groups = b.constant(y, node.dtype), b.constant(x, node.dtype), options["groups"]
    columns = _columns(b, x, _axes(sizes, y.shape[2:], options), groups)
    count = y.shape[1] // groups
    rows = b.reshape(y, (y.shape[0], groups, count, product(y.shape[2:])))
    found = b.matmul(rows, b.transpose(columns, (0, 1, 3, 2)))
    return b.reshape(b.reduce("ReduceSum", found, (0,)), node.shape)


@row("unfold")
def _unfold(b: Any, node: Any, x: Value, axes: Any) -> Value:
    lead = x.shape[: x.ndim - len(axes)]
    own = [Axis(*a) for a in axes]
    parts = [b.reshape(t, (*lead, 1, *(a.places for a in own))) for t in taps(b, x, own)]
    return b.reshape(b.concat(parts, len(lead)), node.shape)


@row("fold")
def _fold(b: Any, node: Any, v: Value, lengths: Any, axes: Any) -> Value:
    own = [Axis(*a) for a in axes]
    lead = v.shape[: v.ndim - 2 * len(own)]
    places = [a.places for a in own]
    count = int(np.prod([a.size for a in own]))
    flat = b.reshape(v, (*lead, count, *places))
    found = []
    for k in range(count):
        part = b.reshape(b.sliced(flat, len(lead), k, k + 1), (*lead, *places))
        found.append(spread(b, part, own, lengths)[k])
    return summed(found)
