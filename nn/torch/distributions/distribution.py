"""Distribution: what all distributions share."""

from __future__ import annotations

import copy
import warnings
from typing import Any, ClassVar, Self

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, MissingMethodError
from autograd.extend import raw
from autograd.tensors.tensor import Tensor as PlainTensor
from nn.torch.distributions.constraints import is_dependent
from nn.torch.distributions.parameters import Size
from nn.torch.tensor import as_face

__all__ = ["Distribution", "ExponentialFamily"]


class Distribution:
    """Base of all distributions, of outcomes of shape `event_shape`, a batch of them.

    A subclass names its parameters in `arg_constraints` and writes what it can of `rsample`,
    `sample`, `log_prob`, `cdf`, `entropy`, `mean` and `variance`.
    """

    has_rsample = False
    has_enumerate_support = False
    arg_constraints: ClassVar[Any] = {}
    support: Any = None
    _validate_args: ClassVar[bool] = True
    _event_dims: ClassVar[Any] = {}  # of parameters that are no numbers

    def __init__(
        self,
        batch_shape: Any = (),
        event_shape: Any = (),
        validate_args: bool | None = None,
    ) -> None:
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args  # type: ignore[misc] # of this one alone
        if self._validate_args:
            self._validate_parameters()

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether distributions check their parameters and the values they are asked about."""
        Distribution._validate_args = value

    def _validate_parameters(self) -> None:
        for name, constraint in self.arg_constraints.items():
            if is_dependent(constraint) or name not in self.__dict__:
                continue
            value = self.__dict__[name]
            if not np.all(constraint.holds(raw(value))):
                raise ArgumentError(
                    f"Expected parameter {name} ({type(value).__name__} of shape "
                    f"{np.shape(raw(value))}) of distribution {self!r} to satisfy the constraint "
                    f"{constraint!r}, but found invalid values:\n{raw(value)}"
                )

    # ---- shapes --------------------------------------------------------------------------------

    @property
    def batch_shape(self) -> Any:
        """The shape of the batch of distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Any:
        """The shape of one outcome."""
        return self._event_shape

    def _extended_shape(self, sample_shape: Any = ()) -> Any:
        return Size((*sample_shape, *self._batch_shape, *self._event_shape))

    def expand(self, batch_shape: Any, _instance: Any = None) -> Self:
        """The same distribution, repeated along the axes of a batch."""
        new = copy.copy(self)
        held = (*self.arg_constraints, *self._event_dims)
        for name in dict.fromkeys(held):
            value = new.__dict__.get(name)
            if isinstance(value, PlainTensor):
                event = self._event_dims.get(name, 0)
                shape = np.shape(raw(value))
                tail = shape[len(shape) - event :]
                new.__dict__[name] = as_face(ag.broadcast_to(value, (*batch_shape, *tail)))
        new._batch_shape = Size(batch_shape)
        return new

    # ---- what a subclass says ------------------------------------------------------------------

    def _missing(self, what: str) -> MissingMethodError:
        return MissingMethodError(f"{type(self).__name__} has no {what}")

    @property
    def mean(self) -> Any:
        """The mean."""
        raise self._missing("mean")

    @property
    def mode(self) -> Any:
        """The likeliest outcome."""
        raise self._missing("mode")

    @property
    def variance(self) -> Any:
        """The variance."""
        raise self._missing("variance")

    @property
    def stddev(self) -> Any:
        """The standard deviation."""
        return ag.sqrt(self.variance)

    def rsample(self, sample_shape: Any = ()) -> Any:
        """Outcomes whose gradient by the parameters is known."""
        raise self._missing("rsample")

    def sample(self, sample_shape: Any = ()) -> Any:
        """Outcomes, outside the graph."""
        with ag.no_grad():
            return self.rsample(sample_shape)

    def sample_n(self, n: int) -> Any:
        """`sample((n,))`, as it was written once."""
        warnings.warn(
            "sample_n will be deprecated. Use .sample((n,)) instead", UserWarning, stacklevel=2
        )
        return self.sample((n,))

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density, or probability, of a value."""
        raise self._missing("log_prob")

    def cdf(self, value: Any) -> Any:
        """The probability of an outcome up to a value."""
        raise self._missing("cdf")

    def icdf(self, value: Any) -> Any:
        """The value up to which outcomes lie with a probability."""
        raise self._missing("icdf")

    def enumerate_support(self, expand: bool = True) -> Any:
        """All outcomes, along a new first axis."""
        raise self._missing("enumerate_support")

    def entropy(self) -> Any:
        """The entropy."""
        raise self._missing("entropy")

    def perplexity(self) -> Any:
        """e to the entropy."""
        return ag.exp(self.entropy())

    # ---- checks and print ----------------------------------------------------------------------

    def _checked(self, value: Any) -> Any:
        """A value in the support, as a Tensor, or ValueError."""
        if not isinstance(value, PlainTensor):
            raise ArgumentError("The value argument to log_prob must be a Tensor")
        if not self._validate_args:
            return value
        shape = np.shape(raw(value))
        wanted = (*self._batch_shape, *self._event_shape)
        event = shape[len(shape) - len(self._event_shape) :]
        if event != tuple(self._event_shape):
            raise ArgumentError(
                "The right-most size of value must match event_shape: "
                f"{shape} vs {tuple(self._event_shape)}."
            )
        for n, m in zip(reversed(shape), reversed(wanted), strict=False):
            if 1 not in (n, m) and n != m:
                raise ArgumentError(
                    f"Value is not broadcastable with batch_shape+event_shape: {shape} vs {wanted}."
                )
        support = self.support
        if support is not None and not np.all(support.holds(raw(value))):
            raise ArgumentError(
                f"Expected value argument (Tensor of shape {shape}) to be within the support "
                f"({support!r}) of the distribution {self!r}, but found invalid values:\n"
                f"{raw(value)}"
            )
        return value

    def __repr__(self) -> str:
        shown = [
            f"{name}: {_short(self.__dict__[name])}"
            for name in self.arg_constraints
            if name in self.__dict__
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


def _short(value: Any) -> Any:
    array = np.asarray(raw(value))
    return array.item() if array.size == 1 else Size(array.shape)


class ExponentialFamily(Distribution):
    """Base of the exponential families."""
