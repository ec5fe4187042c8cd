"""Convolution of arrays of any number of axes, as HIPS autograd extends SciPy's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.core import defjvp, defvjp, primitive
from autograd.engine.operands import raw
from autograd.errors import ArgumentError, ShapeError
from autograd.scipy.names import borrowed

__getattr__ = borrowed(__name__, "signal")


@primitive
def _windows(x: Any, sizes: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """All windows of these sizes; the axes inside them come last."""
    return np.lib.stride_tricks.sliding_window_view(x, sizes, axes)


def _spread(g: Any, shape: tuple[int, ...], sizes: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """Cotangents of the windows added where their elements came from."""
    total: Any = 0.0
    for place in np.ndindex(*sizes):
        part = g[(Ellipsis, *place)]
        pads = [(0, 0)] * len(shape)
        for axis, start, size in zip(axes, place, sizes, strict=True):
            pads[axis] = (start, size - 1 - start)
        total = total + ag.pad(part, pads)
    return total


defvjp(
    _windows,
    lambda ans, x, sizes, axes: lambda g: _spread(g, x.shape, sizes, axes),
    None,
    None,
)
defjvp(_windows, "same", None, None)


def convolve(
    A: Any,
    B: Any,
    axes: Sequence[Sequence[int]] | None = None,
    dot_axes: Sequence[Sequence[int]] = ((), ()),
    mode: str = "full",
) -> Any:
    """The convolution of A with B: "full", "valid", or "same" (of the size of A, in its middle).

    `axes` are the axes of each that are convolved (all, unless they are told), and `dot_axes` those
    that are summed over in pairs. What is left of A comes first, then what is left of B, then the
    convolved axes.
    """
    if mode not in ("full", "valid", "same"):
        raise ArgumentError(f"mode is 'full', 'valid' or 'same', not {mode!r}")
    recorded = isinstance(A, ag.Tensor) or isinstance(B, ag.Tensor)
    A, B = ag.asarray(A), ag.asarray(B)
    if axes is None:
        axes = [list(range(A.ndim)), list(range(B.ndim))]
    axes_a, axes_b = [tuple(k % x.ndim for k in a) for x, a in ((A, axes[0]), (B, axes[1]))]
    sizes_a, sizes_b = [A.shape[k] for k in axes_a], [B.shape[k] for k in axes_b]
    dots_a, dots_b = [tuple(k % x.ndim for k in d) for x, d in ((A, dot_axes[0]), (B, dot_axes[1]))]
    if mode == "valid" and any(b > a for a, b in zip(sizes_a, sizes_b, strict=True)):
        if any(b < a for a, b in zip(sizes_a, sizes_b, strict=True)):
            raise ShapeError("one array must be larger along all convolved axes, for mode='valid'")
        swapped = convolve(B, A, (axes_b, axes_a), (dots_b, dots_a), mode)
        left = B.ndim - len(axes_b) - len(dots_b)
        middle = A.ndim - len(axes_a) - len(dots_a)
        result = np.moveaxis(swapped, tuple(range(left)), tuple(range(middle, middle + left)))
        return result if recorded else np.asarray(raw(result))[()]
    pads = [(0, 0)] * A.ndim
    for axis, size in zip(axes_a, sizes_b, strict=True):
        if mode != "valid":
            before = size - 1 if mode == "full" else size - 1 - (size - 1) // 2
            pads[axis] = (before, size - 1 if mode == "full" else (size - 1) // 2)
    windows = _windows(ag.pad(A, pads) if mode != "valid" else A, tuple(sizes_b), axes_a)
    kernel = B[tuple(slice(None, None, -1) if k in axes_b else slice(None) for k in range(B.ndim))]
    result = _contracted(windows, kernel, A.ndim, (axes_a, axes_b), (dots_a, dots_b))
    return result if recorded else np.asarray(raw(result))[()]


def _contracted(windows: Any, kernel: Any, ndim: int, axes: Any, dots: Any) -> Any:
    """Windows times the flipped kernel, summed over what is inside a window and the dot axes."""
    names_a = list(range(ndim))
    names_b = list(range(100, 100 + kernel.ndim))
    for k, axis in enumerate(axes[1]):
        names_b[axis] = ndim + k
    for in_a, in_b in zip(*dots, strict=True):
        names_b[in_b] = names_a[in_a]
    inside = [ndim + k for k in range(len(axes[0]))]
    left = [k for k in names_a if k not in axes[0] and k not in dots[0]]
    right = [k for k in names_b if k >= 100]
    order = {name: place for place, name in enumerate([*names_a, *inside, *right])}
    named = [[order[k] for k in names] for names in ([*names_a, *inside], names_b)]
    out = [order[k] for k in (*left, *right, *axes[0])]
    return np.einsum(windows, named[0], kernel, named[1], out)
