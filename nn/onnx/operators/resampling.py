"""Pictures of another size, and numbers between pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
import nn.functional as F
from autograd.errors import UnsupportedError
from autograd.extend import raw
from nn.onnx.budget import products, sized
from nn.onnx.table import Call, ints, row


def _places(mode: str, lengths: tuple[int, int], scale: float, roi: Any, wanted: float) -> Any:
    """Where in the input each number of the output lies."""
    n, m = lengths
    i = np.arange(m, dtype=np.float64)
    if mode == "half_pixel":
        return (i + 0.5) / scale - 0.5
    if mode == "pytorch_half_pixel":
        return (i + 0.5) / scale - 0.5 if m > 1 else np.full(m, -0.5)
    if mode == "half_pixel_symmetric":
        adjustment = m / wanted
        offset = n / 2 * (1 - adjustment)
        return offset + (i + 0.5) / scale - 0.5
    if mode == "asymmetric":
        return i / scale
    if mode == "align_corners":
        return i * (n - 1) / (wanted - 1) if wanted > 1 else np.zeros(m)
    if mode == "tf_crop_and_resize":
        begin, end = roi
        if m == 1:
            return np.full(1, 0.5 * (begin + end) * (n - 1))
        return begin * (n - 1) + i * (end - begin) * (n - 1) / (m - 1)
    raise UnsupportedError(f"the coordinate mode {mode!r} is not supported")


def _cubic(t: Any, a: float) -> Any:
    t = np.abs(t)
    near = ((a + 2) * t - (a + 3)) * t * t + 1
    far = ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
    return np.where(t <= 1, near, np.where(t < 2, far, 0.0))


def _nearest(x: Any, mode: str) -> Any:
    if mode == "floor":
        return np.floor(x)
    if mode == "ceil":
        return np.ceil(x)
    return np.ceil(x - 0.5) if mode == "round_prefer_floor" else np.floor(x + 0.5)


def _weights(call: Call, lengths: tuple[int, int], scale: float, roi: Any, wanted: float) -> Any:
    """The matrix that takes an axis to its resampled one."""
    n, m = lengths
    sized((m, n))
    mode = call("coordinate_transformation_mode", "half_pixel" if call.opset > 10 else "asymmetric")
    x = _places(mode, lengths, scale, roi, wanted)
    kind = call("mode", "nearest")
    found = np.zeros((m, n))
    rows = np.arange(m)
    if kind == "nearest":
        how = call("nearest_mode", "round_prefer_floor" if call.opset > 10 else "floor")
        at = np.clip(_nearest(x, how), 0, n - 1).astype(int)
        found[rows, at] = 1
    else:
        width = 1 if kind == "linear" else 2
        stretch = max(1.0, 1 / scale) if call("antialias", 0) else 1.0
        reach = int(np.ceil(width * stretch)) + 1
        base = np.floor(x).astype(int)
        coefficient = call("cubic_coeff_a", -0.75)
        for k in range(-reach, reach + 2):
            t = (base + k - x) / stretch
            w = np.maximum(0, 1 - np.abs(t)) if kind == "linear" else _cubic(t, coefficient)
            at = base + k
            if call("exclude_outside", 0):
                w = np.where((at < 0) | (at > n - 1), 0, w)
            np.add.at(found, (rows, np.clip(at, 0, n - 1)), w)
        found /= found.sum(1, keepdims=True)
    if mode == "tf_crop_and_resize":
        outside = (x < 0) | (x > n - 1)
        found[outside] = np.nan  # to be filled
    return found


def _resized(call: Call, x: Any, plan: dict[int, Any]) -> Any:
    fill, dtype = call("extrapolation_value", 0.0), raw(x).dtype
    outside: Any = None
    for axis, matrix in plan.items():
        gone = np.isnan(matrix).any(1)
        matrix = np.where(gone[:, None], 0.0, matrix)
        if call("mode", "nearest") == "nearest":
            x = ag.take(x, ag.Tensor(matrix.argmax(1)), axis=axis)
        else:
            whole = ag.Tensor(matrix.astype(dtype if dtype.kind == "f" else np.float32))
            products((*x.shape[:axis], *x.shape[axis + 1 :], len(matrix)), x.shape[axis])
            x = ag.moveaxis(ag.moveaxis(x, axis, -1) @ whole.T, -1, axis)
        if gone.any():
            shape = [1] * x.ndim
            shape[axis] = gone.size
            gone = gone.reshape(shape)
            outside = gone if outside is None else outside | gone
    x = x if raw(x).dtype == dtype else ag.astype(ag.round(x), dtype)
    if outside is None:
        return x
    return ag.where(ag.Tensor(outside), ag.Tensor(np.asarray(fill, dtype)), x)


@row("Resize", since=10)
def resize(call: Call, x: Any, *given: Any) -> Any:
    """x with axes of other lengths, by the nearest, linear or cubic interpolation."""
    roi, scales, sizes = (None, *given, None)[:3] if call.opset < 11 else (*given, *[None] * 3)[:3]
    axes = [a % x.ndim for a in call("axes", range(x.ndim))]
    lengths = [x.shape[a] for a in axes]
    if sizes is not None and raw(sizes).size:
        sizes = ints(sizes)
        factors = [m / n for m, n in zip(sizes, lengths, strict=True)]
        policy = call("keep_aspect_ratio_policy", "stretch")
        if policy != "stretch":
            factor = min(factors) if policy == "not_larger" else max(factors)
            factors = [factor] * len(factors)
            sizes = [int(np.floor(factor * n + 0.5)) for n in lengths]
        wanted = [float(m) for m in sizes]
    else:
        factors = raw(scales).astype(float).tolist()
        wanted = [f * n for f, n in zip(factors, lengths, strict=True)]
        sizes = [int(np.floor(w)) for w in wanted]
    whole = dict(enumerate(x.shape)) | dict(zip(axes, sizes, strict=True))
    sized(whole.values())
    areas = None if roi is None or not raw(roi).size else raw(roi).reshape(2, -1).T.tolist()
    crop = call("coordinate_transformation_mode") == "tf_crop_and_resize"
    plan = {}
    for i, axis in enumerate(axes):
        if factors[i] == 1 and sizes[i] == lengths[i] and not crop:
            continue
        area = areas[i] if areas else (0.0, 1.0)
        plan[axis] = _weights(call, (lengths[i], sizes[i]), factors[i], area, wanted[i])
    return _resized(call, x, plan)


@row("Upsample")
def upsample(call: Call, x: Any, scales: Any = None) -> Any:
    """x larger by factors, by the nearest or linear interpolation."""
    factors = call("scales") if scales is None else raw(scales).astype(float).tolist()
    older = Call("Upsample", call.name, 10, 1, {"mode": call("mode", "nearest")})
    return resize(older, x, ag.Tensor(np.array(factors)))


@row("GridSample", since=16)
def grid_sample(call: Call, x: Any, grid: Any) -> Any:
    """x at the places that a grid names."""
    sized((*x.shape[:2], *grid.shape[1:-1]))
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(call("mode", "bilinear"), call("mode"))
    return F.grid_sample(
        x,
        grid,
        mode or "bilinear",
        call("padding_mode", "zeros"),
        bool(call("align_corners", 0)),
    )


@row("RoiAlign", since=10)
def roi_align(call: Call, x: Any, rois: Any, batch: Any) -> Any:
    """Boxes of a picture as grids of a fixed size, by linear interpolation."""
    size = call("output_height", 1), call("output_width", 1)
    half = call("coordinate_transformation_mode", "half_pixel" if call.opset > 15 else "")
    shift = 0.5 if half == "half_pixel" else 0.0
    found = []
    for box, which in zip(raw(rois).astype(float), ints(batch), strict=True):
        box = box * call("spatial_scale", 1.0) - shift
        places = []
        for axis in range(2):
            begin, end = box[1 - axis], box[3 - axis]
            length = end - begin if shift else max(end - begin, 1.0)
            ratio = call("sampling_ratio", 0) or int(np.ceil(length / size[axis]))
            count = size[axis] * ratio
            sized([count])
            places.append((begin + (np.arange(count) + 0.5) * length / count, ratio))
        sized((len(raw(rois)), len(x[which]), *(len(at) for at, _ in places)))
        found.append(_aligned(call, x[which], places, size))
    return ag.stack(found, axis=0)


def _corners(places: Any, length: int, dtype: Any) -> list[tuple[Any, Any]]:
    """The entries of an axis before and after each place, and the weight of each."""
    inside = (places >= -1) & (places <= length)
    at = np.clip(places, 0, length - 1)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, length - 1)
    part = at - low
    return [
        (low, ((1 - part) * inside).astype(dtype)),
        (high, (part * inside).astype(dtype)),
    ]


def _aligned(call: Call, picture: Any, places: Any, size: tuple[int, int]) -> Any:
    (ys, ry), (xs, rx) = places
    dtype = raw(picture).dtype
    parts = [
        ag.take(ag.take(picture, ag.Tensor(a), axis=1), ag.Tensor(c), axis=2)
        * ag.Tensor(b[:, None] * d)
        for a, b in _corners(ys, picture.shape[1], dtype)
        for c, d in _corners(xs, picture.shape[2], dtype)
    ]
    shape = (-1, size[0], ry, size[1], rx)
    if call("mode", "avg") == "avg":
        return ag.mean(sum(parts[1:], parts[0]).reshape(shape), axis=(2, 4))
    return ag.max(ag.max(ag.stack(parts, axis=0), axis=0).reshape(shape), axis=(2, 4))


@row("AffineGrid", since=20)
def affine_grid(call: Call, theta: Any, size: Any) -> Any:
    """Where a picture or a volume of a size is looked at, for GridSample.

    ONNX' own definition takes the axis of a batch of one away.
    """
    lengths = [*sized(ints(size))]
    products((*lengths[:1], *lengths[2:], len(lengths) - 2), len(lengths) - 1)
    if not lengths[0]:
        return ag.zeros(0, *lengths[2:], len(lengths) - 2, dtype=raw(theta).dtype)
    return F.affine_grid(theta, lengths, bool(call("align_corners", 0)))
