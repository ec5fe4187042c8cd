"""Sparse Jacobians and Hessians: several columns or rows by one product, with one for a check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.modes import capturing
from autograd.engine.operands import raw, tensor_types
from autograd.engine.row import OPS
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError, TraceError
from autograd.functional.coloring import Places, columns_apart, star
from autograd.graph.pytree import flat

__all__ = ["Sparse", "Ways", "is_scipy"]

Array = np.ndarray[Any, Any]
_CHUNK = 256  # products of a batch, where a pattern is looked for


class Ways(NamedTuple):
    """Products with a matrix: a batch of rows of seeds gives as many rows."""

    columns: Callable[[Array], Any]  # (K, N) of tangents -> (K, M)
    rows: Callable[[Array], Any] | None  # (K, M) of cotangents -> (K, N); None: it is symmetric
    shape: tuple[int, int]
    shapes: tuple[tuple[int, ...], ...]  # which a pattern may have
    rounding: float  # of the least precise number among them


class Sparse:
    """What is known of a matrix whose pattern is given, or is to be found."""

    def __init__(self, what: str, sparsity: Any, mode: str = "auto") -> None:
        self.what, self.sparsity, self.mode = what, sparsity, mode
        self.finds = isinstance(sparsity, str)
        if self.finds and sparsity != "detect":
            raise ArgumentError(
                f'{what}: sparsity is "detect" or a pattern, not {sparsity!r}: an array of '
                "booleans, which says where the derivative is not zero, or a sparse matrix of SciPy"
            )
        self.products = 0  # how many the last call took
        self._plans: dict[tuple[int, int], _Plan] = {}

    def matrix(self, ways: Ways) -> Any:
        """The matrix, (M, N), or SciPy's where the pattern is."""
        if capturing() is not None:
            raise TraceError(
                f"{self.what}: with sparsity= its numbers are checked, and in a function that is "
                "traced (vmap, compile, scan) there are none yet: call it outside, or without "
                "sparsity="
            )
        self.products = 0
        plan = self._plans.get(ways.shape)
        if plan is None:
            plan = self._plan(ways, self._detected(ways) if self.finds else self._given(ways))
        found, wrong = self._run(plan, ways)
        if wrong.size and self.finds:  # other numbers are zero here
            new = np.union1d(_flat(plan.places), _flat(self._detected(ways)))
            plan = self._plan(ways, _places(new, ways.shape))
            found, wrong = self._run(plan, ways)
        if wrong.size:
            raise ArgumentError(
                f"{self.what}: the pattern in sparsity leaves out what is not zero: by "
                f"{wrong.size} {'columns' if plan.by_rows else 'rows'}, number {wrong[0]} the "
                "first, the product with a random vector is another; give a wider pattern, or "
                'sparsity="detect"'
            )
        if is_scipy(self.sparsity):
            return _as_scipy(self.what, plan.places, found)
        return plan.dense(found)

    def _plan(self, ways: Ways, places: Places) -> _Plan:
        plan = self._plans[ways.shape] = _Plan.of(places, ways, self.mode)
        return plan

    def _given(self, ways: Ways) -> Places:
        pattern = self.sparsity
        if is_scipy(pattern):
            pattern = pattern.tocoo()
            _check_shape(self.what, pattern.shape, ways)
            numbers = np.unique(pattern.row.astype(np.intp) * ways.shape[1] + pattern.col)
            places = _places(numbers, ways.shape)
        else:
            pattern = np.asarray(raw(pattern))
            if pattern.dtype.kind not in "biuf":
                raise ArgumentTypeError(
                    f"{self.what}: sparsity is an array of booleans, a sparse matrix of SciPy, or "
                    f'"detect", not {type(self.sparsity).__name__}'
                )
            _check_shape(self.what, pattern.shape, ways)
            places = _places(np.flatnonzero(pattern), ways.shape)
        if ways.rows is None and not np.array_equal(
            _flat(places), np.sort(places.columns * ways.shape[1] + places.rows)
        ):
            raise ArgumentError(
                f"{self.what}: a Hessian is symmetric, and the pattern in sparsity is not: give "
                "pattern | pattern.T"
            )
        return places

    def _detected(self, ways: Ways) -> Places:
        """Where the matrix is not zero here, by all of its columns or rows."""
        by_rows = ways.rows is not None and ways.shape[0] < ways.shape[1]
        count = min(ways.shape) if ways.rows is not None else ways.shape[1]
        found = []
        for start in range(0, count, _CHUNK):
            seeds = np.eye(min(_CHUNK, count - start), count, start)
            self.products += len(seeds)
            run = ways.rows if by_rows and ways.rows is not None else ways.columns
            lines, others = np.nonzero(raw(run(seeds)))
            lines = lines + start
            rows, columns = (lines, others) if by_rows else (others, lines)
            found.append(rows.astype(np.intp) * ways.shape[1] + columns)
            if ways.rows is None:
                found.append(columns * ways.shape[1] + rows)
        return _places(np.unique(np.concatenate([np.zeros(0, np.intp), *found])), ways.shape)

    def _run(self, plan: _Plan, ways: Ways) -> tuple[Any, Any]:
        """The elements of the pattern, and the rows in which something is missing."""
        run = ways.rows if plan.by_rows and ways.rows is not None else ways.columns
        random = np.random.default_rng(0)
        length = ways.shape[0] if plan.by_rows else ways.shape[1]
        probe = random.uniform(0.5, 1.5, length) * random.choice([-1.0, 1.0], length)
        products = run(np.vstack([plan.seeds, probe]))
        self.products += len(plan.seeds) + 1
        found = OPS["getitem"].record(products, index=(plan.color, plan.line))
        return found, plan.missing(raw(found), probe, raw(products)[-1], ways.rounding)


