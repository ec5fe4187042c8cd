"""Signs and magnitudes, and what becomes of numbers that are not finite."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.op import form_of
from autograd.extend import Array, Samples, composite, elementwise, op, sample
from autograd.kernels.activation.piecewise import abs_pull
from autograd.ops.elementwise.powers import quotient

_ANY = (-2.0, 2.0)


@op(
    "|x|",
    x=lambda g, x: abs_pull(g, x),
    elementwise=True,
    samples=elementwise(_ANY, away_from=(0.0,), kinks=(0.0,), complex_=True),
)
def abs(x: Array, /) -> Array:
    """The absolute value, or modulus, elementwise; its derivative is 0 at 0.

    Shape: any -> the same. Complex numbers give real ones.

    >>> import autograd as ag
    >>> ag.abs(ag.Tensor([-1.5, 2.0]))
    Tensor([1.5, 2. ], dtype=float32)
    """
    return np.abs(x)


absolute = abs


@composite(
    "|x|", real_only=True, samples=elementwise(_ANY, away_from=(0.0,)), reference="numpy.fabs"
)
def fabs(x: Array, /) -> Array:
    """The absolute value of real numbers as a float, elementwise; its derivative is 0 at 0.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.fabs(ag.Tensor([-3, 2]))
    Tensor([3., 2.], dtype=float64)
    """
    return abs(x if np.result_type(x).kind == "f" else x + 0.0)


def d_sign_x(g: Array, x: Array, out: Array) -> Array:
    if not np.iscomplexobj(x):
        return np.zeros_like(g)
    # z / |z| moves along the unit circle alone: d out = i out Im(conj(out) dz) / |z|
    return quotient(np.imag(g * out) * (1j * np.conj(out)), np.abs(x))


@op(
    "sign x",
    x=d_sign_x,
    elementwise=True,
    samples=elementwise(_ANY, away_from=(0.0,), kinks=(0.0,), complex_=True),
)
def sign(x: Array, /) -> Array:
    """-1, 0 or 1 by the sign of x, elementwise; z / |z| for complex z.

    The derivative is 0 for real x.

    Shape: any -> the same. Booleans raise DTypeError.

    >>> import autograd as ag
    >>> ag.sign(ag.Tensor([-1.5, 0.0, 2.0]))
    Tensor([-1.,  0.,  1.], dtype=float32)
    """
    return np.sign(x)


@op(
    "x < 0",
    real_only=True,
    samples=elementwise(_ANY, kinks=(-0.0, 0.0)),
)
def signbit(x: Array, /) -> Array:
    """Whether the sign bit is set, elementwise: true for negative numbers and for -0.

    Shape: any -> the same. Gives booleans. Complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.signbit(ag.Tensor([-0.0, 2.0]))
    Tensor([ True, False], dtype=bool)
    """
    return np.signbit(x)


@op(
    "|x| · sign y",
    x=lambda g, x, out: g * np.sign(x) * np.sign(out),
    y=lambda g: np.zeros_like(g),
    elementwise=True,
    real_only=True,
    samples=elementwise(_ANY, _ANY, away_from=(0.0,), kinks=((0.0, -1.0), (-2.0, -0.0))),
)
def copysign(x: Array, y: Array, /) -> Array:
    """|x| with the sign of y, elementwise; its derivative in x is 0 at 0.

    y gets the gradient 0.

    Shape: x and y broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.copysign(ag.Tensor([1.0, -2.0]), -1)
    Tensor([-1., -2.], dtype=float32)
    """
    return np.copysign(x, y)


@op(
    "H(x)",
    x=lambda g: np.zeros_like(g),
    h=lambda g, x: g * (x == 0),
    elementwise=True,
    real_only=True,
    samples=elementwise(_ANY, _ANY, away_from=(0.0,), kinks=((0.0, 0.5),)),
)
def heaviside(x: Array, h: Array, /) -> Array:
    """0 where x is negative, h where it is 0, and 1 where it is positive; its derivative in x is 0.

    Shape: x and h broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> ag.heaviside(ag.Tensor([-1.5, 0.0, 2.0]), 0.5)
    Tensor([0. , 0.5, 1. ], dtype=float32)
    """
    return np.heaviside(x, h)


@op(
    "step x",
    x=lambda g: np.zeros_like(g),
    elementwise=True,
    real_only=True,
    samples=elementwise(_ANY, away_from=(0.0,), kinks=(0.0,)),
    reference=lambda x: np.where(x > 0, 1.0, 0.0),
)
def step(x: Array, /) -> Array:
    """1 where x is positive, else 0: the first neuron's activation (McCulloch and Pitts, 1943).

    Its derivative is 0, so nothing behind it learns.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.step(ag.Tensor([-1.5, 0.0, 2.0]))
    Tensor([0., 0., 1.], dtype=float32)
    """
    return np.heaviside(x, 0)


def _not_finite(**params: Any) -> Samples:
    def make() -> Any:
        yield from elementwise(_ANY)()
        odd = np.array([np.nan, np.inf, -np.inf, 1.0])
        yield sample(odd, label="not finite", smooth=False, **params)

    return make


def d_nan_to_num_x(g: Array, x: Array) -> Array:
    if not np.iscomplexobj(x):
        return g * np.isfinite(x)
    # each part is replaced on its own; for Re(g · f) the factor of d Im x is -Im g
    real, imag = np.real(g) * np.isfinite(np.real(x)), np.imag(g) * np.isfinite(np.imag(x))
    return real + 1j * imag


@op(
    "nan→0",
    x=d_nan_to_num_x,
    elementwise=True,
    samples=_not_finite(nan=1.0, posinf=2.0, neginf=-2.0),
)
def nan_to_num(
    x: Array,
    /,
    copy: bool = True,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Array:
    """x with NaN and the infinities replaced (by 0 and the largest numbers); no gradient there.

    `nan`, `posinf` and `neginf` are what comes in their place, and get the gradient where they are
    Tensors. `copy` is there for NumPy's sake: x
    itself is never changed.

    Shape: any -> the same.

    >>> import autograd as ag
    >>> ag.nan_to_num(ag.Tensor([float("nan"), 2.0]))
    Tensor([0., 2.], dtype=float32)
    """
    return np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


def _filled(
    x: Array, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Array:
    """`nan_to_num`, whose numbers are Tensors that have a gradient."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    largest = np.finfo(x.dtype)
    x = np.where(np.isposinf(x), largest.max if posinf is None else posinf, x)
    x = np.where(np.isneginf(x), largest.min if neginf is None else neginf, x)
    return np.where(np.isnan(x), nan, x)


form_of(nan_to_num, ("nan", "posinf", "neginf"))(_filled)


@op("next x", real_only=True, samples=elementwise(_ANY, _ANY))
def nextafter(x: Array, y: Array, /) -> Array:
    """The next number after x on the way to y, elementwise; not differentiable.

    Shape: x and y broadcast -> their common shape. Integers give floats; complex numbers raise
    DTypeError.

    >>> import autograd as ag
    >>> bool(ag.nextafter(ag.Tensor(1.0), 2.0)._value > 1)
    True
    """
    return np.nextafter(x, y)


@op("ulp x", real_only=True, samples=elementwise(_ANY))
def spacing(x: Array, /) -> Array:
    """The distance from x to the next larger number in size, elementwise; not differentiable.

    Shape: any -> the same. Integers give floats; complex numbers raise DTypeError.

    >>> import autograd as ag
    >>> ag.spacing(ag.Tensor(1.0))
    Tensor(1.1920929e-07, dtype=float32)
    """
    return np.spacing(x)
