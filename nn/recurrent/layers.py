"""Recurrent layers over whole sequences, padded or packed, in one direction or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd import Tensor
from nn.module.checks import check_choice
from nn.recurrent.base import RNNBase
from nn.recurrent.gru import gru
from nn.recurrent.lstm import lstm
from nn.recurrent.rnn import rnn

if TYPE_CHECKING:
    import numpy.typing as npt


class RNN(RNNBase[Tensor]):
    """Elman networks over sequences, in layers: h = tanh(W_ih x + b_ih + W_hh h + b_hh) each step.

    `nonlinearity` is "tanh" or "relu". Each layer reads the states of the one below, after
    `dropout` in training; with `bidirectional` each has a second half that reads from the end.
    `input` may be a PackedSequence, and then so is the output.

    Shape: (T, N, input_size), with `batch_first` (N, T, input_size), or (T, input_size); the first
    states (num_layers · D, N, hidden_size), without N for an input without it, zeros if they are
    left out -> the states of the last layer (T, N, D · hidden_size), and the last states of all
    layers (num_layers · D, N, hidden_size). D is 2 in both directions, else 1.

    Source: Elman, Finding structure in time (1990).

    >>> import autograd as ag
    >>> import nn
    >>> output, h = nn.RNN(3, 2, num_layers=2, rng=0)(ag.ones((5, 4, 3)))
    >>> output.shape, h.shape
    ((5, 4, 2), (2, 4, 2))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            dtype=dtype, rng=rng,
        )  # fmt: skip
        self.nonlinearity = check_choice("nonlinearity", nonlinearity, ("tanh", "relu"))

    def run_direction(
        self, x: Any, states: Sequence[Any], weights: Sequence[Any], **options: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        outputs, last = rnn(x, *states, *weights, relu=self.nonlinearity == "relu", **options)  # type: ignore[misc]
        return outputs, (last,)


class LSTM(RNNBase[tuple[Tensor, Tensor]]):
    """Long short-term memory over sequences, in layers; a step is that of LSTMCell.

    Each layer reads the outputs of the one below, after `dropout` in training; with `bidirectional`
    each has a second half that reads from the end. With `proj_size` the output is a projection W_hr
    of that many components. `input` may be a PackedSequence, and then so is the output.

    Shape: (T, N, input_size), with `batch_first` (N, T, input_size), or (T, input_size); the first
    (h, c), (num_layers · D, N, R) and (num_layers · D, N, hidden_size), without N for an input
    without it, zeros if they are left out -> the outputs of the last layer (T, N, D · R), and the
    last (h, c) of all layers. R is proj_size or else hidden_size; D is 2 in both directions, else
    1.

    Source: Hochreiter and Schmidhuber, Long short-term memory (1997); the projection: Sak, Senior
    and Beaufays, Long short-term memory based recurrent neural network architectures for large
    vocabulary speech recognition (2014).

    >>> import autograd as ag
    >>> import nn
    >>> lstm = nn.LSTM(3, 2, bidirectional=True, rng=0)
    >>> output, (h, c) = lstm(ag.ones((5, 4, 3)))
    >>> output.shape, h.shape, c.shape
    ((5, 4, 4), (2, 4, 2), (2, 4, 2))
    """

    gates = 4
    states = ("hx[0]", "hx[1]")

    def run_direction(
        self, x: Any, states: Sequence[Any], weights: Sequence[Any], **options: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        four = weights if self.bias else (*weights[:2], None, None, *weights[2:])
        outputs, h, c, *_ = lstm(x, *states, *four, **options)
        return outputs, (h, c)


class GRU(RNNBase[Tensor]):
    """Gated recurrent units over sequences, in layers; a step is that of GRUCell.

    Each layer reads the states of the one below, after `dropout` in training; with `bidirectional`
    each has a second half that reads from the end. `input` may be a PackedSequence, and then so is
    the output.

    Shape: (T, N, input_size), with `batch_first` (N, T, input_size), or (T, input_size); the first
    states (num_layers · D, N, hidden_size), without N for an input without it, zeros if they are
    left out -> the states of the last layer (T, N, D · hidden_size), and the last states of all
    layers (num_layers · D, N, hidden_size). D is 2 in both directions, else 1.

    Source: Cho et al., Learning phrase representations using RNN encoder-decoder for statistical
    machine translation (2014).

    >>> import autograd as ag
    >>> import nn
    >>> output, h = nn.GRU(3, 2, batch_first=True, rng=0)(ag.ones((4, 5, 3)))
    >>> output.shape, h.shape
    ((4, 5, 2), (1, 4, 2))
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            dtype=dtype, rng=rng,
        )  # fmt: skip

    def run_direction(
        self, x: Any, states: Sequence[Any], weights: Sequence[Any], **options: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        outputs, last, *_ = gru(x, *states, *weights, **options)
        return outputs, (last,)
