"""Adaptive pooling, padding, upsampling, and pixels to channels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, case
from tests.layers.pooling import rank_of


def adaptive(layer: Any, x: Any, f: Callable[[list[Any]], Any]) -> Any:
    """f of the (place, value) of each window, which goes from ⌊i·n/size⌋ to ⌈(i + 1)·n/size⌉."""
    rank = rank_of(layer)
    lengths = x.shape[-rank:]
    given = layer.output_size
    given = given if isinstance(given, tuple) else (given,) * rank
    sizes = [n if size is None else size for n, size in zip(lengths, given, strict=True)]
    found = []
    for plane in x.reshape(math.prod(x.shape[:-rank]), *lengths):
        for target in itertools.product(*map(range, sizes)):
            ranges = [
                range(math.floor(i * n / size), math.ceil((i + 1) * n / size))
                for i, n, size in zip(target, lengths, sizes, strict=True)
            ]
            places = list(itertools.product(*ranges))
            found.append(f([(np.ravel_multi_index(p, lengths), plane[p]) for p in places]))
    return np.array(found, float).reshape(*x.shape[:-rank], *sizes)


def adaptive_average(layer: Any, x: Any) -> Any:
    return adaptive(layer, x, lambda window: math.fsum(v for _, v in window) / len(window))


def adaptive_maximum(layer: Any, x: Any) -> Any:
    values = adaptive(layer, x, lambda window: max(v for _, v in window))
    if not layer.return_indices:
        return values
    return values, adaptive(layer, x, lambda w: max(w, key=lambda e: e[1])[0]).astype(int)


def padded(mode: str) -> Any:
    """NumPy's padding, after the cutting."""

    def reference(layer: Any, x: Any) -> Any:
        pairs = [layer.padding[i : i + 2] for i in range(0, len(layer.padding), 2)][::-1]
        cut = [slice(max(0, -b), n - max(0, -a))
               for (b, a), n in zip(pairs, x.shape[-len(pairs):], strict=True)]  # fmt: skip
        x = x[(..., *cut)]
        widths = [(0, 0)] * (x.ndim - len(pairs)) + [(max(0, b), max(0, a)) for b, a in pairs]
        if mode == "constant":
            return np.pad(x, widths, constant_values=getattr(layer, "value", 0))
        if not x.size:  # NumPy will not pad an empty batch
            return np.zeros([n + sum(w) for n, w in zip(x.shape, widths, strict=True)])
        return np.pad(x, widths, mode=mode)  # type: ignore[call-overload]

    return reference


def lengths_of(layer: Any, x: Any) -> list[int]:
    if layer.scale_factor is None:
        return [layer.size] * (x.ndim - 2) if isinstance(layer.size, int) else list(layer.size)
    factors = np.broadcast_to(layer.scale_factor, x.ndim - 2)
    return [int(n * f) for n, f in zip(x.shape[2:], factors, strict=True)]


def upsampled(layer: Any, x: Any) -> Any:
    """One axis after the other, element by element."""
    weight = {"nearest": nearest, "nearest-exact": nearest, "bicubic": cubic}.get(
        layer.mode, linear
    )
    for axis, (n, size) in enumerate(zip(x.shape[2:], lengths_of(layer, x), strict=True), start=2):
        slices = np.moveaxis(x, axis, 0)
        rows = []
        for i in range(size):
            if layer.align_corners:
                place = i * (n - 1) / max(size - 1, 1)
            elif layer.mode == "nearest":
                place = math.floor(i * n / size)
            else:
                place = (i + 0.5) * n / size - 0.5
            if layer.mode == "nearest-exact":
                place = math.floor(place + 0.5)
            if layer.mode != "bicubic":
                place = min(max(place, 0), n - 1)
            near = range(math.floor(place) - 1, math.floor(place) + 3)
            rows.append(sum(slices[min(max(j, 0), n - 1)] * weight(place - j) for j in near))
        x = np.moveaxis(np.array(rows), 0, axis)
    return x


def nearest(distance: float) -> float:
    return float(distance == 0)


def linear(distance: float) -> float:
    return max(0.0, 1 - abs(distance))


def cubic(distance: float) -> float:
    x, a = abs(distance), -0.75
    if x <= 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


