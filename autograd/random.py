"""Random Tensors, from a generator that is given, or from the one that `manual_seed` sets.

`rng=` of every function is a `numpy.random.Generator`, or an int that seeds a new one. Without it
numbers come from one generator for the whole process, which starts at an arbitrary place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd.create import made, shape_of
from autograd.engine.arguments import guard
from autograd.engine.diagnose import for_reals
from autograd.engine.dtypes import as_dtype, get_default_dtype
from autograd.engine.ranges import Length
from autograd.engine.recorder import joined
from autograd.errors import DTypeError, ShapeError
from autograd.system.forks import after_fork
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
Rng: TypeAlias = "np.random.Generator | int | None"

_generator: np.random.Generator | None = None  # made when first asked for: NumPy loads it late
_instead: ContextVar[np.random.Generator | None] = ContextVar("chaingrad_generator", default=None)


def _after_fork() -> None:
    """Its numbers go on in a child process, in which a thread that drew some may hold its lock."""
    if _generator is not None:
        lock: Any = _generator.bit_generator.lock
        lock._at_fork_reinit()


after_fork(_after_fork)


def manual_seed(seed: int) -> np.random.Generator:
    """Start the default generator at a seed, for numbers that can be had again.

    The `seed` is a whole number, not negative.

    >>> import autograd as ag
    >>> _ = ag.random.manual_seed(1)
    >>> first = ag.random.rand(3)
    >>> _ = ag.random.manual_seed(1)
    >>> ag.random.rand(3).tolist() == first.tolist()
    True
    """
    global _generator
    _generator = np.random.default_rng(seed)
    return _generator


def generator(rng: Rng = None) -> np.random.Generator:
    """The generator that `rng` stands for: itself, a new one for a seed, the default for None.

    >>> import autograd as ag
    >>> ag.random.generator(3).integers(10) == ag.random.generator(3).integers(10)
    np.True_
    """
    global _generator
    if rng is None:
        if (instead := _instead.get()) is not None:
            return instead
        _generator = _generator or np.random.default_rng()
        return _generator
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        return np.random.default_rng(rng)
    raise DTypeError(
        f"rng is a numpy.random.Generator or an int that seeds one, not {type(rng).__name__}"
    )


@contextmanager
def drawing_from(rng: np.random.Generator) -> Iterator[None]:
    """Let a generator be the default one in a block, for its thread alone.

    >>> import autograd as ag
    >>> import numpy as np
    >>> with ag.random.drawing_from(np.random.default_rng(0)):
    ...     first = ag.random.rand(2)
    >>> first.tolist() == ag.random.rand(2, rng=0).tolist()
    True
    """
    token = _instead.set(rng)
    try:
        yield
    finally:
        _instead.reset(token)


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
    return np.asarray(getattr(generator(rng), method)(shape, dtype=native)).astype(
        dtype, copy=False
    )


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
    high: int | None = None,
    shape: Lengths = (),
    dtype: npt.DTypeLike = np.int64,
    rng: Rng = None,
) -> Tensor:
    """Integers from low up to but without high; `randint(n)` draws from 0 … n − 1.

    Shape: `shape`, by default (). They are int64 unless `dtype` says otherwise. No number between
    `low` and `high` is an error.

    >>> import autograd as ag
    >>> ag.random.randint(3, shape=4, rng=0).shape
    (4,)
    """
    chosen = as_dtype(dtype)
    if chosen.kind not in "iu":
        raise DTypeError(f"randint draws integers, not {chosen}; use uniform")
    lengths = shape_of((shape,), "randint")
    return made(generator(rng).integers(low, high, lengths, dtype=chosen.type), None, False)


def randperm(n: Length, dtype: npt.DTypeLike = np.int64, rng: Rng = None) -> Tensor:
    """The integers 0 … n − 1 in random order.

    Shape: (n,). They are int64 unless `dtype` says otherwise.

    >>> import autograd as ag
    >>> sorted(ag.random.randperm(4, rng=0).tolist())
    [0, 1, 2, 3]
    """
    return made(generator(rng).permutation(n), dtype, False)


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
        raise ValueError("normal: a standard deviation is not negative")
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
    values = np.asarray(p)
    if values.dtype.kind not in "biuf":
        raise DTypeError(f"bernoulli: p is a probability, from 0 to 1, got {p!r:.80}")
    if not np.all((values >= 0) & (values <= 1)):
        raise ValueError("bernoulli: p is a probability, from 0 to 1")
    if dtype is None and hasattr(p, "dtype") and p.dtype.kind == "f":
        dtype = p.dtype
    lengths = values.shape if shape is None else shape_of((shape,), "bernoulli")
    return made(generator(rng).random(lengths) < values, _floating(dtype), False)


guard(__name__, __all__)


def __dir__() -> list[str]:
    return __all__
