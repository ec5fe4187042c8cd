"""What an optimizer of a program's own calls: Keras' way to write one, variable by variable."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import no_grad
from autograd.errors import MissingMethodError
from autograd.extend import raw
from autograd.tensors.inplace import write
from nn.keras import initializers
from nn.keras.engine.variable import Variable

__all__ = ["VariableByVariable"]


class VariableByVariable:
    """Methods of optimizers that write `build` and `update_step(gradient, variable, rate)`."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Change one variable, by `assign`, `assign_add` and `assign_sub`."""
        raise MissingMethodError(f"{type(self).__name__} has no update_step()")

    def _is_own(self) -> bool:
        return type(self).update_step is not VariableByVariable.update_step

    def _update_each(self, params: list[Any], rate: float) -> None:
        with no_grad():
            for p in params:
                if p.grad is not None:
                    self.update_step(p.grad, p, rate)

    def add_variable(
        self, shape: Any, initializer: Any = "zeros", dtype: Any = None, name: str | None = None
    ) -> Any:
        """A variable that the optimizer keeps."""
        value = initializers.get(initializer)(tuple(shape), dtype)
        return Variable(value, trainable=False, dtype=value.dtype, name=name)

    def add_variable_from_reference(
        self, reference_variable: Any, name: str | None = None, initializer: Any = "zeros"
    ) -> Any:
        """A variable of the shape of another."""
        shape, dtype = reference_variable.shape, reference_variable.dtype
        return self.add_variable(shape, initializer, dtype, name)

    def add_optimizer_variables(self, trainable_variables: Any, name: str) -> list[Any]:
        """A variable of the shape of each."""
        return [self.add_variable_from_reference(v, name) for v in trainable_variables]

    def assign(self, variable: Any, value: Any) -> None:
        """Give a variable another value."""
        array = np.asarray(raw(value), variable.dtype)
        write(variable, np.array(np.broadcast_to(array, variable.shape)))

    def assign_add(self, variable: Any, value: Any) -> None:
        """Add to a variable."""
        self.assign(variable, raw(variable) + raw(value))

    def assign_sub(self, variable: Any, value: Any) -> None:
        """Subtract from a variable."""
        self.assign(variable, raw(variable) - raw(value))

    def _get_variable_index(self, variable: Any) -> int:
        params = [p for group in getattr(self, "param_groups", ()) for p in group["params"]]
        return next(i for i, p in enumerate(params) if p is variable)
