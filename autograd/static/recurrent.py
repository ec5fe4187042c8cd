"""Recurrent cells, and what runs them over time: `tf.nn.rnn_cell`, `dynamic_rnn`, `static_rnn`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

from autograd.engine.missing import not_in
from autograd.errors import ArgumentError
from autograd.graph.pytree import flat, nested
from autograd.static.arrays import split
from autograd.static.functions import (
    add,
    concat,
    constant,
    expand_dims,
    less,
    matmul,
    shape,
    sigmoid,
    tanh,
    transpose,
    where,
    zeros,
    zeros_like,
)
from autograd.static.initializers import constant_initializer, zeros_initializer
from autograd.static.nn import dropout
from autograd.static.scopes import get_variable, variable_scope
from autograd.static.slices import looped
from autograd.static.types import dtype_of

__all__ = [
    "BasicLSTMCell", "BasicRNNCell", "DropoutWrapper", "GRUCell", "LSTMCell", "LSTMStateTuple",
    "MultiRNNCell", "RNNCell", "dynamic_rnn", "static_rnn",
]  # fmt: skip


class LSTMStateTuple(NamedTuple):
    """The state of an LSTM."""

    c: Any
    h: Any


class RNNCell:
    """Base of cells: `output, state = cell(inputs, state)`; its variables are made at first."""

    name = "rnn_cell"

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None,
                 name: str | None = None) -> None:  # fmt: skip
        self.units = num_units
        self.activation = activation or tanh
        self.name = name or self.name
        self._known: dict[str, Any] = {}

    @property
    def state_size(self) -> Any:
        return self.units

    @property
    def output_size(self) -> int:
        return self.units

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The state before the first step."""
        return nested(lambda n: zeros([batch_size, n], dtype_of(dtype)), self.state_size)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        with variable_scope(scope or self.name):
            return self.step(inputs, state)

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Output and next state."""
        raise NotImplementedError  # pragma: no cover

    def _product(self, parts: Sequence[Any], count: int, prefix: str = "", first: Any = 0.0) -> Any:
        x = concat(parts, 1)
        if prefix not in self._known:
            rows = int(x.shape[1])
            start = zeros_initializer if not first else constant_initializer(first)
            with variable_scope(prefix) if prefix else nullcontext():
                self._known[prefix] = (
                    get_variable("kernel", [rows, count], x.dtype),
                    get_variable("bias", [count], x.dtype, start),
                )
        kernel, bias = self._known[prefix]
        return add(matmul(x, kernel), bias)


class BasicRNNCell(RNNCell):
    """h ← tanh([x, h] w + b)."""

    name = "basic_rnn_cell"

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Output and next state, which are the same."""
        found = self.activation(self._product([inputs, state], self.units))
        return found, found


class BasicLSTMCell(RNNCell):
    """An LSTM: gates i, j, f, o of [x, h] w + b, and `forget_bias` added to f.

    Source: Hochreiter and Schmidhuber, Long Short-Term Memory, 1997.
    """

    name = "basic_lstm_cell"

    def __init__(
        self, num_units: int, forget_bias: float = 1.0, state_is_tuple: bool = True,
        activation: Any = None, reuse: Any = None, name: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(num_units, activation, reuse, name)
        if not state_is_tuple:
            raise ArgumentError(f"{self.name}: the state is a tuple, (c, h): state_is_tuple=True")
        self.forget_bias = forget_bias

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self.units, self.units)

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Output, and (c, h)."""
        c, h = state
        i, j, f, o = split(self._product([inputs, h], 4 * self.units), 4, 1)
        new = c * sigmoid(f + self.forget_bias) + sigmoid(i) * self.activation(j)
        out = self.activation(new) * sigmoid(o)
        return out, LSTMStateTuple(new, out)


class LSTMCell(BasicLSTMCell):
    """The same under another name."""

    name = "lstm_cell"


class GRUCell(RNNCell):
    """A gated recurrent unit: h ← u h + (1 - u) tanh([x, r h] w + b), r and u gates of [x, h].

    Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014.
    """

    name = "gru_cell"

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Output and next state, which are the same."""
        gates = sigmoid(self._product([inputs, state], 2 * self.units, "gates", 1.0))
        r, u = split(gates, 2, 1)
        new = self.activation(self._product([inputs, r * state], self.units, "candidate"))
        found = u * state + (1 - u) * new
        return found, found


