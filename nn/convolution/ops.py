"""The three ops of convolution, each of which has the other two for its rules.

They are the derivatives of one sum, of g[n, o, q] · w[o, c, k] · x[n, c, stride·q + dilation·k -
padding] over all places: by g the convolution, by x its transpose, by w the product of g and x. So
derivatives of any order are made of these three.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.extend import Array, Sample, Samples, draw, op, sample, samples
from autograd.kernels.convolution import convolution as kernel
from autograd.kernels.convolution.convolution import Along

__all__ = ["convolution", "convolution_transposed", "convolution_weight", "output_lengths"]

Numbers = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]  # (before, after) along every axis; it may be negative


@lru_cache(maxsize=1024)
def output_lengths(
    lengths: Numbers, sizes: Numbers, stride: Numbers, padding: Padding, dilation: Numbers
) -> Numbers:
    """How many places a kernel has along each axis; 0 or less where it does not fit."""
    return tuple(
        (n + sum(p) - (k - 1) * d - 1) // s + 1
        for n, k, s, p, d in zip(lengths, sizes, stride, padding, dilation, strict=True)
    )


@lru_cache(maxsize=1024)
def _axes(
    counts: Numbers, sizes: Numbers, stride: Numbers, padding: Padding, dilation: Numbers
) -> tuple[Along, ...]:
    return tuple(
        Along(-before, s, d, k, n)
        for n, k, s, (before, _), d in zip(counts, sizes, stride, padding, dilation, strict=True)
    )


# ---- samples and references ----------------------------------------------------------------------

Options = dict[str, Any]

PLAIN: Options = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
PADDED: Options = {"stride": (1, 1), "padding": ((1, 1), (0, 2)), "dilation": (1, 1), "groups": 1}
STRIDED: Options = {"stride": (2, 3), "padding": ((1, 1), (2, 1)), "dilation": (1, 2), "groups": 1}
DILATED: Options = {"stride": (2, 1), "padding": ((2, 2), (0, 1)), "dilation": (3, 2), "groups": 2}
LINE: Options = {"stride": (2,), "padding": ((1, 0),), "dilation": (1,), "groups": 1}
DEEP: Options = {
    "stride": (1, 2, 1),
    "padding": ((1, 0), (0, 1), (1, 1)),
    "dilation": (1,) * 3,
    "groups": 1,
}


def _with(make: Callable[[Any, Any, Options, str], Sample], *more: Callable[[], Sample]) -> Samples:
    """Samples of an op, made from x, the weight and the options."""
    return samples(
        lambda: make(draw(2, 2, 3, 4), draw(2, 2, 2, 3, seed=1), PLAIN, "plain"),
        lambda: make(draw(1, 2, 2, 3), draw(1, 2, 3, 2, seed=1), PADDED, "padded"),
        lambda: make(draw(2, 1, 4, 5), draw(2, 1, 2, 2, seed=1), STRIDED, "strided"),
        lambda: make(draw(1, 2, 5, 3), draw(2, 1, 2, 2, seed=1), DILATED, "dilated, in groups"),
        lambda: make(draw(2, 2, 5), draw(1, 2, 3, seed=1), LINE, "1-D"),
        lambda: make(draw(1, 2, 2, 3, 2), draw(1, 2, 2, 1, 3, seed=1), DEEP, "3-D"),
        lambda: make(draw(0, 2, 4, 5), draw(3, 2, 2, 3, seed=1), PLAIN, "empty"),
        *more,
    )


def _cotangent(x: Any, weight: Any, options: Options) -> Any:
    numbers = (options["stride"], options["padding"], options["dilation"])
    counts = output_lengths(x.shape[2:], weight.shape[2:], *numbers)
    return draw(len(x), len(weight), *counts, seed=2)


def _windows(x: Any, sizes: Numbers, stride: Numbers, padding: Padding, dilation: Numbers) -> Any:
    """The windows of x, copied out one by one: (N, C, counts, sizes)."""
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    spans = [(k - 1) * d + 1 for k, d in zip(sizes, dilation, strict=True)]
    views = np.lib.stride_tricks.sliding_window_view(x, spans, tuple(range(2, x.ndim)))
    return views[:, :, *(slice(None, None, step) for step in (*stride, *dilation))]


def _convolved(
    x: Any,
    weight: Any,
    bias: Any = None,
    *,
    stride: Numbers,
    padding: Padding,
    dilation: Numbers,
    groups: int,
) -> Any:
    windows = _windows(x, weight.shape[2:], stride, padding, dilation)
    over = range(-len(stride), 0)
    parts = [
        np.tensordot(part, w, ((1, *over), (1, *over)))
        for part, w in zip(np.split(windows, groups, 1), np.split(weight, groups), strict=True)
    ]
    out = np.concatenate(parts, -1)
    return np.moveaxis(out if bias is None else out + bias, -1, 1)


def _transposed(
    g: Any,
    weight: Any,
    lengths: Numbers,
    stride: Numbers,
    padding: Padding,
    dilation: Numbers,
    groups: int,
) -> Any:
    outputs, channels = len(weight) // groups, weight.shape[1]
    lent = [n + before + max(0, after) for n, (before, after) in zip(lengths, padding, strict=True)]
    out = np.zeros((len(g), groups * channels, *lent), np.result_type(g, weight))
    for q in np.ndindex(*g.shape[2:]):
        for k in np.ndindex(*weight.shape[2:]):
            place = (a * s + b * d for a, b, s, d in zip(q, k, stride, dilation, strict=True))
            values = g[:, :, *q].reshape(len(g), groups, outputs)
            taps = weight[:, :, *k].reshape(groups, outputs, channels)
            out[:, :, *place] += np.einsum("ngo,goc->ngc", values, taps).reshape(out.shape[:2])
    cut = (slice(before, before + n) for n, (before, _) in zip(lengths, padding, strict=True))
    return out[:, :, *cut]


def _weighed(
    g: Any,
    x: Any,
    sizes: Numbers,
    stride: Numbers,
    padding: Padding,
    dilation: Numbers,
    groups: int,
) -> Any:
    windows = _windows(x, sizes, stride, padding, dilation)
    over = (0, *range(2, g.ndim))
    parts = [
        np.tensordot(values, part[:, :, *(slice(n) for n in g.shape[2:])], (over, over))
        for values, part in zip(np.split(g, groups, 1), np.split(windows, groups, 1), strict=True)
    ]
    return np.concatenate(parts)


# ---- the ops -------------------------------------------------------------------------------------


def d_convolution_x(
    g: Array,
    weight: Array,
    x_shape: Numbers,
    stride: Numbers,
    padding: Padding,
    dilation: Numbers,
    groups: int,
) -> Array:
    return convolution_transposed(
        g, weight, x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def d_convolution_weight(
    g: Array,
    x: Array,
    weight_shape: Numbers,
    stride: Numbers,
    padding: Padding,
    dilation: Numbers,
    groups: int,
) -> Array:
    return convolution_weight(
        g, x, weight_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    )


@op(
    "x ⋆ w + b",
    wide=True,
    weighted=True,
    x=d_convolution_x,
    weight=d_convolution_weight,
    bias=lambda g, x_shape: np.sum(g, axis=(0, *range(2, len(x_shape)))),
    jvp={
        "x": lambda t, weight, stride, padding, dilation, groups: convolution(
            t, weight, stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
        "weight": lambda t, x, stride, padding, dilation, groups: convolution(
            x, t, stride=stride, padding=padding, dilation=dilation, groups=groups
        ),
        "bias": lambda t, x_shape: np.reshape(t, (-1,) + (1,) * (len(x_shape) - 2)),
    },
    samples=_with(
        lambda x, weight, options, label: sample(x, weight, label=label, **options),
        lambda: sample(draw(2, 1, 2, 3), draw(2, 1, 2, 2), draw(2), label="with bias", **PADDED),
        lambda: sample(draw(3, 4, 2, 2), draw(6, 2, 1, 1), label="1x1", **{**PLAIN, "groups": 2}),
        lambda: sample(
            draw(1, 2, 2, 3, complex_=True),
            draw(2, 2, 3, 2, complex_=True),
            draw(2, complex_=True),
            label="complex",
            **PADDED,
        ),
    ),
    reference=_convolved,
)
def convolution(
    x: Array,
    weight: Array,
    bias: Array = None,
    /,
    *,
    stride: Numbers,
    padding: Padding,
    dilation: Numbers,
    groups: int,
) -> Array:
    """x (N, C, ...) with weight (O, C/groups, ...), and bias (O,) or None -> (N, O, ...)."""
    sizes = weight.shape[2:]
    counts = output_lengths(x.shape[2:], sizes, stride, padding, dilation)
    return kernel.convolve(x, weight, bias, _axes(counts, sizes, stride, padding, dilation), groups)


@op(
    "y ⋆ᵀ w",
    wide=True,
    weighted=True,
    y=lambda g, weight, stride, padding, dilation, groups: convolution(
        g, weight, stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    weight=lambda g, y, weight_shape, stride, padding, dilation, groups: convolution_weight(
        y, g, weight_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    multilinear=True,
    samples=_with(
        lambda x, weight, options, label: sample(
            _cotangent(x, weight, options), weight, label=label, lengths=x.shape[2:], **options
        ),
        lambda: sample(draw(1, 1, 2), draw(1, 1, 2), label="output padding", lengths=(6,),
                       stride=(1,), padding=((0, -1),), dilation=(3,), groups=1),
    ),
    reference=_transposed,
)  # fmt: skip
def convolution_transposed(
    y: Array,
    weight: Array,
    /,
    lengths: Numbers,
    *,
    stride: Numbers,
    padding: Padding,
    dilation: Numbers,
    groups: int,
) -> Array:
    """What each element of x, (N, C, lengths), is multiplied with: the derivative by x.

    `padding` is such that x with it has exactly the places of y.
    """
    axes = _axes(y.shape[2:], weight.shape[2:], stride, padding, dilation)
    return kernel.convolve_transposed(y, weight, lengths, axes, groups)


@op(
    "Σ y x",
    wide=True,
    y=lambda g, x, stride, padding, dilation, groups: convolution(
        x, g, stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    x=lambda g, y, x_shape, stride, padding, dilation, groups: convolution_transposed(
        y, g, x_shape[2:], stride=stride, padding=padding, dilation=dilation, groups=groups
    ),
    multilinear=True,
    samples=_with(
        lambda x, weight, options, label: sample(
            _cotangent(x, weight, options), x, label=label, sizes=weight.shape[2:], **options
        )
    ),
    reference=_weighed,
)
def convolution_weight(
    y: Array,
    x: Array,
    /,
    sizes: Numbers,
    *,
    stride: Numbers,
    padding: Padding,
    dilation: Numbers,
    groups: int,
) -> Array:
    """What each element of the weight, (O, C/groups, sizes), is multiplied with."""
    return kernel.correlate_weight(
        y, x, _axes(y.shape[2:], sizes, stride, padding, dilation), groups
    )
