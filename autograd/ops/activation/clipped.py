"""Activation functions that are cut off: beyond two bounds, between them, or below one.

Formulas and defaults are PyTorch's. At a kink the derivative is that of the flat side.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograd.extend import Array, Sample, draw, elementwise, op, sample
from autograd.kernels.activation import piecewise as kernel
from autograd.kernels.activation.choice import choose

_ANY = (-2.0, 2.0)
_WIDE = (-8.0, 8.0)
_BENT_AT_0 = elementwise(_ANY, away_from=(0.0,), kinks=(0.0, 1000.0, -1000.0))


def _hardtanh_samples() -> Iterator[Sample]:
    yield from elementwise(_ANY, away_from=(-1.0, 1.0), kinks=(-1.0, 1.0))()
    yield sample(draw(2, 3, away_from=(0.0, 1.5)), min_val=0.0, max_val=1.5)


@op(
    "clip x",
    x=lambda g, out, min_val, max_val: kernel.hardtanh_pull(g, out, min_val, max_val),
    elementwise=True,
    real_only=True,
    samples=_hardtanh_samples,
    reference=lambda x, min_val=-1.0, max_val=1.0: np.minimum(np.maximum(x, min_val), max_val),
)
def hardtanh(x: Array, /, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """x cut off at min_val and max_val; unlike that of clip, its derivative at the bounds is 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.hardtanh(ag.Tensor([-3.0, 0.5, 3.0]))
    Tensor([-1. ,  0.5,  1. ], dtype=float32)
    """
    return np.clip(x, min_val, max_val)


@op(
    "hard σ(x)",
    x=lambda g, out: kernel.hardtanh_pull(g, out, 0, 1) / 6,
    elementwise=True,
    real_only=True,
    samples=elementwise(_WIDE, away_from=(-3.0, 3.0), kinks=(-3.0, 3.0)),
    reference=lambda x: np.where(x < -3, 0.0, np.where(x > 3, 1.0, x / 6 + 0.5)),
)
def hardsigmoid(x: Array, /) -> Array:
    """x / 6 + 1/2, cut off at 0 and 1 (Courbariaux et al., 2015).

    The derivative at the corners is 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.hardsigmoid(ag.Tensor([-4.0, 0.0, 4.0]))
    Tensor([0. , 0.5, 1. ], dtype=float32)
    """
    return kernel.hardsigmoid(x)


@op(
    "hard swish x",
    x=lambda g, x: kernel.hardswish_pull(g, x),
    elementwise=True,
    real_only=True,
    samples=elementwise(_WIDE, away_from=(-3.0, 3.0), kinks=(-3.0, 3.0)),
    reference=lambda x: x * np.minimum(np.maximum(x + 3, 0), 6) / 6,
)
def hardswish(x: Array, /) -> Array:
    """x * hardsigmoid(x): silu without an exponential (Howard et al., 2019).

    The derivative is 0 at -3 and 1 at 3.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.round(ag.hardswish(ag.Tensor([-4.0, 1.0, 4.0])), 4)
    Tensor([-0.    ,  0.6667,  4.    ], dtype=float32)
    """
    return kernel.hardswish(x)


def _shrink_samples() -> Iterator[Sample]:
    yield from elementwise(_ANY, away_from=(-0.5, 0.5), kinks=(-0.5, 0.5))()
    yield sample(draw(2, 3, away_from=(-1.0, 1.0)), lambd=1.0)


@op(
    "soft shrink x",
    x=lambda g, out: kernel.shrink_pull(g, out),
    elementwise=True,
    real_only=True,
    samples=_shrink_samples,
    reference=lambda x, lambd=0.5: np.sign(x) * np.maximum(np.abs(x) - lambd, 0),
)
def softshrink(x: Array, /, lambd: float = 0.5) -> Array:
    """x moved towards 0 by lambd >= 0, and 0 between: the proximal operator of lambd * |x|.

    The derivative at ±lambd is 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.softshrink(ag.Tensor([-2.0, 0.25, 2.0]))
    Tensor([-1.5,  0. ,  1.5], dtype=float32)
    """
    return kernel.softshrink(x, lambd)


@op(
    "hard shrink x",
    x=lambda g, out: kernel.shrink_pull(g, out),
    elementwise=True,
    real_only=True,
    samples=_shrink_samples,
    reference=lambda x, lambd=0.5: np.where(np.abs(x) > lambd, x, 0.0),
)
def hardshrink(x: Array, /, lambd: float = 0.5) -> Array:
    """x where |x| > lambd, else 0; its derivative at ±lambd is 0.

    Shape: any -> the same. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.hardshrink(ag.Tensor([-2.0, 0.25, 2.0]))
    Tensor([-2.,  0.,  2.], dtype=float32)
    """
    return x * (np.abs(x) > lambd)


@op(
    "x if x > t else v",
    x=lambda g, x, threshold: choose(x <= threshold, 0, g),
    elementwise=True,
    real_only=True,
    samples=lambda: (
        Sample(s.inputs, {"threshold": 0.0, "value": -0.5}, s.label, s.smooth) for s in _BENT_AT_0()
    ),
    reference=lambda x, threshold, value: np.array(
        [t if t > threshold else value for t in x.flat]
    ).reshape(x.shape),
)
def threshold(x: Array, /, threshold: float, value: float) -> Array:
    """x where it is larger than the threshold, else the given value; its derivative there is 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.threshold(ag.Tensor([-1.0, 2.0]), threshold=0.1, value=20.0)
    Tensor([20.,  2.], dtype=float32)
    """
    kept = choose(x <= threshold, value, x)  # so that NaN stays
    return kept if kept.ndim else kept[()]
