"""Normal vectors."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, MissingAttributeError, ShapeError
from autograd.extend import raw
from nn.torch.distributions import constraints
from nn.torch.distributions.distribution import Distribution
from nn.torch.distributions.parameters import drawn, tensor
from nn.torch.tensor import as_face

__all__ = ["MultivariateNormal"]


class MultivariateNormal(Distribution):
    """Normal vectors, by their mean `loc` and one of three matrices that say how they spread."""

    has_rsample = True
    arg_constraints: ClassVar[Any] = {
        "loc": constraints.real_vector, "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }  # fmt: skip
    support = constraints.real_vector
    _event_dims: ClassVar[Any] = {
        "loc": 1, "covariance_matrix": 2, "precision_matrix": 2, "scale_tril": 2,
        "_unbroadcasted_scale_tril": 2,
    }  # fmt: skip

    def __init__(
        self,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        loc = tensor(loc)
        if not np.shape(raw(loc)):
            raise ShapeError("loc must be at least one-dimensional.")
        given = {
            "covariance_matrix": covariance_matrix, "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        }  # fmt: skip
        found = [(name, matrix) for name, matrix in given.items() if matrix is not None]
        if len(found) != 1:
            raise ArgumentError(
                "Exactly one of covariance_matrix or precision_matrix or scale_tril may be "
                "specified."
            )
        name, matrix = found[0]
        if len(np.shape(raw(matrix))) < 2:
            raise ShapeError(f"{name} must be at least two-dimensional")
        batch = np.broadcast_shapes(np.shape(raw(loc))[:-1], np.shape(raw(matrix))[:-2])
        size = np.shape(raw(loc))[-1]
        self.loc = as_face(ag.broadcast_to(loc, (*batch, size)))
        self.__dict__[name] = as_face(ag.broadcast_to(matrix, (*batch, size, size)))
        super().__init__(batch, (size,), validate_args)
        self._unbroadcasted_scale_tril = _factor(name, self.__dict__[name])

    def __getattr__(self, name: str) -> Any:
        held = self.__dict__
        if name not in self.arg_constraints or "_unbroadcasted_scale_tril" not in held:
            raise MissingAttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        factor = held["_unbroadcasted_scale_tril"]
        if name == "scale_tril":
            return factor
        covariance = ag.matmul(factor, ag.matrix_transpose(factor))
        return covariance if name == "covariance_matrix" else ag.linalg.inv(covariance)

    def rsample(self, sample_shape: Any = ()) -> Any:
        shape = self._extended_shape(sample_shape)
        noise = drawn("standard_normal", shape, raw(self.loc).dtype)
        spread = ag.matmul(self._unbroadcasted_scale_tril, ag.expand_dims(noise, -1))
        return self.loc + ag.squeeze(spread, -1)

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return ag.sum(self._unbroadcasted_scale_tril**2, axis=-1)

    @property
    def _half_log_det(self) -> Any:
        factor = self._unbroadcasted_scale_tril
        return ag.sum(ag.log(ag.diagonal(factor, axis1=-2, axis2=-1)), axis=-1)

    def log_prob(self, value: Any) -> Any:
        diff = ag.expand_dims(self._checked(value) - self.loc, -1)
        factor = ag.tril(self._unbroadcasted_scale_tril)
        shape = np.broadcast_shapes(np.shape(raw(diff))[:-2], np.shape(raw(factor))[:-2])
        size = self._event_shape[0]
        factor = ag.broadcast_to(factor, (*shape, size, size))
        whitened = ag.linalg.solve(factor, ag.broadcast_to(diff, (*shape, size, 1)))
        distance = ag.sum(whitened**2, axis=(-2, -1))
        return -0.5 * (size * math.log(2 * math.pi) + distance) - self._half_log_det

    def entropy(self) -> Any:
        size = self._event_shape[0]
        return 0.5 * size * (1 + math.log(2 * math.pi)) + self._half_log_det


def _factor(name: str, matrix: Any) -> Any:
    """The lower triangular root of the covariance."""
    if name == "scale_tril":
        return matrix
    if name == "precision_matrix":
        matrix = ag.linalg.inv(matrix)
    return ag.linalg.cholesky(matrix)
