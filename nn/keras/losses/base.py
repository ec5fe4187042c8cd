"""Loss, and the loss that is made of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentTypeError, MissingMethodError, shown
from autograd.extend import raw
from nn.keras.backend import floatx, standardize_dtype, tensor
from nn.keras.losses.pairs import REDUCTIONS, predicted, reduced, same_rank
from nn.keras.naming import snake, unique_name

__all__ = ["Loss", "LossFunctionWrapper", "NamedLoss"]


class Loss:
    """Base of losses: a subclass writes `call(y_true, y_pred)`, one number for each example.

    `reduction` joins them: "sum_over_batch_size" (the mean), "sum", "mean_with_sample_weight" (the
    weighted mean) or None.

    >>> from nn import keras
    >>> class Cubic(keras.losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return keras.ops.mean(abs(y_true - y_pred) ** 3, axis=-1)
    >>> Cubic()([[0.0], [0.0]], [[2.0], [0.0]])
    Tensor(4., dtype=float32)
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        self.name = name or unique_name(snake(type(self).__name__))
        self.reduction = check_choice("reduction", reduction, REDUCTIONS)
        self.dtype = floatx() if dtype is None else standardize_dtype(dtype)

    def __call__(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None, mask: Any = None
    ) -> Any:
        if not isinstance(y_pred, (tuple, list, dict)) or _is_numbers(y_pred):
            y_pred = predicted(y_pred)
            if not isinstance(y_true, (tuple, dict)):
                y_true = tensor(y_true, y_pred.dtype)
        losses = tensor(self.call(y_true, y_pred))
        return reduced(
            losses, sample_weight, self._joined(mask, losses, y_true, y_pred), self.reduction
        )

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The losses of the examples."""
        raise MissingMethodError(f"{type(self).__name__} has no call(y_true, y_pred)")

    def _joined(self, mask: Any, losses: Any, y_true: Any, y_pred: Any) -> Any:
        """The mask, with that of the loss itself."""
        return mask

    def get_config(self) -> dict[str, Any]:
        """The arguments from which `from_config` makes it again."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A loss of these arguments."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}(name={self.name!r}, reduction={self.reduction!r})>"


class LossFunctionWrapper(Loss):
    """A function of (y_true, y_pred), with its options, as a loss.

    >>> from nn import keras
    >>> keras.losses.LossFunctionWrapper(keras.losses.huber, delta=2.0)([[0.0]], [[1.0]])
    Tensor(0.5, dtype=float32)
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        if not callable(fn):
            raise ArgumentTypeError(
                f"a loss is a function of (y_true, y_pred), or the name of one, got {shown(fn)}"
            )
        super().__init__(name, reduction, dtype)
        self.fn, self.options = fn, kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if hasattr(y_true, "ndim") and hasattr(y_pred, "ndim"):
            y_true, y_pred = same_rank(y_true, y_pred)
        return self.fn(y_true, y_pred, **self.options)

    def get_config(self) -> dict[str, Any]:
        return {"fn": self.fn, **super().get_config(), **self.options}


class NamedLoss(LossFunctionWrapper):
    """Base of the losses of this chapter: a subclass names its `function`."""

    function: Any  # a staticmethod

    def __init__(self, reduction: str | None, name: str | None, dtype: Any, **options: Any) -> None:
        super().__init__(type(self).function, reduction, name, dtype, **options)
        for option, value in options.items():
            setattr(self, option, value)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["fn"]
        return config


def _is_numbers(value: Any) -> bool:
    """Whether a list is one of numbers, and not several outputs."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return not isinstance(value, dict) and getattr(raw(value), "ndim", 0) == 0
