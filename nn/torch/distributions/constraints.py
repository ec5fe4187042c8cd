"""Constraints: which values a parameter, or an outcome, may have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import raw
from nn.torch.tensor import as_face

__all__ = [
    "Constraint",
    "boolean",
    "dependent",
    "dependent_property",
    "greater_than",
    "greater_than_eq",
    "half_open_interval",
    "independent",
    "integer_interval",
    "interval",
    "is_dependent",
    "less_than",
    "lower_cholesky",
    "lower_triangular",
    "multinomial",
    "nonnegative",
    "nonnegative_integer",
    "one_hot",
    "positive",
    "positive_definite",
    "positive_integer",
    "real",
    "real_vector",
    "simplex",
    "unit_interval",
]


class Constraint:
    """A set of values; `holds` says of arrays which of their elements (or rows) lie in it."""

    def __init__(
        self,
        name: str,
        holds: Callable[[Any], Any],
        event_dim: int = 0,
        is_discrete: bool = False,
        **bounds: Any,
    ) -> None:
        self._name, self._holds = name, holds
        self.event_dim, self.is_discrete = event_dim, is_discrete
        self.__dict__.update(bounds)
        self._shown = bounds

    def check(self, value: Any) -> Any:
        """Which elements lie in the set, as a Tensor of booleans."""
        return as_face(ag.asarray(np.asarray(self.holds(raw(value)))))

    def holds(self, value: Any) -> Any:
        """The same of arrays."""
        return self._holds(np.asarray(value))

    def __repr__(self) -> str:
        bounds = ", ".join(f"{name}={value}" for name, value in self._shown.items())
        return f"{self._name}({bounds})"


class dependent_property(property):
    """A support that depends on the parameters: a property of the distribution."""

    def __init__(self, fn: Any = None, *, is_discrete: Any = None, event_dim: Any = None) -> None:
        super().__init__(fn)
        self.is_discrete, self.event_dim = is_discrete, event_dim

    def __call__(self, fn: Any) -> dependent_property:
        """As a decorator with options."""
        return dependent_property(fn, is_discrete=self.is_discrete, event_dim=self.event_dim)


dependent: Any = Constraint("Dependent", lambda x: np.ones(np.shape(x), bool))


def is_dependent(constraint: Any) -> bool:
    """Whether a constraint follows from the parameters."""
    return constraint is dependent or isinstance(constraint, dependent_property)


def independent(base: Any, reinterpreted_batch_ndims: int) -> Constraint:
    """A constraint of which the last axes count as one event."""
    count = reinterpreted_batch_ndims

    def holds(x: Any) -> Any:
        found = np.asarray(base.holds(x))
        return found.all(axis=tuple(range(-count, 0))) if count else found

    return Constraint(
        "IndependentConstraint", holds, base.event_dim + count, base.is_discrete, base=base
    )


def greater_than(lower_bound: Any) -> Constraint:
    """Numbers above a bound."""
    return Constraint("GreaterThan", lambda x: x > raw(lower_bound), lower_bound=lower_bound)


def greater_than_eq(lower_bound: Any) -> Constraint:
    """Numbers from a bound on."""
    return Constraint("GreaterThanEq", lambda x: x >= raw(lower_bound), lower_bound=lower_bound)


def less_than(upper_bound: Any) -> Constraint:
    """Numbers below a bound."""
    return Constraint("LessThan", lambda x: x < raw(upper_bound), upper_bound=upper_bound)


def interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Numbers between two bounds, with both."""
    return Constraint(
        "Interval",
        lambda x: (raw(lower_bound) <= x) & (x <= raw(upper_bound)),
        lower_bound=lower_bound,
        upper_bound=upper_bound,
    )


def half_open_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Numbers between two bounds, without the upper one."""
    return Constraint(
        "HalfOpenInterval",
        lambda x: (raw(lower_bound) <= x) & (x < raw(upper_bound)),
        lower_bound=lower_bound,
        upper_bound=upper_bound,
    )


def integer_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Whole numbers between two bounds, with both."""
    return Constraint(
        "IntegerInterval",
        lambda x: (x % 1 == 0) & (raw(lower_bound) <= x) & (x <= raw(upper_bound)),
        is_discrete=True,
        lower_bound=lower_bound,
        upper_bound=upper_bound,
    )


def _integers_from(name: str, lower_bound: int) -> Constraint:
    return Constraint(
        "IntegerGreaterThan",
        lambda x: (x % 1 == 0) & (x >= lower_bound),
        is_discrete=True,
        lower_bound=lower_bound,
    )


def _is_lower(x: Any) -> Any:
    return (np.tril(x) == x).all((-2, -1))


def _is_definite(x: Any) -> Any:
    symmetric = np.isclose(x, np.swapaxes(x, -1, -2), atol=1e-6).all((-2, -1))
    return symmetric & (np.linalg.eigvalsh(x) > 0).all(-1)


def _is_simplex(x: Any) -> Any:
    return (x >= 0).all(-1) & (np.abs(x.sum(-1) - 1) < 1e-6)


def multinomial(upper_bound: int) -> Constraint:
    """Counts that sum to a number."""
    return Constraint(
        "Multinomial",
        lambda x: (x >= 0).all(-1) & (x.sum(-1) <= upper_bound),
        1,
        True,
        upper_bound=upper_bound,
    )


real = Constraint("Real", lambda x: x == x)
real_vector = independent(real, 1)
boolean = Constraint("Boolean", lambda x: (x == 0) | (x == 1), is_discrete=True)
positive = greater_than(0.0)
nonnegative = greater_than_eq(0.0)
unit_interval = interval(0.0, 1.0)
nonnegative_integer = _integers_from("nonnegative_integer", 0)
positive_integer = _integers_from("positive_integer", 1)
simplex = Constraint("Simplex", _is_simplex, 1)
one_hot = Constraint("OneHot", lambda x: ((x == 0) | (x == 1)).all(-1) & (x.sum(-1) == 1), 1, True)
lower_triangular = Constraint("LowerTriangular", _is_lower, 2)
lower_cholesky = Constraint(
    "LowerCholesky",
    lambda x: _is_lower(x) & (np.diagonal(x, axis1=-2, axis2=-1) > 0).all(-1),
    2,
)
positive_definite = Constraint("PositiveDefinite", _is_definite, 2)
