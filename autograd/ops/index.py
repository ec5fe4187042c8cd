"""Indexing: NumPy's whole indexing, assignment as a function, and taking along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.diagnose import diagnose
from autograd.errors import DTypeError
from autograd.op import Array, op
from autograd.samples import draw, sample, samples

__all__ = ["getitem", "setitem", "unstack"]


def normal_index(key: Any) -> Any:
    """An index as NumPy takes it: Tensors become arrays, and must be integer or boolean."""
    if isinstance(key, tuple):
        return tuple(normal_index(part) for part in key)
    value = getattr(key, "_value", None)
    if value is not None:
        if value.dtype.kind not in "iub":
            raise DTypeError(
                f"an index must be integer or boolean; this Tensor is {value.dtype}. "
                "Use x.astype('int64')."
            )
        return value
    return np.asarray(key) if isinstance(key, list) else key


def assign(tensor: Any, target: Array, value: Any, key: Any) -> None:
    """`target[key] = value` on raw arrays, with our own error."""
    try:
        target[key] = value
    except (ValueError, TypeError, IndexError) as error:
        raise diagnose(setitem.op, error, (tensor, value), {"index": key}) from None  # type: ignore[attr-defined]


@op(
    "x[i]",
    x=lambda g, x_shape, index: put_at(g, x_shape, index),
    linear=True,
    samples=samples(
        lambda: sample(draw(4, 3), index=(slice(None, None, -2), 1)),
        lambda: sample(draw(4, 3), index=(Ellipsis, None, slice(1, 3))),
        lambda: sample(draw(4, 3), index=np.array([0, 2, 0]), label="duplicates"),
        lambda: sample(draw(4, 3), index=np.array([[True, False, True]] * 4), label="mask"),
        lambda: sample(draw(3), index=1),
        lambda: sample(draw(), index=()),
        lambda: sample(draw(0, 3), index=(slice(None), 1)),
    ),
    reference=lambda x, index: np.asarray(x)[index],
)
def getitem(x: Array, /, index: Any) -> Array:
    """x[index], with all of NumPy's indexing.

    >>> import autograd as ag
    >>> ag.getitem(ag.Tensor([1.0, 2.0, 3.0]), slice(None, None, -1))
    Tensor([3., 2., 1.], dtype=float32)
    """
    return x[index]


def _is_basic(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    basic = (int, np.integer, slice, type(None), type(Ellipsis))
    return all(isinstance(part, basic) and not isinstance(part, bool) for part in parts)


@op(
    "0[i] ← v",
    v=lambda g, index: g[index],
    linear=True,
    samples=samples(
        lambda: sample(draw(3), shape=(2, 3), index=1),
        lambda: sample(draw(3), shape=(4,), index=np.array([0, 2, 0]), label="duplicates"),
        lambda: sample(draw(), shape=(4,), index=2),
        lambda: sample(draw(0), shape=(4,), index=slice(0, 0)),
    ),
)
def put_at(v: Array, /, shape: tuple[int, ...], index: Any) -> Array:
    """Zeros of a shape with v added at an index: what indexing does to a cotangent.

    >>> import autograd as ag
    >>> ag.ops.index.put_at(ag.Tensor([1.0, 2.0]), (3,), [0, 0])
    Tensor([3., 0., 0.], dtype=float32)
    """
    x = np.zeros_like(v, shape=shape)
    if _is_basic(index):
        x[index] = v
    else:
        np.add.at(x, index, v)
    return x


@op(
    "x[i] ← v",
    x=lambda g, index: setitem(g, 0, index),
    v=lambda g, index: g[index],
    linear=True,
    samples=samples(
        lambda: sample(draw(4, 3), draw(3), index=1),
        lambda: sample(draw(4, 3), draw(2, 1, seed=1), index=(slice(None, None, 2), slice(1, 3))),
        lambda: sample(draw(4), draw(2, seed=1), index=np.array([3, 0])),
        lambda: sample(draw(4), draw(seed=1), index=np.array([True, False, True, False])),
        lambda: sample(draw(4), draw(0), index=slice(0, 0)),
    ),
)
def setitem(x: Array, v: Array, /, index: Any) -> Array:
    """A copy of x in which x[index] is v. Where an index occurs twice the last value stays.

    >>> import autograd as ag
    >>> ag.setitem(ag.Tensor([1.0, 2.0, 3.0]), 0.0, slice(1, None))
    Tensor([1., 0., 0.], dtype=float32)
    """
    out = np.array(x)
    out[index] = v
    return out if out.ndim else out[()]


def unstack(x: Array, /, axis: int = 0) -> tuple[Array, ...]:
    """The slices of x along an axis, as a tuple.

    >>> import autograd as ag
    >>> a, b = ag.unstack(ag.Tensor([1.0, 2.0]))
    >>> b
    Tensor(2., dtype=float32)
    """
    front = (slice(None),) * (axis if axis >= 0 else x.ndim + axis)
    return tuple(x[(*front, i)] for i in range(x.shape[axis]))
