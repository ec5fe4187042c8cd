"""Convolution layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, case, value

MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def padding_of(layer: Any) -> list[tuple[int, int]]:
    """(before, after) along every axis."""
    if layer.padding == "valid":
        return [(0, 0)] * layer.rank
    if layer.padding == "same":
        spans = zip(layer.kernel_size, layer.dilation, strict=True)
        return [((k - 1) * d // 2, ((k - 1) * d + 1) // 2) for k, d in spans]
    return [(p, p) for p in layer.padding]


def with_bias(layer: Any, out: Any) -> Any:
    return out if layer.bias is None else out + value(layer.bias).reshape(-1, *(1,) * layer.rank)


def convolution(layer: Any, x: Any) -> Any:
    """Place by place and tap by tap."""
    if x.ndim == layer.rank + 1:
        return convolution(layer, x[None])[0]
    w, groups = value(layer.weight), layer.groups
    x = np.pad(x, [(0, 0), (0, 0), *padding_of(layer)], MODES[layer.padding_mode])
    axes = list(zip(x.shape[2:], layer.kernel_size, layer.stride, layer.dilation, strict=True))
    starts = [range(0, n - (k - 1) * d, s) for n, k, s, d in axes]
    out = np.zeros((len(x), len(w), *map(len, starts)))
    for q in np.ndindex(*out.shape[2:]):
        for k in np.ndindex(*layer.kernel_size):
            place = [
                start[i] + j * d
                for start, i, j, d in zip(starts, q, k, layer.dilation, strict=True)
            ]
            taps = x[:, :, *place].reshape(len(x), groups, 1, w.shape[1])
            part = np.sum(taps * w[:, :, *k].reshape(1, groups, -1, w.shape[1]), axis=-1)
            out[:, :, *q] += part.reshape(len(x), len(w))
    return with_bias(layer, out)


def transposed(layer: Any, x: Any) -> Any:
    """Every element spread over its window."""
    if x.ndim == layer.rank + 1:
        return transposed(layer, x[None])[0]
    w, groups = value(layer.weight), layer.groups
    options = (layer.kernel_size, layer.stride, layer.dilation, layer.output_padding)
    axes = zip(x.shape[2:], *options, strict=True)
    lengths = [(n - 1) * s + (k - 1) * d + 1 + more for n, k, s, d, more in axes]
    out = np.zeros((len(x), layer.out_channels, *lengths))
    for q in np.ndindex(*x.shape[2:]):
        values = x[:, :, *q].reshape(len(x), groups, -1, 1)
        for k in np.ndindex(*layer.kernel_size):
            place = np.multiply(q, layer.stride) + np.multiply(k, layer.dilation)
            taps = w[:, :, *k].reshape(1, groups, -1, w.shape[1])
            out[:, :, *place] += np.sum(values * taps, axis=2).reshape(len(x), -1)
    cut = [slice(p, n - p) for p, n in zip(layer.padding, lengths, strict=True)]
    return with_bias(layer, out[:, :, *cut])


def row(name: str, *args: Any, on: Sequence[int], **options: Any) -> Case:
    """A row whose input has a shape; one without a batch has an axis less."""
    rank = int(name[-2])
    shown = [*map(str, args), *(f"{k}={v}" for k, v in options.items())]
    return case(
        name,
        *args,
        inputs=lambda: [draw(*on)],
        reference=transposed if "Transpose" in name else convolution,
        batch=0 if len(on) == rank + 2 else None,
        label=f"{name}({', '.join(shown)}) on {'x'.join(map(str, on))}",
        **options,
    )


CONVOLUTIONS = [
    row("Conv1d", 2, 1, 3, on=(2, 2, 4)),
    row("Conv1d", 4, 2, 2, 2, 1, 2, 2, False, on=(4, 3)),
    row("Conv1d", 1, 2, (4,), padding="same", padding_mode="circular", on=(2, 1, 4)),
    row("Conv1d", 2, 1, 1, stride=2, on=(2, 2, 3)),
    row("Conv1d", 2, 2, 3, groups=2, padding=(1,), padding_mode="replicate", on=(1, 2, 3)),
    row("Conv2d", 2, 2, 2, padding=1, on=(2, 2, 1, 2)),
    row("Conv2d", 1, 1, 5, padding=2, on=(2, 1, 2, 3)),
    row("Conv2d", 3, 2, 1, on=(2, 3, 1, 2)),
    row("Conv2d", 2, 1, 1, 2, bias=False, on=(2, 2, 2, 3)),
    row("Conv2d", 1, 2, 3, 2, 1, on=(2, 1, 3, 4)),
    row("Conv2d", 1, 2, (1, 3), (3, 1), (1, 0), (1, 2), on=(1, 1, 3, 6)),
    row("Conv2d", 2, 1, 2, stride=2, padding=1, dilation=2, on=(1, 2, 3, 3)),
    row("Conv2d", 2, 1, 2, stride=2, padding=3, dilation=3, on=(1, 2, 2, 3)),
    row("Conv2d", 4, 6, (1, 2), padding=(0, 1), groups=2, on=(1, 4, 2, 1)),
    row("Conv2d", 4, 2, 2, stride=2, groups=2, bias=False, on=(1, 4, 2, 3)),
    row("Conv2d", 3, 3, 2, padding=1, groups=3, on=(1, 3, 2, 2)),
    row("Conv2d", 2, 4, (3, 1), groups=2, dilation=(2, 1), on=(2, 5, 2)),
    row("Conv2d", 1, 2, (2, 3), padding="same", dilation=(3, 1), on=(2, 1, 3, 2)),
    row("Conv2d", 2, 1, 2, padding="valid", on=(2, 2, 3)),
    row("Conv2d", 1, 1, 3, padding=(1, 2), padding_mode="reflect", on=(2, 1, 2, 3)),
    row("Conv2d", 1, 1, (3, 4), padding="same", padding_mode="reflect", on=(1, 2, 4)),
    row("Conv2d", 1, 1, 3, 2, 1, padding_mode="circular", on=(1, 1, 2, 3)),
    row("Conv3d", 1, 1, 2, padding=1, on=(2, 1, 2, 1, 2)),
    row("Conv3d", 1, 2, (1, 2, 3), (2, 1, 2), (0, 1, 1), on=(1, 1, 3, 1, 3)),
    row("Conv3d", 2, 2, (2, 1, 2), dilation=(1, 1, 2), groups=2, on=(2, 2, 1, 3)),
    row("Conv3d", 1, 1, 2, padding="same", padding_mode="replicate", on=(1, 1, 1, 2, 2)),
]
TRANSPOSED = [
    row("ConvTranspose1d", 2, 1, 3, on=(2, 2, 2)),
    row("ConvTranspose1d", 4, 2, 3, 2, 1, 1, 2, on=(4, 2)),
    row("ConvTranspose1d", 1, 2, 2, 3, dilation=2, bias=False, on=(2, 1, 3)),
    row("ConvTranspose2d", 2, 1, 2, 2, on=(2, 2, 1, 2)),
    row("ConvTranspose2d", 1, 2, 3, 2, 1, 1, on=(2, 1, 2, 2)),
    row("ConvTranspose2d", 1, 2, (3, 2), (1, 3), (2, 0), (0, 2), on=(1, 1, 3, 2)),
    row("ConvTranspose2d", 4, 2, 2, stride=(2, 1), groups=2, bias=False, on=(1, 4, 1, 2)),
    row("ConvTranspose2d", 1, 2, 2, dilation=(3, 2), output_padding=(2, 1), on=(1, 2, 3)),
    row("ConvTranspose2d", 2, 2, 2, 2, 1, dilation=3, groups=2, on=(1, 2, 2, 2)),
    row("ConvTranspose2d", 2, 1, 1, stride=2, on=(2, 2, 2, 2)),
    row("ConvTranspose3d", 1, 2, 2, (1, 2, 1), on=(1, 1, 1, 2, 1)),
    row("ConvTranspose3d", 2, 2, (1, 2, 3), 2, (0, 1, 1), (1, 0, 1), 2, on=(2, 1, 2, 1)),
]


def windows(layer: Any, lengths: Any) -> Any:
    """The places, row by row, of each window's elements, (window, element, 2)."""
    sizes, dilations, pads, strides = (
        np.broadcast_to(getattr(layer, name), 2)
        for name in ("kernel_size", "dilation", "padding", "stride")
    )
    ends = np.array(lengths) + pads - (sizes - 1) * dilations
    starts = [
        (i, j)
        for i in range(-pads[0], ends[0], strides[0])
        for j in range(-pads[1], ends[1], strides[1])
    ]
    offsets = [(i * dilations[0], j * dilations[1]) for i, j in np.ndindex(*sizes)]
    return np.array(starts)[:, None] + np.array(offsets)


