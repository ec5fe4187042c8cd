"""The steps of recurrent layers, with kernels in Keras' layout and order of gates."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from nn import functional as F
from nn.keras import activations, constraints, initializers, regularizers
from nn.keras.base.layer import Layer, Option
from nn.keras.layers.weighted import Weighted, last_length, positive
from nn.recurrent.gru import gru
from nn.recurrent.lstm import lstm
from nn.recurrent.rnn import rnn

__all__ = ["GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"]


class _Cell(Weighted):
    _gates = 1

    def __init__(
        self,
        units: int,
        activation: Option,
        use_bias: bool,
        recurrent_initializer: Any = "orthogonal",
        recurrent_regularizer: Any = None,
        recurrent_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activation, use_bias, **kwargs)
        self.units = positive(type(self).__name__, "units", units)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.state_size: Any = units
        self.output_size = units
        self._masks_of_dropout: Any = None

    def build(self, input_shape: Any) -> None:
        width = self._gates * self.units
        self.kernel = self.add_kernel((last_length(self, input_shape), width))
        self.recurrent_kernel = self.add_kernel(
            (self.units, width), "recurrent_kernel", "recurrent"
        )
        self.add_bias(width)
        self.built = True

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """Zeros, for a batch."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [ag.Tensor(np.zeros((batch_size, n), self.dtype)) for n in sizes]

    def plain(self) -> bool:
        """Whether the kernel of a whole sequence computes what the steps do."""
        return self.activation is activations.tanh and not self.recurrent_dropout

    def zeros_beside(self) -> Any:
        """The second bias of the kernel."""
        return None if self.bias is None else np.zeros(self.bias.shape[-1:], self.dtype)

    def reset_dropout(self) -> None:
        """Other numbers are dropped from now on: a new sequence begins."""
        self._masks_of_dropout = None

    def dropped(self, x: Any, h: Any, training: bool) -> tuple[Any, Any]:
        """Input and state without what is dropped, which is the same at all steps."""
        if not training or not (self.dropout or self.recurrent_dropout):
            return x, h
        if self._masks_of_dropout is None:
            self._masks_of_dropout = [
                F.dropout(ag.ones(np.shape(like), dtype=self.dtype), rate)
                for like, rate in ((x, self.dropout), (h, self.recurrent_dropout))
            ]
        of_x, of_h = self._masks_of_dropout
        return x * of_x, h * of_h

    def _first(self, states: Any) -> Any:
        return states[0] if isinstance(states, (list, tuple)) else states

    def compute_output_shape(self, input_shape: Any, *_: Any) -> Any:
        return (input_shape[0], self.units)


