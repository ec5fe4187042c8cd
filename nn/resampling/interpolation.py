"""Images, sequences and volumes at another size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.engine.arguments import checked
from autograd.engine.diagnose import here
from autograd.engine.modes import at_any_length
from autograd.errors import ArgumentError, ShapeError
from nn.loss.reduction import as_floats, as_tensor
from nn.module.checks import check_choice
from nn.pooling.adaptive import adaptive_avg_pool1d as _area1d
from nn.pooling.adaptive import adaptive_avg_pool2d as _area2d
from nn.pooling.adaptive import adaptive_avg_pool3d as _area3d
from nn.resampling.ops import Resampling, resample

# the kind of table of a mode, and the numbers of axes (N and C among them) that it takes
MODES = {
    "nearest": ("nearest", (3, 4, 5)),
    "nearest-exact": ("nearest-exact", (3, 4, 5)),
    "linear": ("linear", (3,)),
    "bilinear": ("linear", (4,)),
    "trilinear": ("linear", (5,)),
    "bicubic": ("cubic", (4,)),
    "lanczos": ("lanczos", (4,)),
    "area": ("area", (3, 4, 5)),
}
SMOOTH = ("linear", "bilinear", "bicubic", "trilinear", "lanczos")
FILTERS = ("bilinear", "bicubic", "lanczos")


@checked
def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """The input (N, C, ...) at another size of its last axes: `size`, or `scale_factor` times it.

    `mode` is "nearest", "nearest-exact" (which looks from the middle of a pixel), "linear" (3-D
    input), "bilinear" and "bicubic" (4-D), "trilinear" (5-D), or "area", the average of all that a
    pixel covers. With `align_corners` the middles of the corner pixels stay where they are, else
    the edges of the image. The distance of samples is 1 / `scale_factor`; with
    `recompute_scale_factor` it follows from the two sizes. `antialias` (of "bilinear", "bicubic",
    and "lanczos", which needs it) averages where the image gets smaller; then `align_corners` only
    sets the distance of samples, as in PyTorch.

    Source: Keys, Cubic convolution interpolation for digital image processing (1981).

    Shape: (N, C, *) -> (N, C, *ₒ).

    >>> import autograd as ag
    >>> import nn
    >>> x = ag.Tensor([[[0.0, 4.0]]])
    >>> nn.functional.interpolate(x, scale_factor=2, mode="linear")
    Tensor([[[0., 1., 3., 4.]]], dtype=float32)
    """
    check_choice("mode", mode, tuple(MODES))
    kind, ranks = MODES[mode]
    input = as_tensor(input) if kind.startswith("nearest") else as_floats(input)
    _check(input, mode, ranks, align_corners, antialias)
    lengths = input.shape[2:]
    sizes, factors = _sizes(lengths, size, scale_factor)
    if factors is None and recompute_scale_factor:
        raise ArgumentError(
            f"interpolate: recompute_scale_factor says nothing beside a size{here()}"
        )
    if mode == "area":
        return {1: _area1d, 2: _area2d, 3: _area3d}[len(lengths)](input, sizes)
    if factors is None or recompute_scale_factor:
        factors = (0.0,) * len(sizes)
    kind = f"{kind}-antialias" if antialias else kind
    tables = [
        Resampling(kind, n, size, _distance(n, size, factor, bool(align_corners)),
                   bool(align_corners))
        for n, size, factor in zip(lengths, sizes, factors, strict=True)
    ]  # fmt: skip
    # rows are cheaper to make than columns: a larger image gets its columns while it is small
    whole = at_any_length.get()
    axes = sorted(range(len(tables)), key=lambda a: a if sizes[a] < lengths[a] or whole else -a)
    for axis in axes:
        same = sizes[axis] == lengths[axis] and (antialias or tables[axis].scale == 1)
        if not same or (whole and size is not None):
            input = resample(input, axis + 2, tables[axis])
    return input


def _check(
    input: Any, mode: str, ranks: tuple[int, ...], align_corners: bool | None, antialias: bool
) -> None:
    if input.ndim not in ranks:
        shown = " or ".join(f"{r}-D" for r in ranks)
        fitting = [m for m, (_, r) in MODES.items() if input.ndim in r and m != "lanczos"]
        hint = f"\n  For this input there are {', '.join(fitting)}." if fitting else ""
        raise ShapeError(
            f"interpolate: mode {mode!r} takes (N, C, ...) in {shown}, the input is "
            f"{input.shape}{hint}{here()}"
        )
    if 0 in input.shape[1:]:
        raise ShapeError(
            f"interpolate: the input is {input.shape}; of its axes only the batch may be "
            f"empty{here()}"
        )
    if align_corners is not None and mode not in SMOOTH:
        raise ArgumentError(f"interpolate: mode {mode!r} takes no align_corners{here()}")
    if antialias and mode not in FILTERS:
        raise ArgumentError(
            f"interpolate: antialias goes with {', '.join(FILTERS)}, not with mode {mode!r}{here()}"
        )
    if mode == "lanczos" and (align_corners or not antialias):
        raise ArgumentError(
            f"interpolate: mode 'lanczos' needs antialias=True and no align_corners{here()}"
        )


def _sizes(
    lengths: tuple[int, ...], size: Any, scale_factor: Any
) -> tuple[tuple[int, ...], tuple[float, ...] | None]:
    """The lengths of the output, and the factors if these were given."""
    if (size is None) == (scale_factor is None):
        both = "both" if size is not None else "neither"
        raise ArgumentError(f"interpolate: give size or scale_factor, got {both}{here()}")
    what = "size" if size is not None else "scale_factor"
    given = scale_factor if size is None else size
    values = (given,) * len(lengths) if np.ndim(given) == 0 else tuple(given)
    if len(values) != len(lengths):
        raise ArgumentError(
            f"interpolate: {what} is {values}; the input has {len(lengths)} axes behind N and C, "
            f"{lengths}{here()}"
        )
    factors = tuple(map(float, values)) if size is None else None
    if factors:
        sizes = tuple(math.floor(n * f) for n, f in zip(lengths, factors, strict=True))
    else:
        sizes = tuple(map(int, values))
    if min(sizes) < 1:
        raise ShapeError(
            f"interpolate: {what} {values} makes {sizes} of {lengths}; every length must be at "
            f"least 1{here()}"
        )
    return sizes, factors


def _distance(length: int, size: int, factor: float, corners: bool) -> float:
    """How far apart two samples are in the source."""
    if corners:
        return (length - 1) / (size - 1) if size > 1 else 0.0
    return 1 / factor if factor > 0 else length / size


@checked
def upsample(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """`interpolate` by its older name, with its `size`, `scale_factor`, `mode`, `align_corners`.

    Shape: (N, C, *) -> (N, C, *ₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.upsample(ag.Tensor([[[1.0, 2.0]]]), scale_factor=2)
    Tensor([[[1., 1., 2., 2.]]], dtype=float32)
    """
    return interpolate(input, size, scale_factor, mode, align_corners)


@checked
def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` to a `size` or by a `scale_factor` with the mode "nearest".

    Shape: (N, C, *) -> (N, C, *ₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.upsample_nearest(ag.Tensor([[[1.0, 2.0]]]), size=3)
    Tensor([[[1., 1., 2.]]], dtype=float32)
    """
    return interpolate(input, size, scale_factor, "nearest")


@checked
def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Tensor:
    """`interpolate` to a `size` or by a `scale_factor`, "bilinear" and with aligned corners.

    Shape: (N, C, H, W) -> (N, C, Hₒ, Wₒ).

    >>> import autograd as ag
    >>> import nn
    >>> nn.functional.upsample_bilinear(ag.Tensor([[[[1.0, 3.0]]]]), size=(1, 3))
    Tensor([[[[1., 2., 3.]]]], dtype=float32)
    """
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)