def unfold(layer: Any, x: Any) -> Any:
    height, width = x.shape[-2:]
    columns = [
        [
            x[..., i, j] if 0 <= i < height and 0 <= j < width else 0 * x[..., 0, 0]
            for i, j in window
        ]
        for window in windows(layer, (height, width))
    ]  # (L, K, ..., C)
    out = np.moveaxis(np.array(columns), (0, 1), (-1, -2))
    return out.reshape(*x.shape[:-3], -1, out.shape[-1])


def fold(layer: Any, v: Any) -> Any:
    height, width = np.broadcast_to(layer.output_size, 2)
    places = windows(layer, (height, width))
    v = v.reshape(*v.shape[:-2], -1, places.shape[1], v.shape[-1])
    out = np.zeros((*v.shape[:-2], height, width))
    for column, window in enumerate(places):
        for row, (i, j) in enumerate(window):
            if 0 <= i < height and 0 <= j < width:
                out[..., i, j] += v[..., row, column]
    return out


UNFOLDING = [
    case("Unfold", 2, inputs=lambda: [draw(2, 2, 2, 3)], reference=unfold),
    case("Unfold", (2, 1), padding=(1, 0), stride=2, batch=None,
         inputs=lambda: [draw(2, 3, 3)], reference=unfold),
    case("Unfold", (1, 2), (1, 2), (0, 1), (2, 1), inputs=lambda: [draw(1, 1, 3, 3)],
         reference=unfold),
    case("Fold", (2, 3), 2, inputs=lambda: [draw(2, 4, 2)], reference=fold),
    case("Fold", 3, (2, 1), padding=(1, 0), stride=2, batch=None,
         inputs=lambda: [draw(4, 4)], reference=fold),
    case("Fold", (3, 3), (1, 2), (1, 2), (0, 1), (2, 1), inputs=lambda: [draw(1, 2, 6)],
         reference=fold),
]  # fmt: skip

CASES = [*CONVOLUTIONS, *TRANSPOSED, *UNFOLDING]
