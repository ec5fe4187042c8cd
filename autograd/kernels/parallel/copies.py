"""Large arrays copied: alone, or to their places in a joined one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.kernels.parallel.threads import share
from autograd.kernels.parallel.twins import twin

__all__ = ["LARGE", "concatenated", "copied"]

Array = Any

LARGE = 1 << 20  # numbers: fewer are copied by the time that another thread begins


def concatenated(xs: Sequence[Array], axis: int) -> Array:
    """np.concatenate of arrays of which the first is large, shared by threads."""
    if not _fit(xs, axis):
        return np.concatenate(xs, axis)
    shape = list(xs[0].shape)
    shape[axis] = sum(x.shape[axis] for x in xs)
    out = np.empty(shape, xs[0].dtype.newbyteorder("="))
    if axis % out.ndim:  # each thread writes to memory in one piece
        share(
            lambda at: np.concatenate([x[at] for x in xs], axis, out=out[at]),
            _slices(len(out), out.size),
        )
        return out
    pieces, begin = [], 0
    for x in xs:
        target, begin = out[begin : begin + len(x)], begin + len(x)
        pieces += [(target[at], x[at]) for at in _slices(len(x), x.size)]
    share(lambda piece: np.copyto(*piece), pieces)
    return out


@twin(LARGE, double=True, repaid=1 << 34)
def copied(x: Array) -> Array:
    """A copy that lies in memory as x does."""
    return x.copy(order="K")


def _slices(length: int, size: int) -> list[slice]:
    """The first axis cut into as many slices as make LARGE numbers or fewer of each."""
    count = max(1, -(-size // LARGE))
    stops = [length * k // count for k in range(count + 1)]
    return [slice(a, b) for a, b in itertools.pairwise(stops)]


def _fit(xs: Sequence[Array], axis: int) -> bool:
    """Whether arrays have one dtype, no gaps, and shapes that differ along the axis alone."""
    dtype, ndim = xs[0].dtype, xs[0].ndim
    if not -ndim <= axis < ndim:
        return False
    for x in xs:
        if type(x) is not np.ndarray or x.dtype != dtype or not x.flags.c_contiguous:
            return False
    return len({(x.ndim, x.shape[: axis % ndim], x.shape[axis % ndim + 1 :]) for x in xs}) == 1
