"""Convolutions in one, two and three dimensions."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

import autograd as ag
import nn.functional as F
from autograd.errors import UnsupportedError
from autograd.extend import raw
from nn.onnx.budget import products, sized
from nn.onnx.table import Call, ints, row

__all__ = ["padding"]

_CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def padding(call: Call, lengths: Any, kernel: Any, strides: Any, dilations: Any) -> list[Any]:
    """How many zeros stand before and after each axis, as `pads` or `auto_pad` say."""
    auto, n = call("auto_pad", "NOTSET"), len(kernel)
    if auto == "NOTSET":
        given = call("pads", [0] * 2 * n)
        return list(zip(given[:n], given[n:], strict=True))
    if auto == "VALID":
        return [(0, 0)] * n
    found = []
    for length, k, s, d in zip(lengths, kernel, strides, dilations, strict=True):
        total = max(0, (-(-length // s) - 1) * s + (k - 1) * d + 1 - length)
        small, large = total // 2, total - total // 2
        found.append((small, large) if auto == "SAME_UPPER" else (large, small))
    return found


def _function(table: dict[int, Any], n: int) -> Any:
    if n not in table:
        raise UnsupportedError(f"convolutions over {n} axes are not supported: 1, 2 and 3 are")
    return table[n]


@row("Conv", since=1)
def conv(call: Call, x: Any, w: Any, b: Any = None) -> Any:
    """The correlation of x with the filters w."""
    n = w.ndim - 2
    strides, dilations = call("strides", [1] * n), call("dilations", [1] * n)
    frame = padding(call, x.shape[2:], w.shape[2:], strides, dilations)
    sized((*x.shape[:2], *(m + a + z for m, (a, z) in zip(x.shape[2:], frame, strict=True))))
    if any(a != z for a, z in frame):
        x = ag.pad(x, [(0, 0), (0, 0), *frame])
        frame = [(0, 0)] * n
    steps = zip(x.shape[2:], w.shape[2:], frame, strides, dilations, strict=True)
    counts = [max(0, (m + a + z - (k - 1) * d - 1) // s + 1) for m, k, (a, z), s, d in steps]
    products((x.shape[0], w.shape[0], *counts), math.prod(w.shape[1:]))
    return _function(_CONV, n)(
        x, w, b, tuple(strides), tuple(a for a, _ in frame), tuple(dilations), call("group", 1)
    )


@row("ConvTranspose", since=1)
def conv_transpose(call: Call, x: Any, w: Any, b: Any = None) -> Any:
    """The transpose of a convolution, cut or padded to the shape that is asked for."""
    n = w.ndim - 2
    strides, dilations = call("strides", [1] * n), call("dilations", [1] * n)
    extra = call("output_padding", [0] * n)
    steps = zip(x.shape[2:], w.shape[2:], strides, dilations, strict=True)
    lengths = [(m - 1) * s + (k - 1) * d + 1 for m, k, s, d in steps]
    channels = w.shape[1] * call("group", 1)
    products((x.shape[0], channels, *x.shape[2:]), w.shape[0] * math.prod(w.shape[2:]))
    sized((x.shape[0], channels, *lengths))
    whole = _function(_TRANSPOSED, n)(
        x, w, None, tuple(strides), 0, 0, call("group", 1), tuple(dilations)
    )
    given = call("pads", [0] * 2 * n)
    frame = list(zip(given[:n], given[n:], strict=True))
    wanted = call("output_shape")
    auto = call("auto_pad", "NOTSET")
    if wanted is None and auto.startswith("SAME"):
        wanted = [length * s for length, s in zip(x.shape[2:], strides, strict=True)]
    if wanted is not None:
        frame = []
        for length, e, want in zip(whole.shape[2:], extra, wanted[-n:], strict=True):
            total = length + e - want
            small = int(total / 2)  # the larger part of what is missing stands at the end as well
            large = total - small
            frame.append((large, small) if auto == "SAME_LOWER" else (small, large))
    grown = [(max(0, -a), max(0, e - z)) for (a, z), e in zip(frame, extra, strict=True)]
    if any(a or z for a, z in grown):
        grid = zip(whole.shape[2:], grown, strict=True)
        sized((*whole.shape[:2], *(m + a + z for m, (a, z) in grid)))
        whole = ag.pad(whole, [(0, 0), (0, 0), *grown])
    index = tuple(
        slice(max(0, a), length - max(0, z - e))
        for (a, z), e, length in zip(frame, extra, whole.shape[2:], strict=True)
    )
    found = whole[(slice(None), slice(None), *index)]
    return found if b is None else found + b.reshape(-1, *[1] * n)


@row("ConvInteger")
def conv_integer(call: Call, x: Any, w: Any, x_zero: Any = None, w_zero: Any = None) -> Any:
    """The correlation of whole numbers, less their zero points."""
    a, b = raw(x).astype(np.float64), raw(w).astype(np.float64)
    a = a if x_zero is None else a - raw(x_zero)
    if w_zero is not None:
        b = b - raw(w_zero).reshape(-1, *[1] * (b.ndim - 1))
    found = conv(call, ag.Tensor(a), ag.Tensor(b))
    return ag.Tensor(np.rint(raw(found)).astype(np.int32))


@row("Col2Im")
def col2im(call: Call, x: Any, image: Any, block: Any) -> Any:
    """Blocks in columns added up to the pictures that they come from."""
    size, kernel = ints(image), ints(block)
    n = len(size)
    strides, dilations = call("strides", [1] * n), call("dilations", [1] * n)
    pads = call("pads", [0] * 2 * n)
    counts = [
        (length + pads[i] + pads[n + i] - d * (k - 1) - 1) // s + 1
        for i, (length, k, s, d) in enumerate(zip(size, kernel, strides, dilations, strict=True))
    ]
    volume = int(np.prod(kernel))
    batch, channels = x.shape[0], x.shape[1] // volume
    padded = [length + pads[i] + pads[n + i] for i, length in enumerate(size)]
    sized((volume, batch, channels, *padded))  # which is made anew for each place of a block
    blocks = x.reshape(batch, channels, *kernel, *counts)
    found = ag.zeros(batch, channels, *padded, dtype=raw(x).dtype)
    for offset in itertools.product(*map(range, kernel)):
        places = zip(offset, dilations, strides, counts, strict=True)
        inner = [slice(o * d, o * d + s * (c - 1) + 1, s) for o, d, s, c in places]
        index = (slice(None), slice(None), *inner)
        part = blocks[(slice(None), slice(None), *offset)]
        found = ag.setitem(found, found[index] + part, index)
    cut = tuple(slice(pads[i], pads[i] + length) for i, length in enumerate(size))
    return found[(slice(None), slice(None), *cut)]