class MultiRNNCell(RNNCell):
    """Cells one upon the other; the state is a tuple of theirs."""

    name = "multi_rnn_cell"

    def __init__(self, cells: Sequence[Any], state_is_tuple: bool = True) -> None:
        super().__init__(cells[-1].output_size)
        self.cells = [*cells]

    @property
    def state_size(self) -> Any:
        return tuple(cell.state_size for cell in self.cells)

    def step(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """The output of the last cell, and the states of all."""
        states = []
        for number, (cell, own) in enumerate(zip(self.cells, state, strict=True)):
            with variable_scope(f"cell_{number}"):
                inputs, new = cell(inputs, own)
            states.append(new)
        return inputs, tuple(states)


class DropoutWrapper(RNNCell):
    """A cell whose inputs and outputs are kept with some chance."""

    def __init__(self, cell: Any, input_keep_prob: Any = 1.0, output_keep_prob: Any = 1.0,
                 state_keep_prob: Any = 1.0, seed: int | None = None) -> None:  # fmt: skip
        super().__init__(cell.output_size)
        if state_keep_prob != 1.0:
            raise ArgumentError("DropoutWrapper: state_keep_prob is 1 here")
        self.cell, self.keeps, self.seed = cell, (input_keep_prob, output_keep_prob), seed

    @property
    def state_size(self) -> Any:
        return self.cell.state_size

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        out, new = self.cell(self._kept(inputs, 0), state, scope)
        return self._kept(out, 1), new

    def _kept(self, x: Any, which: int) -> Any:
        keep = self.keeps[which]
        return x if isinstance(keep, float) and keep == 1.0 else dropout(x, keep, seed=self.seed)


def dynamic_rnn(
    cell: Any, inputs: Any, sequence_length: Any = None, initial_state: Any = None,
    dtype: Any = None, parallel_iterations: Any = None, swap_memory: bool = False,
    time_major: bool = False, scope: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The outputs of a cell over time, (N, T, units), and its last state.

    `inputs` are (N, T, D), or with `time_major` (T, N, D), and the outputs alike. Past its
    `sequence_length` a row gives zeros, and keeps its state. It is one loop of the graph.

    >>> import autograd.static as tf
    >>> with tf.Graph().as_default():
    ...     x = tf.placeholder(tf.float32, [None, 5, 3])
    ...     cell = tf.nn.rnn_cell.BasicLSTMCell(4)
    ...     outputs, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    ...     outputs.shape, state.h.shape
    ((None, 5, 4), (None, 4))
    """
    with variable_scope(scope or "rnn"):
        x = inputs if time_major else transpose(inputs, [1, 0, 2])
        if initial_state is None:
            if dtype is None:
                raise ArgumentError("dynamic_rnn: give dtype=, or initial_state=")
            rows = x.node.shape[1]
            initial_state = cell.zero_state(shape(x)[1] if rows is None else int(rows), dtype)

        def turn(carry: Any, now: Any) -> tuple[Any, Any]:
            state, at = carry
            out, new = cell(now, state)
            if sequence_length is None:
                return (new, at + 1), out
            goes_on = expand_dims(less(at, sequence_length), 1)
            pairs = iter(zip(flat(new), flat(state), strict=True))
            kept = nested(lambda _: where(goes_on, *next(pairs)), new)
            return (kept, at + 1), where(goes_on, out, zeros_like(out))

        (state, _), outputs = looped(turn, (initial_state, constant(0)), x, False, "while")
        return (outputs if time_major else transpose(outputs, [1, 0, 2])), state


def static_rnn(
    cell: Any, inputs: Sequence[Any], initial_state: Any = None, dtype: Any = None,
    sequence_length: Any = None, scope: Any = None,
) -> tuple[list[Any], Any]:  # fmt: skip
    """The list of outputs of a cell for a list of inputs (N, D), and its last state."""
    if sequence_length is not None:
        raise ArgumentError("static_rnn: sequence_length is an argument of dynamic_rnn here")
    with variable_scope(scope or "rnn"):
        state = initial_state
        if state is None:
            if dtype is None:
                raise ArgumentError("static_rnn: give dtype=, or initial_state=")
            rows = inputs[0].node.shape[0]
            state = cell.zero_state(shape(inputs[0])[0] if rows is None else int(rows), dtype)
        found = []
        for x in inputs:
            out, state = cell(x, state)
            found.append(out)
        return found, state


def __getattr__(name: str) -> Any:
    raise not_in(__name__, name, __all__)
