"""Normalisation: batch, layer and group, each by plain formulas on slices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, case, value


def scaled(layer: Any, x: Any, lengths: tuple[int, ...]) -> Any:
    """x · weight + bias, both in a shape that broadcasts with x."""
    weight, bias = value(layer.weight), value(layer.bias)
    x = x if weight is None else x * weight.reshape(lengths)
    return x if bias is None else x + bias.reshape(lengths)


def channels(x: Any) -> tuple[int, ...]:
    return (1, -1, *(1 for _ in x.shape[2:]))


def batch_norm(layer: Any, x: Any) -> Any:
    out = np.empty(x.shape)
    for c in range(x.shape[1]):
        part = x[:, c]
        if layer.training or layer.running_mean is None:
            mean = np.sum(part) / max(part.size, 1)
            var = np.sum((part - mean) ** 2) / max(part.size, 1)
        else:
            mean, var = value(layer.running_mean)[c], value(layer.running_var)[c]
        out[:, c] = (part - mean) / np.sqrt(var + layer.eps)
    return scaled(layer, out, channels(x))


def standardized(part: Any, eps: float) -> Any:
    mean = np.sum(part) / part.size
    return (part - mean) / np.sqrt(np.sum((part - mean) ** 2) / part.size + eps)


def layer_norm(layer: Any, x: Any) -> Any:
    shape = layer.normalized_shape
    rows = x.reshape(-1, *shape)
    out = np.array([standardized(row, layer.eps) for row in rows]).reshape(x.shape)
    return scaled(layer, out, shape)


def group_norm(layer: Any, x: Any) -> Any:
    size = layer.num_channels // layer.num_groups
    out = np.empty(x.shape)
    for n in range(len(x)):
        for start in range(0, layer.num_channels, size):
            part = x[n, start : start + size]
            out[n, start : start + size] = standardized(part, layer.eps)
    return scaled(layer, out, channels(x))


def instance_norm(layer: Any, x: Any) -> Any:
    whole = x if x.ndim == 2 + int(type(layer).__name__[-2]) else x[None]
    out = np.empty(whole.shape)
    for n in range(len(whole)):
        for c in range(whole.shape[1]):
            if layer.training or layer.running_mean is None:
                out[n, c] = standardized(whole[n, c], layer.eps)
            else:
                mean, var = value(layer.running_mean)[c], value(layer.running_var)[c]
                out[n, c] = (whole[n, c] - mean) / np.sqrt(var + layer.eps)
    return scaled(layer, out, channels(whole)).reshape(x.shape)


def rms_norm(layer: Any, x: Any) -> Any:
    shape = layer.normalized_shape
    eps = np.finfo(np.float64).eps if layer.eps is None else layer.eps
    rows = [row / np.sqrt(np.sum(row * row) / row.size + eps) for row in x.reshape(-1, *shape)]
    out = np.array(rows).reshape(x.shape)
    return out if layer.weight is None else out * value(layer.weight)


def response_norm(layer: Any, x: Any) -> Any:
    out = np.empty(x.shape)
    for c in range(x.shape[1]):
        first = max(0, c - layer.size // 2)
        near = x[:, first : c + (layer.size - 1) // 2 + 1]
        squares = np.sum(near * near, axis=1) / layer.size
        out[:, c] = x[:, c] / (layer.k + layer.alpha * squares) ** layer.beta
    return out


def batch(name: str, *args: Any, shape: tuple[int, ...], **options: Any) -> Case:
    return case(name, *args, inputs=lambda: [draw(*shape)], reference=batch_norm, **options)


CASES = [
    batch("BatchNorm1d", 2, shape=(3, 2)),
    batch("BatchNorm1d", 2, shape=(2, 2, 3), label="BatchNorm1d in 3-D"),
    batch("BatchNorm1d", 2, shape=(2, 2, 150), label="BatchNorm1d of long channels"),
    batch("BatchNorm1d", 2, eps=0.1, momentum=0.3, shape=(3, 2)),
    batch("BatchNorm1d", 2, momentum=None, shape=(3, 2)),
    batch("BatchNorm1d", 2, affine=False, shape=(3, 2)),
    batch("BatchNorm1d", 2, bias=False, shape=(3, 2)),
    batch("BatchNorm1d", 2, track_running_stats=False, shape=(3, 2)),
    batch("BatchNorm2d", 2, shape=(2, 2, 1, 2)),
    batch("BatchNorm2d", 2, shape=(1, 2, 2, 2), label="BatchNorm2d of one image"),
    batch("BatchNorm2d", 2, affine=False, track_running_stats=False, shape=(2, 2, 1, 2)),
    batch("BatchNorm3d", 2, shape=(2, 2, 1, 1, 2)),
    *(
        case("LayerNorm", *args, inputs=lambda: [draw(2, 2, 3)], reference=layer_norm, **options)
        for args, options in [
            ((3,), {}),
            (([2, 3],), {}),
            (((2, 2, 3),), {"batch": None}),
            ((3,), {"eps": 0.1}),
            ((3,), {"bias": False}),
            ((3,), {"elementwise_affine": False}),
        ]
    ),
    case("LayerNorm", 3, inputs=lambda: [draw(3)], reference=layer_norm, batch=None,
         label="LayerNorm of one vector"),
    *(
        case("GroupNorm", *args, inputs=lambda: [draw(2, 4, 2)], reference=group_norm, **options)
        for args, options in [
            ((2, 4), {}),
            ((1, 4), {}),
            ((4, 4), {}),
            ((2, 4), {"eps": 0.1}),
            ((2, 4), {"bias": False}),
            ((2, 4), {"affine": False}),
        ]
    ),
    case("GroupNorm", 2, 4, inputs=lambda: [draw(3, 4)], reference=group_norm,
         label="GroupNorm without places"),
    case("GroupNorm", 2, 4, inputs=lambda: [draw(2, 4, 2, 1)], reference=group_norm,
         label="GroupNorm of images"),
    *(
        case(f"InstanceNorm{len(shape) - 2 + alone}d",
            2, inputs=lambda shape=shape: [draw(*shape)],
             reference=instance_norm, batch=None if alone else 0, **options)
        for shape, alone, options in [
            ((2, 2, 3), 0, {}),
            ((2, 2, 3), 0, {"affine": True, "track_running_stats": False, "eps": 0.1}),
            ((2, 2, 3), 0, {"affine": True, "track_running_stats": False, "bias": False}),
            ((2, 2, 3), 0, {"affine": False, "track_running_stats": True, "momentum": 0.3}),
            ((2, 3), 1, {"affine": True, "track_running_stats": False}),
            ((2, 2, 2, 2), 0, {"affine": True, "track_running_stats": True}),
            ((2, 2, 2), 1, {"affine": True, "track_running_stats": True}),
            ((1, 2, 2, 1, 2), 0, {"affine": True, "track_running_stats": True}),
        ]
    ),
    *(
        case("RMSNorm", *args, inputs=lambda: [draw(2, 2, 3)], reference=rms_norm, **options)
        for args, options in [
            ((3,), {}),
            (([2, 3],), {}),
            ((3,), {"eps": 0.1}),
            ((3,), {"elementwise_affine": False}),
        ]
    ),
    *(
        case("LocalResponseNorm", *args, inputs=lambda shape=shape: [draw(*shape)],
             reference=response_norm, **options)
        for args, shape, options in [
            ((2,), (2, 4, 2), {"alpha": 0.1}),
            ((3,), (1, 4, 2, 2), {"alpha": 0.5, "beta": 0.6, "k": 2.0}),
            ((5,), (1, 3, 2, 1, 2), {}),
            ((1,), (2, 3, 2), {}),
        ]
    ),
]  # fmt: skip
