"""Values that coincide, and the quotients by their gaps."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd.engine.dispatch import is_symbolic
from autograd.errors import SingularMatrixError
from autograd.extend import Array, here, raw

Part: TypeAlias = Callable[[Any], Array]

# Equal values come out of LAPACK some units in the last place of the largest apart. Half as many
# digits as there are are lost by a quotient as far apart as the root of this.
TIE = 10.0
# What should vanish, in units in the last place of what it is the difference of.
ROUNDING = 1000.0


def inverse_or_0(x: Array) -> Array:
    """1 / x, and 0 where x is 0."""
    return np.where(x == 0, 0, 1 / np.where(x == 0, 1, x))


def tied(gaps: Array, values: Array) -> Array:
    """Whether gaps between the values (..., n), or between them and 0, are no more than rounding.

    >>> tied(np.array([0.0, 1e-16, 1e-9]), np.array([1.0, 1.0, 1.0])).tolist()
    [True, True, False]
    """
    largest = np.max(np.abs(values), axis=-1, initial=0)
    more = (1,) * (np.ndim(gaps) - largest.ndim)
    return np.abs(gaps) <= _rounding(TIE, values) * largest.reshape(largest.shape + more)


def may_tie(values: Array, or_vanish: bool = False) -> bool:
    """Whether sorted values (..., n) may coincide: a first look, at the least and the largest."""
    if is_symbolic(values):
        return False
    values = raw(values)
    gaps = np.abs(values[..., 1:] - values[..., :-1])
    least = np.minimum.reduce(gaps, axis=None, initial=np.inf)  # np.min takes twice as long
    if or_vanish:
        least = np.minimum.reduce(values[..., -1:], axis=None, initial=least)
    largest = np.maximum.reduce(np.abs(values), axis=None, initial=0)
    return bool(least <= _rounding(TIE, values) * largest)


def _rounding(factor: float, values: Array) -> float:
    return factor * math.sqrt(values.shape[-1]) * _unit(values.dtype)


@functools.cache
def _unit(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).eps)


def check_independent(name: str, r: Array) -> None:
    """Raise LinAlgError where a triangular factor tells that the columns depend on each other."""
    if is_symbolic(r):
        return
    scales = np.abs(np.diagonal(raw(r), axis1=-2, axis2=-1))
    if tied(scales, scales).any():
        raise SingularMatrixError(
            f"{name}: the columns are dependent, so the factors have no derivative{here()}"
        )


def turns_among(mask: Array, like: Array, seed: int = 0) -> Array:
    """Antihermitian matrices that turn the vectors whose places are tied by a mask."""
    rng = np.random.default_rng(seed)  # any numbers will do that have no rule
    n = mask.shape[-1]
    drawn = rng.uniform(0.5, 1.5, (n, n)) * rng.choice([-1, 1], (n, n))
    if like.dtype.kind == "c":
        drawn = drawn + 1j * rng.uniform(0.5, 1.5, (n, n))
    turn = np.where(mask & ~np.eye(n, dtype=bool), drawn - drawn.conj().T, 0)
    return turn.astype(like.dtype)


class Point(NamedTuple):
    """Where a decomposition is differentiated.

    A function does not depend on the choice of the vectors V if it stays as it is for V R, with any
    rotation R among those whose values coincide; its cotangents then turn like the vectors. If
    they stray from that, the function depends on the choice. (That their part of 0/0 vanishes is
    not enough: at vectors such as the unit vectors, much vanishes by chance.)
    """

    name: str
    g: Any
    values: Array
    has_ties: bool
    strays: Any = None  # by how much the cotangents do not turn as the vectors do

    def over(
        self,
        part: Part,
        gaps_of: Callable[[Array], Array],
        among: bool = False,
        free: bool = False,
    ) -> Array:
        """part(g) / gaps_of(values), `part` linear; at gaps of 0 its limit.

        Between a value and itself (`among` them) there is no gap, and the quotient is 0. Where the
        limit is `free`, it is 0, and no warning tells of NaN: in forward mode, which pushes to the
        vectors that nobody may ask for.
        """
        whole, gaps = part(self.g), gaps_of(self.values)
        if not self.has_ties:
            return inverse_or_0(gaps) * whole
        mask = tied(raw(gaps), raw(self.values))
        if among:
            mask = mask & ~np.eye(gaps.shape[-1], dtype=bool)
        mask = np.broadcast_to(mask, whole.shape)
        wrong = mask & (np.abs(raw(whole)) > self._rounded())
        if free:
            limit = np.zeros_like(raw(whole))
        else:
            limit = self._limit(part, np.where(mask, gaps_of(self.g.ties.part), 1), gaps)
            wrong = wrong | (np.abs(raw(part(self.strays))) > self._rounded())
            if wrong.any():
                _warn(self.name, raw(self.values), raw(gaps), wrong)
        far = inverse_or_0(np.where(mask, 0, gaps)) * whole
        return np.where(wrong, np.nan, np.where(mask, limit, far))

    def _limit(self, part: Part, parted: Array, gaps: Array) -> Array:
        """Slope over slope; and for a second derivative half the bend, times a gap of 0."""
        bend = part(self.g.bending) / (2 * parted * parted)
        return part(self.g.parting) / parted - gaps * bend

    def _rounded(self) -> Array:
        """What may be left by rounding of what should vanish."""
        size: Any = _size_of(self.g)
        if hasattr(self.g, "ties"):  # the values are rounded too, and with them what comes of them
            largest = np.max(np.abs(raw(self.values)), axis=-1, keepdims=True)[..., None]
            size = size + largest * _size_of(self.g.parting) + _size_of(self.g.turning)
        return _rounding(ROUNDING, self.values) * size


def _size_of(parts: Any) -> Any:
    """The sum of the largest moduli in the matrices (..., m, n) among cotangents, (..., 1, 1)."""
    found = [parts] if hasattr(parts, "dtype") else parts
    ndim = max(p.ndim for p in found)  # the values' cotangent has one less
    return sum(
        np.max(np.abs(raw(p)), axis=(-2, -1), keepdims=True, initial=0)
        for p in found
        if p.ndim == ndim
    )


def _warn(name: str, values: Array, gaps: Array, wrong: Array) -> None:
    """Name the values that coincide, or vanish."""
    stack = tuple(int(i) for i in np.argwhere(wrong)[0][:-2])
    of_matrix = values[stack]
    zeros = tied(of_matrix, of_matrix)
    pairs = tied(of_matrix[:, None] - of_matrix, of_matrix).sum(axis=-1) > 1
    what = "coincide" if pairs.any() else "vanish"
    shown = [
        f"{0.0 if zero else value:.6g}"
        for value, zero, meets in zip(of_matrix, zeros, pairs, strict=True)
        if meets or (zero and name == "svd")
    ]
    equal = " and ".join(shown if len(shown) < 5 else (*shown[:4], f"{len(shown) - 4} more"))
    where = f" of matrix {stack}" if stack else ""
    warnings.warn(
        f"{name}: values{where} {what} ({equal}), so that their vectors are not determined, and "
        "the result depends on which were chosen.\n  Its gradient is NaN. What does not depend on "
        f"the choice, such as (V * f(w)) @ V.mT, has one.{here()}",
        RuntimeWarning,
        stacklevel=2,
    )