class _Plan(NamedTuple):
    """How the elements of a pattern are read off products."""

    places: Places
    by_rows: bool
    seeds: Array  # a row of ones and zeros for each colour
    color: Array  # for each element the product that it stands in
    line: Array  # and where in it

    @classmethod
    def of(cls, places: Places, ways: Ways, mode: str) -> _Plan:
        if ways.rows is None:
            return cls._symmetric(places)
        by_columns = columns_apart(places) if mode != "reverse" else None
        by_rows = columns_apart(places.turned) if mode != "forward" else None
        if by_rows is None or (by_columns is not None and _count(by_columns) <= _count(by_rows)):
            assert by_columns is not None
            return cls(places, False, _seeds(by_columns), by_columns[places.columns], places.rows)
        return cls(places, True, _seeds(by_rows), by_rows[places.rows], places.columns)

    @classmethod
    def _symmetric(cls, places: Places) -> _Plan:
        colors, by_star = columns_apart(places), star(places)
        if by_star is None or _count(colors) <= _count(by_star):
            return cls(places, False, _seeds(colors), colors[places.columns], places.rows)
        color = by_star[places.columns]
        _, which, counts = np.unique(
            places.rows * len(by_star) + color, return_inverse=True, return_counts=True
        )
        alone = counts[which] == 1  # else the element's mirror image is
        line = np.where(alone, places.rows, places.columns)
        return cls(
            places, False, _seeds(by_star), np.where(alone, color, by_star[places.rows]), line
        )

    def missing(self, found: Array, probe: Array, product: Array, rounding: float) -> Array:
        """The lines of the product with the probe that the elements do not give."""
        rows, columns = self.places.rows, self.places.columns
        if self.by_rows:
            rows, columns = columns, rows
        with np.errstate(all="ignore"):
            terms = found * probe[columns]
            own, size = (_sums(rows, part, len(product)) for part in (terms, np.abs(terms)))
            most = np.max(size, initial=0, where=np.isfinite(size))
            near = rounding * (1000 * size + 100 * most)
            unlike = ~(np.abs(product - own) <= near)
        lines: Array = np.flatnonzero(unlike & (np.isfinite(product) | np.isfinite(own)))
        return lines

    def dense(self, found: Any) -> Any:
        """The whole matrix, with its zeros."""
        places = self.places
        return OPS["put_at"].record(found, shape=places.shape, index=(places.rows, places.columns))


def _sums(lines: Array, parts: Array, length: int) -> Array:
    """The parts of each line added up, in double precision."""
    if parts.dtype.kind == "c":
        return _sums(lines, parts.real, length) + 1j * _sums(lines, parts.imag, length)
    found: Array = np.bincount(lines, parts, length)
    return found


def is_scipy(pattern: Any) -> bool:
    """Whether it is a sparse matrix or array of SciPy."""
    return hasattr(pattern, "tocoo")


def _check_shape(what: str, shape: tuple[int, ...], ways: Ways) -> None:
    if tuple(shape) not in (ways.shape, *ways.shapes):
        raise ShapeError(
            f"{what}: the pattern in sparsity is {tuple(shape)}, and the derivative is {ways.shape}"
        )


def _places(numbers: Array, shape: tuple[int, int]) -> Places:
    rows, columns = np.divmod(np.asarray(numbers, np.intp), max(shape[1], 1))
    return Places(rows, columns, shape)


def _flat(places: Places) -> Array:
    return places.rows * places.shape[1] + places.columns


def _count(colors: Array) -> int:
    return int(np.max(colors, initial=-1)) + 1


def _seeds(colors: Array) -> Array:
    found: Array = colors == np.arange(_count(colors))[:, None]
    return found.astype(float)


def _as_scipy(what: str, places: Places, found: Any) -> Any:
    if any(type(y) in tensor_types and y.requires_grad for y in flat(found)):
        raise ArgumentTypeError(
            f"{what}: the result is differentiated again, and a sparse matrix of SciPy has no "
            "gradient; give the pattern as an array: pattern.toarray()"
        )
    from scipy.sparse import csr_array  # there it is: the pattern is its own

    return csr_array((raw(found), (places.rows, places.columns)), shape=places.shape)
