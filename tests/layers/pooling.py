"""Pooling layers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, case, value


def per_axis(number: Any, rank: int) -> tuple[int, ...]:
    numbers = number if isinstance(number, tuple) else (number,)
    return numbers * rank if len(numbers) == 1 else numbers


def count_windows(n: int, k: int, s: int, p: int, d: int, ceil_mode: bool) -> int:
    """Those that lie within the padded axis; with `ceil_mode` also one that starts before its end.

    The end that counts then is that of the elements and the padding before them.
    """
    starts = range(0, n + p if ceil_mode else n + 2 * p, s)
    span = (k - 1) * d + 1
    fit = [i for i in starts if i + span <= n + 2 * p]
    over = [i for i in starts if i + span > n + 2 * p]
    # the one that hangs over starts less than a stride after the last that fits
    return len(fit) + (1 if ceil_mode and over and over[0] + span < n + 2 * p + s else 0)


def slide(layer: Any, x: Any, rank: int, f: Callable[[list[Any], int], Any]) -> Any:
    """f of each window: (place, value) of its elements, and its size with the padding."""
    lengths = x.shape[-rank:]
    options = [
        per_axis(getattr(layer, name, default), rank)
        for name, default in (("kernel_size", 1), ("stride", 1), ("padding", 0), ("dilation", 1))
    ]
    if getattr(layer, "stride", 1) is None:
        options[1] = options[0]
    axes = list(zip(lengths, *options, strict=True))
    counts = [count_windows(*axis, layer.ceil_mode) for axis in axes]
    found = []
    for plane in x.reshape(math.prod(x.shape[:-rank]), *lengths):
        for window in itertools.product(*map(range, counts)):
            elements, size = [], 0
            for position in itertools.product(*map(range, options[0])):
                place = tuple(
                    i * s - p + k * d
                    for i, k, (_, _, s, p, d) in zip(window, position, axes, strict=True)
                )
                size += all(a < n + p for a, (n, _, _, p, _) in zip(place, axes, strict=True))
                if all(0 <= a < n for a, n in zip(place, lengths, strict=True)):
                    elements.append((int(np.ravel_multi_index(place, lengths)), plane[place]))
            found.append(f(elements, size))
    return np.array(found, float).reshape(*x.shape[:-rank], *counts)


def rank_of(layer: Any) -> int:
    return int(type(layer).__name__[-2])


def max_pool(layer: Any, x: Any) -> Any:
    rank = rank_of(layer)
    values = slide(layer, x, rank, lambda elements, _: max(v for _, v in elements))
    if not layer.return_indices:
        return values
    places = slide(layer, x, rank, lambda elements, _: max(elements, key=lambda e: e[1])[0])
    return values, places.astype(int)


def avg_pool(layer: Any, x: Any) -> Any:
    def average(elements: list[Any], size: int) -> float:
        total = math.fsum(v for _, v in elements)
        if getattr(layer, "divisor_override", None):
            return total / layer.divisor_override
        return total / (size if layer.count_include_pad else len(elements))

    return slide(layer, x, rank_of(layer), average)


def lp_pool(layer: Any, x: Any) -> Any:
    rank, p = rank_of(layer), layer.norm_type
    full = math.prod(per_axis(layer.kernel_size, rank))

    def norm(elements: list[Any], size: int) -> float:
        if math.isinf(p):
            return (max if p > 0 else min)(abs(v) for _, v in elements)
        return float((math.fsum(v**p for _, v in elements) * full / size) ** (1 / p))

    return slide(layer, x, rank, norm)


def max_unpool(layer: Any, x: Any, places: Any) -> Any:
    rank = rank_of(layer)
    options = (per_axis(v, rank) for v in (layer.kernel_size, layer.stride, layer.padding))
    axes = zip(x.shape[-rank:], *options, strict=True)
    lengths = [(n - 1) * s + k - 2 * p for n, k, s, p in axes]
    lead = x.shape[:-rank]
    out = np.zeros((math.prod(lead), math.prod(lengths)))
    flat = (a.reshape(math.prod(lead), math.prod(x.shape[-rank:])) for a in (x, places))
    for plane, values, numbers in zip(out, *flat, strict=True):
        for v, number in zip(values, numbers, strict=True):
            plane[number] = v
    return out.reshape(*lead, *lengths)


def pools(name: str, reference: Any, *args: Any, on: Sequence[int], **options: Any) -> Case:
    """A row whose input has a shape; one without a batch has an axis less."""
    low = options.pop("low", -2.0)
    named = (f"{k}={v}" for k, v in options.items() if k != "torch")
    label = f"{name}({', '.join([*map(str, args), *named])})"
    return case(
        name,
        *args,
        inputs=lambda: [draw(*on, low=low)],
        reference=reference,
        batch=0 if len(on) == int(name[-2]) + 2 else None,
        label=f"{label} on {'x'.join(map(str, on))}",
        **options,
    )


PLACES_1D = np.array([[[1, 4], [0, 5]]] * 2)
PLACES_2D = np.array([[[[1, 3], [9, 15]]]] * 2)
PLACES_3D = np.array([[[[[7]], [[8]]]]])

MAX = [
    pools("MaxPool1d", max_pool, 2, on=(2, 2, 5)),
    pools("MaxPool1d", max_pool, 3, 1, 1, on=(2, 2, 5)),
    pools("MaxPool1d", max_pool, 3, 2, 1, 2, on=(3, 8)),
    pools("MaxPool1d", max_pool, 2, ceil_mode=True, return_indices=True, on=(2, 2, 5)),
    pools("MaxPool1d", max_pool, 3, 4, 1, ceil_mode=True, on=(1, 1, 5)),
    pools("MaxPool2d", max_pool, 2, on=(2, 2, 2, 4)),
    pools("MaxPool2d", max_pool, 2, return_indices=True, on=(2, 1, 4, 3)),
    pools("MaxPool2d", max_pool, 3, 2, 1, on=(2, 1, 5, 4)),
    pools("MaxPool2d", max_pool, (3, 2), (1, 2), (1, 0), (2, 1), on=(1, 1, 5, 4)),
    pools("MaxPool2d", max_pool, 3, 2, 1, ceil_mode=True, return_indices=True, on=(1, 1, 6, 6)),
    pools("MaxPool2d", max_pool, 3, 1, 1, return_indices=True, on=(1, 4, 3)),
    pools("MaxPool2d", max_pool, (1, 4), (2, 3), (0, 2), on=(1, 1, 5, 4)),
    pools("MaxPool2d", max_pool, 2, 3, ceil_mode=True, on=(1, 1, 7, 4)),
    pools("MaxPool3d", max_pool, 2, on=(1, 1, 2, 4, 3)),
    pools("MaxPool3d", max_pool, (1, 2, 3), (1, 1, 2), (0, 1, 1), return_indices=True,
          on=(1, 1, 2, 3, 4)),
    pools("MaxPool3d", max_pool, 2, 1, 0, (1, 2, 1), ceil_mode=True, on=(1, 2, 3, 3)),
    case("MaxUnpool1d", 2, inputs=lambda: [draw(2, 2, 2), PLACES_1D % 4], reference=max_unpool),
    case("MaxUnpool1d", 3, 2, 0, reference=max_unpool, batch=None,
         inputs=lambda: [draw(2, 2), np.array([[1, 4], [3, 0]])]),
    case("MaxUnpool2d", 2, inputs=lambda: [draw(2, 1, 2, 2), PLACES_2D], reference=max_unpool),
    case("MaxUnpool2d", (3, 2), (2, 3), (1, 0), inputs=lambda: [draw(2, 1, 2, 2), PLACES_2D % 11],
         reference=max_unpool),
    case("MaxUnpool3d", (2, 2, 2), inputs=lambda: [draw(1, 1, 2, 1, 1), PLACES_3D],
         reference=max_unpool),
]  # fmt: skip
AVERAGE = [
    pools("AvgPool1d", avg_pool, 2, on=(2, 2, 5)),
    pools("AvgPool1d", avg_pool, 3, 2, 1, on=(3, 6)),
    pools("AvgPool1d", avg_pool, 3, 2, 1, True, False, on=(2, 1, 6)),
    pools("AvgPool1d", avg_pool, 3, 2, 1, ceil_mode=True, on=(2, 1, 6)),
    pools("AvgPool2d", avg_pool, 2, on=(2, 2, 2, 4)),
    pools("AvgPool2d", avg_pool, 3, 1, 1, on=(1, 2, 3, 4)),
    pools("AvgPool2d", avg_pool, 3, 2, 1, count_include_pad=False, on=(1, 1, 5, 5)),
    pools("AvgPool2d", avg_pool, (3, 2), (2, 3), (1, 0), ceil_mode=True, on=(1, 6, 6)),
    pools("AvgPool2d", avg_pool, 3, 2, 1, True, False, on=(1, 1, 4, 6)),
    pools("AvgPool2d", avg_pool, 2, divisor_override=3, on=(1, 1, 4, 4)),
    pools("AvgPool3d", avg_pool, 2, on=(1, 1, 2, 4, 3)),
    pools("AvgPool3d", avg_pool, (2, 1, 3), 2, (1, 0, 1), True, False, on=(1, 1, 3, 3, 4)),
    pools("AvgPool3d", avg_pool, 2, 1, divisor_override=-5, on=(1, 2, 2, 3)),
    pools("LPPool1d", lp_pool, 2, 3, on=(2, 1, 7), low=0.1),
    pools("LPPool1d", lp_pool, 3.5, 2, 1, on=(2, 5), low=0.1),
    pools("LPPool1d", lp_pool, math.inf, 2, on=(2, 2, 4)),
    pools("LPPool1d", lp_pool, -math.inf, 2, on=(2, 2, 4)),
    pools("LPPool2d", lp_pool, 2.0, 2, on=(2, 1, 2, 4)),
    pools("LPPool2d", lp_pool, 1.5, (2, 3), 1, on=(1, 1, 3, 4), low=0.1),
    pools("LPPool2d", lp_pool, 4, 3, 2, ceil_mode=True, on=(1, 1, 4, 4)),
    pools("LPPool3d", lp_pool, 2, 2, on=(1, 1, 2, 2, 3)),
]


def fractional(layer: Any, x: Any) -> Any:
    rank = rank_of(layer)
    lengths, lead = x.shape[-rank:], x.shape[:-rank]
    sizes = (
        [int(n * layer.output_ratio) for n in lengths]
        if layer.output_size is None
        else per_axis(layer.output_size, rank)
    )
    samples = value(layer._random_samples).reshape(-1, rank)
    values, places = [], []
    for plane, numbers in zip(x.reshape(-1, *lengths), samples, strict=True):
        own = numbers[::-1] if rank == 2 else numbers
        axes = [
            [range(start, start + k) for start in starts(u, n, size, k)]
            for u, n, size, k in zip(own, lengths, sizes, layer.kernel_size, strict=True)
        ]
        for window in itertools.product(*axes):
            elements = [(np.ravel_multi_index(p, lengths), plane[p])
                        for p in itertools.product(*window)]  # fmt: skip
            place, most = max(elements, key=lambda e: e[1])
            values.append(most)
            places.append(int(place))
    found = [np.array(y).reshape(*lead, *sizes) for y in (values, places)]
    return tuple(found) if layer.return_indices else found[0]


def starts(u: float, n: int, size: int, k: int) -> list[int]:
    if size == 1:
        return [n - k]
    alpha = (n - k) / (size - 1)
    return [*(int((i + u) * alpha) - int(u * alpha) for i in range(size - 1)), n - k]


def randomly(*args: Any, on: Sequence[int], **options: Any) -> Case:
    """A row of fractional pooling at fixed places."""
    rank = len(on) - 2
    samples = draw(*on[:2], rank, low=0.1, high=0.9, seed="places")
    shown = ", ".join([*map(str, args), *(f"{k}={v}" for k, v in options.items())])
    return case(f"FractionalMaxPool{rank}d", *args, inputs=lambda: [draw(*on)], batch=None,
                reference=fractional, _random_samples=samples,
                label=f"FractionalMaxPool{rank}d({shown})", **options)  # fmt: skip


FRACTIONAL = [
    randomly(2, 3, on=(2, 1, 4, 5)),
    randomly(2, output_ratio=0.5, return_indices=True, on=(1, 2, 4, 5)),
    randomly((1, 3), (4, 2), return_indices=True, on=(1, 1, 6, 5)),
    randomly(2, 1, on=(1, 1, 3, 3)),
    randomly(2, (1, 2, 3), return_indices=True, on=(1, 1, 3, 4, 5)),
    randomly((1, 2, 2), output_ratio=0.7, on=(1, 1, 3, 4, 4)),
]


def weighted(layer: Any, x: Any) -> Any:
    """Window by window: the part of it that lies inside, and the weights of that part."""
    rank = rank_of(layer)
    weight = np.exp(value(layer.weight))
    options = (weight.shape[1:], layer.stride, layer.padding)
    axes = list(zip(x.shape[-rank:], *(per_axis(v, rank) for v in options), strict=True))
    counts = [count_windows(n, k, s, p, 1, layer.ceil_mode) for n, k, s, p in axes]
    out = np.zeros((*x.shape[:-rank], *counts))
    last = tuple(range(-rank, 0))
    for window in itertools.product(*map(range, counts)):
        starts = [i * s - p for i, (_, _, s, p) in zip(window, axes, strict=True)]
        inside = [slice(max(0, b), min(n, b + k))
                  for b, (n, k, _, _) in zip(starts, axes, strict=True)]  # fmt: skip
        own = [slice(part.start - b, part.stop - b)
               for b, part in zip(starts, inside, strict=True)]  # fmt: skip
        shares = weight[(..., *own)]
        sums = np.sum(shares * x[(..., *inside)], axis=last)
        out[(..., *window)] = sums / np.sum(shares, axis=last)
    return out


def weighting(name: str, *args: Any, on: Sequence[int], **options: Any) -> Case:
    return pools(name, weighted, *args, on=on, torch=None, **options)


WEIGHTED = [
    weighting("WeightedAvgPool1d", 3, 2, on=(2, 2, 5)),
    weighting("WeightedAvgPool1d", 2, padding=1, channels=2, on=(2, 4)),
    weighting("WeightedAvgPool2d", 2, on=(2, 1, 4, 4)),
    weighting("WeightedAvgPool2d", (3, 2), (1, 2), (1, 0), channels=2, on=(1, 2, 3, 4)),
    weighting("WeightedAvgPool2d", 2, ceil_mode=True, on=(1, 1, 3, 5)),
]

CASES = [*MAX, *AVERAGE, *FRACTIONAL, *WEIGHTED]