def shuffled(layer: Any, x: Any) -> Any:
    r = layer.upscale_factor
    *lead, c, h, w = x.shape
    out = np.zeros((*lead, c // (r * r), h * r, w * r))
    for channel, i, j in itertools.product(range(c // (r * r)), range(r), range(r)):
        out[..., channel, i::r, j::r] = x[..., channel * r * r + i * r + j, :, :]
    return out


def unshuffled(layer: Any, x: Any) -> Any:
    r = layer.downscale_factor
    parts = [
        x[..., channel, i::r, j::r]
        for channel, i, j in itertools.product(range(x.shape[-3]), range(r), range(r))
    ]
    return np.stack(parts, axis=-3)


def row(name: str, reference: Any, *args: Any, on: Sequence[int], **options: Any) -> Case:
    """A row whose input has a shape; one without a batch says batch=None."""
    shown = ", ".join([*map(str, args), *(f"{k}={v}" for k, v in options.items())])
    label = f"{name}({shown}) on {'x'.join(map(str, on))}"
    return case(
        name, *args, inputs=lambda: [draw(*on)], reference=reference, label=label, **options
    )


ADAPTIVE = [
    row("AdaptiveAvgPool1d", adaptive_average, 3, on=(2, 2, 5)),
    row("AdaptiveAvgPool1d", adaptive_average, 4, on=(2, 3), batch=None),
    row("AdaptiveAvgPool2d", adaptive_average, 1, on=(2, 3, 2, 3)),
    row("AdaptiveAvgPool2d", adaptive_average, (2, 2), on=(2, 1, 4, 6)),
    row("AdaptiveAvgPool2d", adaptive_average, (None, 2), on=(2, 1, 2, 5)),
    row("AdaptiveAvgPool3d", adaptive_average, (1, 2, 3), on=(1, 1, 2, 3, 4)),
    row("AdaptiveMaxPool1d", adaptive_maximum, 3, on=(2, 2, 5)),
    row("AdaptiveMaxPool1d", adaptive_maximum, 4, True, on=(2, 3), batch=None),
    row("AdaptiveMaxPool2d", adaptive_maximum, 1, on=(2, 2, 2, 3)),
    row("AdaptiveMaxPool2d", adaptive_maximum, (2, 2), return_indices=True, on=(2, 1, 4, 4)),
    row("AdaptiveMaxPool2d", adaptive_maximum, (None, 3), return_indices=True, on=(2, 1, 2, 5)),
    row("AdaptiveMaxPool3d", adaptive_maximum, (1, 2, 3), return_indices=True, on=(1, 1, 2, 3, 4)),
]
PADDING = [
    row("ZeroPad1d", padded("constant"), 1, on=(2, 2, 3)),
    row("ZeroPad2d", padded("constant"), (1, 0, 2, -1), on=(2, 1, 2, 3)),
    row("ZeroPad3d", padded("constant"), 1, on=(1, 1, 2, 1, 2)),
    row("ConstantPad1d", padded("constant"), (2, 1), 3.5, on=(2, 3), batch=None),
    row("ConstantPad2d", padded("constant"), (1, -1, 0, 2), -1.0, on=(2, 1, 2, 3)),
    row("ConstantPad3d", padded("constant"), 1, 2.0, on=(1, 1, 2, 1, 2)),
    row("ReflectionPad1d", padded("reflect"), (2, 1), on=(2, 2, 3)),
    row("ReflectionPad2d", padded("reflect"), (1, 2, 0, 1), on=(2, 1, 2, 3)),
    row("ReflectionPad3d", padded("reflect"), 1, on=(1, 2, 2, 2), batch=None),
    row("ReplicationPad1d", padded("edge"), (2, 3), on=(2, 2, 2)),
    row("ReplicationPad2d", padded("edge"), (0, 2, 3, 1), on=(1, 2, 3), batch=None),
    row("ReplicationPad3d", padded("edge"), 1, on=(1, 1, 2, 1, 2)),
    row("CircularPad1d", padded("wrap"), (2, 3), on=(2, 1, 3)),
    row("CircularPad2d", padded("wrap"), (1, -1, 2, 1), on=(2, 1, 2, 4)),
    row("CircularPad3d", padded("wrap"), 1, on=(1, 1, 2, 1, 2)),
]
UPSAMPLING = [
    row("Upsample", upsampled, scale_factor=2, on=(2, 2, 3)),
    row("Upsample", upsampled, size=(5, 2), on=(2, 1, 2, 3)),
    row("Upsample", upsampled, size=5, mode="nearest-exact", on=(2, 1, 3)),
    row("Upsample", upsampled, scale_factor=(2, 3), mode="bilinear", on=(2, 1, 2, 2)),
    row("Upsample", upsampled, size=5, mode="linear", align_corners=True, on=(2, 1, 3)),
    row("Upsample", upsampled, size=(5, 3), mode="bicubic", on=(1, 1, 3, 4)),
    row("Upsample", upsampled, size=(3, 1), mode="bicubic", align_corners=True, on=(1, 1, 2, 3)),
    row("Upsample", upsampled, scale_factor=1.5, mode="trilinear", on=(1, 1, 2, 2, 2)),
    row("UpsamplingNearest2d", upsampled, scale_factor=2, on=(2, 1, 2, 3)),
    row("UpsamplingBilinear2d", upsampled, size=(3, 5), on=(2, 1, 2, 3)),
    row("PixelShuffle", shuffled, 2, on=(2, 4, 2, 3)),
    row("PixelUnshuffle", unshuffled, 2, on=(2, 2, 2, 4)),
]

CASES = [*ADAPTIVE, *PADDING, *UPSAMPLING]