class SimpleRNNCell(_Cell):
    """A step of h = activation(x · kernel + h · recurrent_kernel + bias)."""

    def __init__(
        self, units: int, activation: Option = "tanh", use_bias: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(units, activation, use_bias, **kwargs)

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        x, h = self.dropped(inputs, self._first(states), training)
        h = self.activated(ag.linear(x, self.kernel.mT, self.bias) + h @ self.recurrent_kernel)
        return h, [h]

    def plain(self) -> bool:
        known = (activations.tanh, activations.relu)
        return self.activation in known and not self.recurrent_dropout

    def run(self, x: Any, states: Any, reverse: bool) -> Any:
        """All steps of (T, N, F): the states of all steps, and the last ones."""
        out, h = rnn(
            x, states[0], self.kernel.mT, self.recurrent_kernel.mT, self.bias,
            self.zeros_beside(), None, reverse, self.activation is activations.relu,
        )  # fmt: skip
        return out, [h]


class LSTMCell(_Cell):
    """A step of long short-term memory; the gates are i, f, c, o."""

    _gates = 4

    def __init__(
        self, units: int, activation: Option = "tanh", recurrent_activation: Any = "sigmoid",
        use_bias: bool = True, unit_forget_bias: bool = True, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(units, activation, use_bias, **kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [units, units]

    def add_bias(self, *shape: int) -> None:
        make, n = self.bias_initializer, self.units
        if self.use_bias and self.unit_forget_bias:

            def with_ones(shape: Option, dtype: Option = None) -> Any:
                parts = [make((n,), dtype=dtype), np.ones(n), make((2 * n,), dtype=dtype)]
                return np.concatenate([np.asarray(p) for p in parts])

            self.bias_initializer = with_ones
        super().add_bias(*shape)
        self.bias_initializer = make

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        h, c = states
        x, h = self.dropped(inputs, h, training)
        z = ag.linear(x, self.kernel.mT, self.bias) + h @ self.recurrent_kernel
        i, f, u, o = ag.split(z, 4, axis=1)
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activated(u)
        h = gate(o) * self.activated(c)
        return h, [h, c]

    def plain(self) -> bool:
        return super().plain() and self.recurrent_activation is activations.sigmoid

    def run(self, x: Any, states: Any, reverse: bool) -> Any:
        """All steps of (T, N, F): the states of all steps, and the last ones."""
        out, h, c, *_ = lstm(  # type: ignore[call-arg]
            x, *states, self.kernel.mT, self.recurrent_kernel.mT, self.bias, self.zeros_beside(),
            None, None, reverse,
        )  # fmt: skip
        return out, [h, c]


class GRUCell(_Cell):
    """A step of a gated recurrent unit; the gates are z, r, h. `reset_after` is cuDNN's order."""

    _gates = 3

    def __init__(
        self, units: int, activation: Option = "tanh", recurrent_activation: Any = "sigmoid",
        use_bias: bool = True, reset_after: bool = True, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(units, activation, use_bias, **kwargs)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def add_bias(self, *shape: int) -> None:
        super().add_bias(*((2, *shape) if self.reset_after else shape))

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        before = self._first(states)
        x, h = self.dropped(inputs, before, training)
        gate, n = self.recurrent_activation, self.units
        of_x, of_h = (self.bias if self.reset_after else (self.bias, None)) if (
            self.bias is not None
        ) else (None, None)  # fmt: skip
        xz, xr, xn = ag.split(ag.linear(x, self.kernel.mT, of_x), 3, axis=1)
        if self.reset_after:
            hz, hr, hn = ag.split(ag.linear(h, self.recurrent_kernel.mT, of_h), 3, axis=1)
            z, r = gate(xz + hz), gate(xr + hr)
            new = self.activated(xn + r * hn)
        else:
            hz, hr = ag.split(h @ self.recurrent_kernel[:, : 2 * n], 2, axis=1)
            z, r = gate(xz + hz), gate(xr + hr)
            new = self.activated(xn + (r * h) @ self.recurrent_kernel[:, 2 * n :])
        h = z * before + (1 - z) * new
        return h, [h]

    def plain(self) -> bool:
        gates = self.recurrent_activation is activations.sigmoid
        return super().plain() and self.reset_after and gates

    def run(self, x: Any, states: Any, reverse: bool) -> Any:
        """All steps of (T, N, F): the states of all steps, and the last ones."""
        of_x, of_h = (None, None) if self.bias is None else (self.bias[0], self.bias[1])
        weights = (self.kernel, self.recurrent_kernel, of_x, of_h)
        found: list[Any] = [None if w is None else self._in_order(w) for w in weights]
        kernel, recurrent, of_x, of_h = found
        out, h, *_ = gru(x, states[0], kernel.mT, recurrent.mT, of_x, of_h, None, reverse)
        return out, [h]

    def _in_order(self, weight: Any) -> Any:
        """Gates in the order of the kernel: r, z, h."""
        z, r, n = ag.split(weight, 3, axis=-1)
        return ag.concat([r, z, n], axis=-1)


class StackedRNNCells(Layer):
    """Cells one on the other, as one."""

    def __init__(self, cells: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cells = list(cells)
        self.state_size = [cell.state_size for cell in self.cells]
        self.output_size = self.cells[-1].output_size

    def build(self, input_shape: Any) -> None:
        for cell in self.cells:
            if not cell.built:
                cell.build(input_shape)
            input_shape = (input_shape[0], cell.output_size)
        self.built = True

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """Zeros, for a batch: those of all cells."""
        return [s for cell in self.cells for s in cell.get_initial_state(batch_size)]

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        rest, new = list(states), []
        for cell in self.cells:
            count = len(cell.state_size) if isinstance(cell.state_size, list) else 1
            own, rest = rest[:count], rest[count:]
            inputs, after = cell(inputs, own, training=training)
            new += list(after) if isinstance(after, (list, tuple)) else [after]
        return inputs, new

    def reset_dropout(self) -> None:
        """Other numbers are dropped from now on."""
        for cell in self.cells:
            if hasattr(cell, "reset_dropout"):
                cell.reset_dropout()
