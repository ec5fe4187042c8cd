"""Recurrent cells: one step of a recurrent layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ArgumentTypeError, ShapeError, shown
from autograd.extend import ArrayLike
from autograd.random import generator
from nn import init
from nn.loss.reduction import as_tensor
from nn.module.checks import check_choice
from nn.module.module import Module
from nn.module.parameter import Parameter, empty
from nn.recurrent.gru import gru
from nn.recurrent.lstm_cell import lstm_cell
from nn.recurrent.rnn import rnn

if TYPE_CHECKING:
    import numpy.typing as npt


class RNNCellBase(Module):
    """What recurrent cells share: two weights, two biases, and the checks of their inputs."""

    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = num_chunks * hidden_size
        self.weight_ih = Parameter(empty((rows, input_size), dtype))
        self.weight_hh = Parameter(empty((rows, hidden_size), dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty((rows,), dtype)) if bias else None)
        self.reset_parameters(rng)

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw all parameters anew, uniformly from ±1/√hidden_size."""
        rng, bound = generator(rng), 1 / math.sqrt(max(self.hidden_size, 1))
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, rng=rng)

    def _rows(self, input: Any) -> tuple[Tensor, bool]:
        """The input as (N, input_size), and whether it was."""
        rows = as_tensor(input, self.weight_ih.dtype)
        if rows.ndim not in (1, 2) or rows.shape[-1] != self.input_size:
            raise ShapeError(
                f"{self._kind}: input is {rows.shape} and weight_ih {self.weight_ih.shape}: "
                f"expected (N, {self.input_size}) or ({self.input_size},){here()}"
            )
        return (rows, True) if rows.ndim == 2 else (rows[None], False)

    def _state(self, name: str, state: Any, rows: Tensor, batched: bool) -> Any:
        """A state as (N, hidden_size); None is zeros."""
        wanted = (rows.shape[0], self.hidden_size)
        if state is None:
            return np.zeros(wanted, rows.dtype)
        state = as_tensor(state, rows.dtype)
        expected = wanted if batched else wanted[1:]
        if state.shape != expected:
            raise ShapeError(
                f"{self._kind}: {name} is {state.shape}; for this input, "
                f"{rows.shape if batched else rows.shape[1:]}, it must be {expected}{here()}"
            )
        return state if batched else state[None]

    def _weights(self) -> tuple[Any, ...]:
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(RNNCellBase):
    """One step of an Elman network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu of it.

    Shape: (N, input_size), or (input_size,); the state (N, hidden_size), or (hidden_size,), zeros
    if it is left out -> the new state.

    Source: Elman, Finding structure in time (1990).

    >>> import autograd as ag
    >>> import nn
    >>> cell, h = nn.RNNCell(3, 2, rng=0), None
    >>> for x in ag.ones((5, 4, 3)):
    ...     h = cell(x, h)
    >>> h.shape
    (4, 2)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, dtype, rng)
        self.nonlinearity = check_choice("nonlinearity", nonlinearity, ("tanh", "relu"))

    def forward(self, input: ArrayLike, hx: ArrayLike | None = None) -> Tensor:
        rows, batched = self._rows(input)
        state = self._state("hx", hx, rows, batched)
        state, _ = rnn(rows, state, *self._weights(), relu=self.nonlinearity == "relu")  # type: ignore[misc]
        return state if batched else state[0]

    def extra_repr(self) -> str:
        other = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + other


class LSTMCell(RNNCellBase):
    """One step of long short-term memory, whose cell c is kept, forgotten and shown by gates.

    i, f, o = σ(W x + b + W h + b), each with rows of its own of the weights, and g = tanh(...);
    then c' = f c + i g and h' = o tanh(c').

    Shape: (N, input_size), or (input_size,); the states (h, c), both (N, hidden_size), or
    (hidden_size,), zeros if they are left out -> the new (h, c).

    Source: Hochreiter and Schmidhuber, Long short-term memory (1997); the forget gate: Gers,
    Schmidhuber and Cummins, Learning to forget (2000).

    >>> import autograd as ag
    >>> import nn
    >>> cell, state = nn.LSTMCell(3, 2, rng=0), None
    >>> for x in ag.ones((5, 4, 3)):
    ...     state = cell(x, state)
    >>> h, c = state
    >>> h.shape, c.shape
    ((4, 2), (4, 2))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, dtype, rng)

    def forward(self, input: ArrayLike, hx: Any = None) -> tuple[Tensor, Tensor]:
        rows, batched = self._rows(input)
        if hx is not None and (not hasattr(hx, "__len__") or len(hx) != 2):
            raise ArgumentTypeError(
                f"LSTMCell: hx must be the pair (h, c), got {shown(hx)}{here()}"
            )
        h, c = (None, None) if hx is None else hx
        h, c = (self._state(n, v, rows, batched) for n, v in (("hx[0]", h), ("hx[1]", c)))
        h, c, _ = lstm_cell(rows, h, c, *self._weights())
        return (h, c) if batched else (h[0], c[0])


class GRUCell(RNNCellBase):
    """One step of a gated recurrent unit.

    r, z = σ(W x + b + W h + b), each with rows of its own of the weights; n = tanh(W x + b + r (W h
    + b)); then h' = (1 − z) n + z h.

    Shape: (N, input_size), or (input_size,); the state (N, hidden_size), or (hidden_size,), zeros
    if it is left out -> the new state.

    Source: Cho et al., Learning phrase representations using RNN encoder-decoder for statistical
    machine translation (2014).

    >>> import autograd as ag
    >>> import nn
    >>> cell, h = nn.GRUCell(3, 2, rng=0), None
    >>> for x in ag.ones((5, 4, 3)):
    ...     h = cell(x, h)
    >>> h.shape
    (4, 2)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, dtype, rng)

    def forward(self, input: ArrayLike, hx: ArrayLike | None = None) -> Tensor:
        rows, batched = self._rows(input)
        state, *_ = gru(rows, self._state("hx", hx, rows, batched), *self._weights())
        return state if batched else state[0]
