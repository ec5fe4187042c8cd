"""Random Tensors, from a generator that is given, or from the one that `manual_seed` sets.

`rng=` of every function is a `numpy.random.Generator`, or an int that seeds a new one. Without it
numbers come from one generator for the whole process, which starts at an arbitrary place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd.create import made, shape_of
from autograd.engine.arguments import guard
from autograd.engine.diagnose import for_reals
from autograd.engine.dtypes import as_dtype, get_default_dtype
from autograd.engine.generators import Rng, draw, drawing_from, generator, manual_seed
from autograd.engine.modes import capturing, uncaptured
from autograd.engine.operands import joined
from autograd.engine.ranges import Length
from autograd.errors import ArgumentError, DTypeError, ShapeError
from autograd.tensors.tensor import Tensor, taken

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "bernoulli",
    "drawing_from",
    "generator",
    "manual_seed",
    "normal",
    "rand",
    "randint",
    "randn",
    "randperm",
    "uniform",
]

DType: TypeAlias = "npt.DTypeLike | None"
Lengths = int | Sequence[int]


def _floating(dtype: DType) -> np.dtype[Any]:
    chosen = get_default_dtype() if dtype is None else as_dtype(dtype)
    if chosen.kind != "f":
        raise DTypeError(f"random numbers of this kind are floating, not {chosen}")
    return chosen


def _drawn(method: str, shape: tuple[int, ...], dtype: np.dtype[Any], rng: Rng) -> Any:
    """Standard numbers, drawn in their own precision where NumPy can, else in the next higher."""
    native = dtype if dtype in (np.float32, np.float64) else np.dtype(np.float32)
    if dtype.itemsize > 8:
        native = np.dtype(np.float64)
    return draw(method, shape, dtype=native, rng=rng).astype(dtype, copy=False)


def rand(
    *shape: Lengths, dtype: DType = None, requires_grad: bool = False, rng: Rng = None
) -> Tensor:
    """Numbers spread evenly over [0, 1).

    Shape: `shape`, as `rand(2, 3)` or `rand((2, 3))`. An integer `dtype` raises DTypeError.

    >>> import autograd as ag
    >>> ag.random.rand(2, 3, rng=0).shape
    (2, 3)
    """
    drawn = _drawn("random", shape_of(shape, "rand"), _floating(dtype), rng)
    return made(drawn, None, requires_grad)


def randn(
    *shape: Lengths, dtype: DType = None, requires_grad: bool = False, rng: Rng = None
) -> Tensor:
    """Numbers from the normal distribution of mean 0 and standard deviation 1.

    Shape: `shape`, as `randn(2, 3)` or `randn((2, 3))`. An integer `dtype` raises DTypeError.

    >>> import autograd as ag
    >>> ag.random.randn(2, 3, rng=0).dtype
    dtype('float32')
    """
    drawn = _drawn("standard_normal", shape_of(shape, "randn"), _floating(dtype), rng)
    return made(drawn, None, requires_grad)


def randint(
    low: int,
    high: Lengths | None = None,
    shape: Lengths = (),
    dtype: npt.DTypeLike = np.int64,
    rng: Rng = None,
) -> Tensor:
    """Integers from low up to but without high; `randint(n)` draws from 0 … n − 1.

    `randint(n, shape)`, where the shape is a tuple, is PyTorch's way to write it.

    Shape: `shape`, by default (). They are int64 unless `dtype` says otherwise. No number between
    `low` and `high` is an error.

    >>> import autograd as ag
    >>> ag.random.randint(3, shape=4, rng=0).shape
    (4,)
    """
    chosen = as_dtype(dtype)
    if chosen.kind not in "iu":
        raise DTypeError(f"randint draws integers, not {chosen}; use uniform")
    if isinstance(high, Sequence):
        if shape != ():
            raise DTypeError(f"randint: high is a whole number, got {high}, and shape is {shape}")
        low, high, shape = 0, low, high
    lengths = shape_of((shape,), "randint")
    drawn = draw("integers", low, high, lengths, dtype=chosen.type, rng=rng)
    return made(drawn, None, False)


def randperm(n: Length, dtype: npt.DTypeLike = np.int64, rng: Rng = None) -> Tensor:
    """The integers 0 … n − 1 in random order.

    Shape: (n,). They are int64 unless `dtype` says otherwise.

    >>> import autograd as ag
    >>> sorted(ag.random.randperm(4, rng=0).tolist())
    [0, 1, 2, 3]
    """
    return made(draw("permutation", n, rng=rng), dtype, False)


def _parameter(value: Any) -> Any:
    """A number, array or Tensor as it is; nested lists as an array."""
    value = joined(value)
    return value if np.isscalar(value) or hasattr(value, "dtype") else np.asarray(value)


def _standard(
    method: str, a: Any, b: Any, shape: Lengths | None, dtype: DType, rng: Rng, function: str
) -> Any:
    """Standard numbers of the shape and dtype that the two parameters ask for."""
    if dtype is None:
        arrays = [p.dtype for p in (a, b) if hasattr(p, "dtype") and p.dtype.kind == "f"]
        dtype = np.result_type(*arrays) if arrays else None
    try:
        needed = np.broadcast_shapes(np.shape(a), np.shape(b))
        lengths = needed if shape is None else shape_of((shape,), function)
        fits = np.broadcast_shapes(needed, lengths) == lengths
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"{function}: parameters of shapes {np.shape(a)} and {np.shape(b)} do not broadcast "
            + ("" if shape is None else f"to shape {lengths}")
        )
    return _drawn(method, lengths, _floating(dtype), rng)


def _finished(value: Any, dtype: np.dtype[Any], requires_grad: bool) -> Tensor:
    result = value if isinstance(value, Tensor) else taken(value, dtype)
    result = result if result.dtype == dtype else result.astype(dtype)
    return result.requires_grad_() if requires_grad else result


@for_reals
def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    shape: Lengths | None = None,
    dtype: DType = None,
    requires_grad: bool = False,
    rng: Rng = None,
) -> Tensor:
    """Numbers from normal distributions: mean + std · ε, with ε drawn.

    `mean` and `std` may be arrays that broadcast to `shape` (by default to each other); gradients
    flow back to them where they are Tensors (Kingma and Welling 2014, the reparameterization).

    Shape: that of `mean` and `std` together, or `shape`. A negative `std` is an error, an integer
    `dtype` raises DTypeError.

    >>> import autograd as ag
    >>> ag.random.normal(5.0, 0.0, 2)
    Tensor([5., 5.], dtype=float32)
    """
    mean, std = _parameter(mean), _parameter(std)
    if np.any(np.less(getattr(std, "_value", std), 0)):  # only looked at
        raise ArgumentError("normal: a standard deviation is not negative")
    noise = _standard("standard_normal", mean, std, shape, dtype, rng, "normal")
    return _finished(mean + std * noise, noise.dtype, requires_grad)


@for_reals
def uniform(
    low: Any = 0.0,
    high: Any = 1.0,
    shape: Lengths | None = None,
    dtype: DType = None,
    requires_grad: bool = False,
    rng: Rng = None,
) -> Tensor:
    """Numbers spread evenly from low up to high: low + (high − low) · u, with u drawn from [0, 1).

    `low` and `high` may be arrays that broadcast to `shape` (by default to each other); gradients
    flow back to them where they are Tensors.

    Shape: that of `low` and `high` together, or `shape`. An integer `dtype` raises DTypeError.

    >>> import autograd as ag
    >>> ag.random.uniform(2.0, 2.0, (1, 2))
    Tensor([[2., 2.]], dtype=float32)
    """
    low, high = _parameter(low), _parameter(high)
    part = _standard("random", low, high, shape, dtype, rng, "uniform")
    return _finished(low + (high - low) * part, part.dtype, requires_grad)


@for_reals
def bernoulli(p: Any, shape: Lengths | None = None, dtype: DType = None, rng: Rng = None) -> Tensor:
    """1 with probability p, else 0, as floating numbers; it is a step in p, which gets no gradient.

    Shape: that of p, or `shape`, to which p broadcasts. A p beyond 0 and 1 is an error.

    >>> import autograd as ag
    >>> ag.random.bernoulli(1.0, shape=3)
    Tensor([1., 1., 1.], dtype=float32)
    """
    with uncaptured:
        values = np.asarray(p)
    if values.dtype.kind not in "biuf":
        raise DTypeError(f"bernoulli: p is a probability, from 0 to 1, got {p!r:.80}")
    if not np.all((values >= 0) & (values <= 1)):
        raise ArgumentError("bernoulli: p is a probability, from 0 to 1")
    if dtype is None and hasattr(p, "dtype") and p.dtype.kind == "f":
        dtype = p.dtype
    lengths = values.shape if shape is None else shape_of((shape,), "bernoulli")
    drawn = draw("random", lengths, rng=rng)
    return made(drawn < (p if capturing() else values), _floating(dtype), False)


guard(__name__, __all__)


def __dir__() -> list[str]:
    return __all__
