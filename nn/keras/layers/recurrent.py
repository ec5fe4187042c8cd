"""Recurrent layers over sequences (N, T, F), and what wraps layers for sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError
from autograd.extend import raw
from nn import functional as F
from nn.keras.base.layer import Layer
from nn.keras.engine.masks import set_mask
from nn.keras.engine.symbolic import KerasTensor
from nn.keras.layers.cells import GRUCell, LSTMCell, SimpleRNNCell, StackedRNNCells
from nn.keras.layers.weighted import check_rank
from nn.keras.structure import flatten

__all__ = ["GRU", "LSTM", "RNN", "SimpleRNN"]

_OF_RNN = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll",
           "zero_output_for_mask", "time_major", "name", "trainable", "dtype", "input_shape",
           "input_dim", "input_length", "batch_input_shape", "batch_size", "weights",
           "activity_regularizer", "autocast", "implementation", "use_cudnn")  # fmt: skip


class RNN(Layer):
    """A cell, run over the steps of sequences: `cell(x, states)` gives an output and states.

    `return_sequences` gives the outputs of all steps, `return_state` the last states too;
    `go_backwards` runs from the end; `stateful` begins where the last batch has ended.
    """

    supports_masking = True

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs = {k: v for k, v in kwargs.items() if k not in ("implementation", "use_cudnn")}
        super().__init__(**kwargs)
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        if not hasattr(cell, "state_size"):
            raise ArgumentError("RNN takes a cell with call(inputs, states) and state_size")
        self.cell = cell
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.stateful, self.unroll = go_backwards, stateful, unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.states: Any = None

    def build(self, input_shape: Any, *_: Any) -> None:
        shape = check_rank(self, input_shape, 3)
        if not self.cell.built:
            self.cell.build((shape[0], shape[2]))
            self.cell.built = True
        self.built = True

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        states = self._start(sequences, initial_state)
        if hasattr(self.cell, "reset_dropout"):
            self.cell.reset_dropout()
        plain = getattr(self.cell, "plain", None)
        if plain is not None and plain() and self._is_simple(mask):
            outputs, last = self._at_once(sequences, states, training)
            if mask is not None:
                outputs, last = _kept(outputs, np.asarray(mask), self.zero_output_for_mask)
        else:
            outputs, last = self._step_by_step(sequences, states, mask, training)
        if self.stateful:
            self.states = [ag.Tensor(np.array(raw(s))) for s in last]
        out = outputs if self.return_sequences else last[0] if self._shows_state() else (
            outputs[:, -1]
        )  # fmt: skip
        if mask is not None and self.return_sequences:
            set_mask(out, np.asarray(mask))
        return [out, *last] if self.return_state else out

    def _shows_state(self) -> bool:
        return hasattr(self.cell, "plain")

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        return previous_mask if self.return_sequences else None

    def _start(self, x: Any, given: Any) -> list[Any]:
        if given is not None:
            return flatten(given)
        if self.stateful and self.states is not None:
            return list(self.states)
        if hasattr(self.cell, "get_initial_state"):
            return flatten(self.cell.get_initial_state(batch_size=x.shape[0]))
        return [ag.Tensor(np.zeros((x.shape[0], n), self.dtype))
                for n in flatten(self.cell.state_size)]  # fmt: skip

    def _is_simple(self, mask: Any) -> bool:
        """Whether the kernel of whole sequences will do: no mask, or one that only cuts ends."""
        if mask is None:
            return True
        counts = np.asarray(mask)
        ends = not np.any(counts[:, 1:] & ~counts[:, :-1])
        return ends and not (self.go_backwards or self.return_state or self.stateful)

    def _at_once(self, x: Any, states: Any, training: bool) -> Any:
        x = ag.permute_dims(x, (1, 0, 2))
        if training and self.cell.dropout:
            x = x * F.dropout(ag.ones(x.shape[1:], dtype=x.dtype), self.cell.dropout)
        outputs, last = self.cell.run(x, states, self.go_backwards)
        outputs = ag.permute_dims(outputs, (1, 0, 2))
        return (ag.flip(outputs, 1) if self.go_backwards else outputs), last

    def _step_by_step(self, x: Any, states: Any, mask: Any, training: bool) -> Any:
        order = [*range(x.shape[1])][:: -1 if self.go_backwards else 1]
        counts = None if mask is None else np.asarray(mask)
        outputs: list[Any] = []
        for t in order:
            out, after = self.cell(x[:, t], states, training=training)
            after = list(after) if isinstance(after, (list, tuple)) else [after]
            if counts is not None:
                now = counts[:, t, None]
                before = outputs[-1] if outputs and not self.zero_output_for_mask else out * 0
                out = ag.where(now, out, before)
                after = [ag.where(now, a, b) for a, b in zip(after, states, strict=True)]
            states = after
            outputs.append(out)
        return ag.stack(outputs, axis=1), states

    def reset_states(self, states: Any = None) -> None:
        """Begin with zeros, or other states, next time."""
        self.states = states

    reset_state = reset_states

    def compute_output_spec(self, sequences: Any, *_: Any, **__: Any) -> Any:
        shape = check_rank(self, sequences.shape, 3)
        size = getattr(self.cell, "output_size", None) or flatten(self.cell.state_size)[0]
        between = shape[1:2] if self.return_sequences else ()
        out = KerasTensor((shape[0], *between, size), self.dtype)
        if not self.return_state:
            return out
        sizes = flatten(self.cell.state_size)
        return [out, *(KerasTensor((shape[0], n), self.dtype) for n in sizes)]

    def compute_output_shape(self, input_shape: Any) -> Any:
        out = self.compute_output_spec(KerasTensor(input_shape, self.dtype, "x"))
        return [x.shape for x in out] if isinstance(out, list) else out.shape


def _kept(outputs: Any, mask: Any, zeros: bool) -> Any:
    """Outputs whose steps after the end repeat the last that counts, and that one."""
    lengths = mask.sum(1)
    ends = np.maximum(lengths - 1, 0)
    rows = np.arange(len(mask))
    some = (lengths > 0).astype(str(outputs.dtype))
    last = outputs[rows, ends] * some[:, None]
    if zeros:
        return outputs * mask[..., None].astype(str(outputs.dtype)), [last]
    steps = np.minimum(np.arange(mask.shape[1])[None], ends[:, None])
    return outputs[rows[:, None], steps] * some[:, None, None], [last]


class _OfUnits(RNN):
    _cell: Any = None

    def __init__(self, units: int, *args: Any, **kwargs: Any) -> None:
        own = {k: kwargs.pop(k) for k in _OF_RNN if k in kwargs}
        kwargs |= dict(zip(self._positions, args, strict=False))
        cell = self._cell(units, **kwargs, dtype=own.get("dtype"))
        super().__init__(cell, **own)
        self.units = cell.units

    _positions: tuple[str, ...] = ("activation", "recurrent_activation", "use_bias",
                               "kernel_initializer", "recurrent_initializer",
                               "bias_initializer")  # fmt: skip


class SimpleRNN(_OfUnits):
    """h = activation(x · kernel + h · recurrent_kernel + bias), step by step."""

    _cell = SimpleRNNCell
    _positions = ("activation", "use_bias", "kernel_initializer", "recurrent_initializer",
              "bias_initializer")  # fmt: skip


class LSTM(_OfUnits):
    """Long short-term memory.

    >>> import numpy as np
    >>> from nn.keras import layers
    >>> layer = layers.LSTM(4)
    >>> layer(np.ones((2, 5, 3))).shape, [w.shape for w in layer.get_weights()]
    ((2, 4), [(3, 16), (4, 16), (16,)])
    """

    _cell = LSTMCell


class GRU(_OfUnits):
    """Gated recurrent units."""

    _cell = GRUCell
