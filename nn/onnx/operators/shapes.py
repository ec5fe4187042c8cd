"""Shapes: what is laid out, joined, cut and repeated in another way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ShapeError, UnsupportedError
from autograd.extend import raw
from nn.onnx.budget import sized
from nn.onnx.table import Call, ints, row


@row("Shape", since=1)
def shape(call: Call, x: Any) -> Any:
    """The lengths of the axes from `start` to `end`."""
    return ag.Tensor(np.array(raw(x).shape[call("start", 0) : call("end")], np.int64))


@row("Size", since=1)
def size(call: Call, x: Any) -> Any:
    """How many numbers there are."""
    return ag.Tensor(np.array(raw(x).size, np.int64))


@row("Reshape", since=1)
def reshape(call: Call, x: Any, wanted: Any = None) -> Any:
    """Another shape: 0 keeps a length, -1 is what remains."""
    lengths = call.option("shape", wanted)
    if not call("allowzero", 0):
        lengths = [raw(x).shape[i] if n == 0 else n for i, n in enumerate(lengths)]
    return x.reshape(tuple(lengths))


@row("Flatten", since=1)
def flatten(call: Call, x: Any) -> Any:
    """A matrix, whose rows are the axes before `axis`."""
    axis = call("axis", 1)
    lengths = x.shape
    axis = axis + len(lengths) if axis < 0 else axis
    return x.reshape(math.prod(lengths[:axis]), math.prod(lengths[axis:]))


@row("Transpose", since=1)
def transpose(call: Call, x: Any) -> Any:
    """The axes in another order, which is the reverse if none is given."""
    return ag.transpose(x, tuple(call("perm") or range(raw(x).ndim)[::-1]))


@row("Squeeze", since=1)
def squeeze(call: Call, x: Any, axes: Any = None) -> Any:
    """Axes of length 1 taken away."""
    found = call.option("axes", axes)
    return ag.squeeze(x, None if found is None else tuple(found))


@row("Unsqueeze", since=1)
def unsqueeze(call: Call, x: Any, axes: Any = None) -> Any:
    """New axes of length 1."""
    return ag.expand_dims(x, tuple(call.option("axes", axes)))


@row("Expand")
def expand(call: Call, x: Any, wanted: Any) -> Any:
    """x broadcast with a shape."""
    return ag.broadcast_to(x, sized(np.broadcast_shapes(raw(x).shape, tuple(ints(wanted)))))


@row("Concat", since=4)
def concat(call: Call, *inputs: Any) -> Any:
    """Arrays after one another along an axis."""
    sized([sum(raw(x).size for x in inputs)])
    return ag.concat(inputs, axis=call("axis"))


@row("Split", since=2)
def split(call: Call, x: Any, lengths: Any = None) -> Any:
    """x cut along an axis, into equal parts or ones of given lengths."""
    axis, given = call("axis", 0), call.option("split", lengths)
    total = x.shape[axis]
    if given is None:
        parts = call("num_outputs") or call.outputs
        sized([parts])
        each = math.ceil(total / parts)
        given = [min(each, total - each * i) for i in range(parts)]
    if sum(given) != total or min(given, default=0) < 0:
        raise ShapeError(f"parts of the lengths {given} do not make up axis {axis}, of {total}")
    places = np.cumsum(given)[:-1].tolist()
    return tuple(ag.split(x, places, axis=axis))


@row("Slice", since=1)
def cut(
    call: Call, x: Any, starts: Any = None, ends: Any = None, axes: Any = None, steps: Any = None
) -> Any:
    """A part of x, from `starts` to `ends` in `steps`."""
    begin, end = call.option("starts", starts), call.option("ends", ends)
    along = call.option("axes", axes) or range(len(begin))
    by = call.option("steps", steps) or [1] * len(begin)
    index = [slice(None)] * raw(x).ndim
    for axis, i, j, step in zip(along, begin, end, by, strict=True):
        length = x.shape[axis]
        last = None if step < 0 and j < -length else j
        index[axis] = slice(i, last, step)
    return x[tuple(index)]


@row("Tile", since=6)
def tile(call: Call, x: Any, repeats: Any) -> Any:
    """x repeated along its axes."""
    times = tuple(ints(repeats))
    sized(n * m for n, m in zip(raw(x).shape, times, strict=True))
    return ag.tile(x, times)


_MODES = {"constant": "constant", "edge": "edge", "reflect": "reflect", "wrap": "wrap"}


@row("Pad", since=2)
def pad(call: Call, x: Any, pads: Any = None, value: Any = None, axes: Any = None) -> Any:
    """x in a frame; a negative width cuts."""
    given = call.option("pads", pads)
    along = ints(axes) if axes is not None else list(range(raw(x).ndim))
    half = len(given) // 2
    widths = [(0, 0)] * raw(x).ndim
    for axis, first, last in zip(along, given[:half], given[half:], strict=True):
        widths[axis] = (first, last)
    mode = call("mode", "constant")
    if mode not in _MODES:
        raise UnsupportedError(f"Pad: the mode {mode!r} is none of {', '.join(_MODES)}")
    index = tuple(
        slice(max(0, -a), n - max(0, -b)) for (a, b), n in zip(widths, raw(x).shape, strict=True)
    )
    x = x[index] if min(given, default=0) < 0 else x
    widths = [(max(0, a), max(0, b)) for a, b in widths]
    sized(n + a + b for n, (a, b) in zip(raw(x).shape, widths, strict=True))
    if mode != "constant":
        return ag.pad(x, widths, mode=_MODES[mode])
    fill = call("value", 0.0) if value is None else raw(value).reshape(-1)[0].item()
    dtype = raw(x).dtype
    if dtype.kind == "b":
        return ag.Tensor(np.pad(raw(x), widths, constant_values=bool(fill)))
    return ag.pad(x, widths, constant_values=dtype.type(fill))


@row("DepthToSpace", since=1)
def depth_to_space(call: Call, x: Any) -> Any:
    """Channels laid out as blocks of pixels."""
    b, c, h, w = x.shape
    s = call("blocksize")
    if call("mode", "DCR") == "DCR":
        laid = ag.transpose(x.reshape(b, s, s, c // s**2, h, w), (0, 3, 4, 1, 5, 2))
    else:
        laid = ag.transpose(x.reshape(b, c // s**2, s, s, h, w), (0, 1, 4, 2, 5, 3))
    return laid.reshape(b, c // s**2, h * s, w * s)


@row("SpaceToDepth", since=1)
def space_to_depth(call: Call, x: Any) -> Any:
    """Blocks of pixels laid out as channels."""
    b, c, h, w = x.shape
    s = call("blocksize")
    order = (0, 3, 5, 1, 2, 4) if call("mode", "DCR") == "DCR" else (0, 1, 3, 5, 2, 4)
    laid = ag.transpose(x.reshape(b, c, h // s, s, w // s, s), order)
    return laid.reshape(b, c * s * s, h // s, w // s)


@row("ReverseSequence")
def reverse_sequence(call: Call, x: Any, lengths: Any) -> Any:
    """Each sequence of a batch reversed up to its length."""
    time, batch = call("time_axis", 0), call("batch_axis", 1)
    numbers = raw(x)
    steps = np.arange(numbers.shape[time])[:, None]
    count = raw(lengths)[None, :]
    order = np.where(steps < count, count - 1 - steps, steps)
    order = order if time < batch else order.T
    order = order.reshape(order.shape + (1,) * (numbers.ndim - 2))
    return ag.take_along_axis(
        x, ag.Tensor(np.broadcast_to(order, numbers.shape).astype(np.int64)), axis=time
    )
