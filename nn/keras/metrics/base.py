"""Metric, and the means and sums that most metrics are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.operands import tensor_types
from autograd.errors import MissingMethodError
from autograd.extend import raw
from nn.keras import initializers
from nn.keras.backend import floatx, standardize_dtype, tensor
from nn.keras.engine.variable import Variable
from nn.keras.identifiers import config_of
from nn.keras.losses.pairs import same_rank
from nn.keras.naming import snake, unique_name
from nn.metrics.base import Metric as Base
from nn.metrics.base import as_array

__all__ = ["Mean", "MeanMetricWrapper", "Metric", "Result", "Sum", "arrays", "quotient"]


class Result(float):
    """A number that is printed and computed with as one, and has `.numpy()` as Keras' results."""

    __slots__ = ()

    def numpy(self) -> Any:
        """The number in the dtype of the face."""
        return np.dtype(floatx()).type(self)


class Metric(Base):
    """Base of metrics: a subclass writes `update_state` and `result`, over its variables.

    >>> from nn import keras
    >>> class Largest(keras.metrics.Metric):
    ...     def __init__(self, name="largest"):
    ...         super().__init__(name=name)
    ...         self.most = self.add_weight(name="most", initializer="zeros")
    ...
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.most.assign(keras.ops.maximum(self.most, keras.ops.max(y_pred)))
    ...
    ...     def result(self):
    ...         return self.most
    >>> float(Largest()([0.0], [3.0]))
    3.0
    """

    _direction: str | None = None  # "up" where more is better, "down" where less is

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.dtype = floatx() if dtype is None else standardize_dtype(dtype)
        self._weights: list[Variable] = []
        super().__init__(name or unique_name(snake(type(self).__name__)))

    def add_variable(
        self,
        shape: Any = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """A variable that `reset_state` sets to zeros."""
        kind = dtype or self.dtype
        value = initializers.get(initializer)(tuple(shape), kind)
        self._weights.append(Variable(value, trainable=False, dtype=np.dtype(kind), name=name))
        return self._weights[-1]

    def add_weight(
        self, shape: Any = (), initializer: Any = None, dtype: Any = None, name: str | None = None
    ) -> Variable:
        """A variable that `reset_state` sets to zeros."""
        return self.add_variable(shape, initializer or "zeros", dtype, name=name)

    @property
    def variables(self) -> list[Variable]:
        """The variables that `add_weight` has made."""
        return [*self._weights]

    @property
    def higher_is_better(self) -> bool | None:  # type: ignore[override]
        """Whether more of it is better; None where nobody said."""
        return None if self._direction is None else self._direction == "up"

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Take a batch into account."""
        raise MissingMethodError(f"{type(self).__name__} has no update_state()")

    def result(self) -> Any:
        """The number over all batches since the reset."""
        raise MissingMethodError(f"{type(self).__name__} has no result()")

    def reset_state(self) -> None:
        """Forget all batches."""
        for variable in self._weights:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def reset_states(self) -> None:
        """The old name of `reset_state`."""
        self.reset_state()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take a batch into account, and give the result over all so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The arguments from which `from_config` makes it again."""
        return config_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A metric of these arguments."""
        return cls(**config)


class Mean(Metric):
    """The mean of all values, weighted by `sample_weight`; 0 before the first.

    >>> from nn import keras
    >>> mean = keras.metrics.Mean()
    >>> mean.update_state([1.0, 3.0])
    >>> mean.update_state([5.0])
    >>> mean.result()
    3.0
    """

    _total: float
    _count: float

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values, weight = _by_sample(arrays(values)[0], sample_weight, np.mean)
        self._total += float(np.sum(values, dtype=np.float64))
        if weight is not None:
            self._count += float(np.sum(weight, dtype=np.float64))
        else:
            self._count += len(values) if values.ndim else 1

    def result(self) -> Any:
        return Result(self._total / self._count if self._count else 0.0)

    def reset_state(self) -> None:
        self._total = self._count = 0.0
        super().reset_state()


class Sum(Metric):
    """The sum of all values, times their weights."""

    _total: float

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        values, _ = _by_sample(arrays(values)[0], sample_weight, np.sum)
        self._total += float(np.sum(values, dtype=np.float64))

    def result(self) -> Any:
        return Result(self._total)

    def reset_state(self) -> None:
        self._total = 0.0
        super().reset_state()


class MeanMetricWrapper(Mean):
    """The mean of a function of (y_true, y_pred) over the examples.

    >>> from nn import keras
    >>> keras.metrics.MeanMetricWrapper(keras.losses.mean_squared_error)([[1.0]], [[3.0]])
    4.0
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or unique_name(snake(type(self).__name__)), dtype)
        self.fn, self.options = fn, kwargs
        for option, value in kwargs.items():
            setattr(self, option, value)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        with ag.no_grad():
            values = self.fn(_given(y_true), _given(y_pred), **self.options)
        super().update_state(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        found = config_of(self)
        return found if type(self) is not MeanMetricWrapper else found | self.options


def _given(y: Any) -> Any:
    return y if isinstance(y, (tuple, dict)) else tensor(y)


def arrays(*values: Any) -> list[Any]:
    """Arrays of floating numbers, of arrays, Tensors or lists."""
    found = [as_array(v) if type(v) in tensor_types else np.asarray(raw(v)) for v in values]
    return [a if a.dtype.kind == "f" else a.astype(floatx()) for a in found]


def quotient(part: Any, whole: Any) -> Any:
    """part / whole, and 0 where nothing is divided by."""
    whole = np.asarray(whole, np.float64)
    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=whole != 0)


def _by_sample(values: Any, weight: Any, join: Callable[..., Any]) -> tuple[Any, Any]:
    """One value an example, times its weight, and the weights; further axes are joined."""
    if weight is not None:
        values, weight = same_rank(values, arrays(weight)[0])
        if values.ndim > weight.ndim:
            values = join(values, axis=tuple(range(weight.ndim, values.ndim)))
        weight = np.broadcast_to(weight, values.shape)
        values = values * weight
        if weight.ndim > 1:
            weight = join(weight, axis=tuple(range(1, weight.ndim)))
    if values.ndim > 1:
        values = join(values, axis=tuple(range(1, values.ndim)))
    return values, weight
