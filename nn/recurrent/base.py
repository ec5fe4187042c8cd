"""What recurrent layers share: the run through layers and directions, padded or packed."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.engine.diagnose import here
from autograd.errors import ArgumentError, MissingMethodError, ShapeError
from autograd.extend import ArrayLike
from autograd.random import generator
from nn import init
from nn.dropout.dropout import dropout
from nn.loss.reduction import as_tensor
from nn.module.module import Module
from nn.module.parameter import Parameter, empty
from nn.utils.rnn import PackedSequence

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["RNNBase"]

States = TypeVar("States")  # a Tensor, or those of an LSTM


class RNNBase(Module, Generic[States]):
    """What recurrent layers share: parameters of layers and directions, and the run through them.

    A subclass says how many gates it has, the names of its states, and how one direction of one
    layer runs.
    """

    weight_ih_l0: Parameter
    gates = 1
    states: tuple[str, ...] = ("hx",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        if not 0 <= proj_size < hidden_size:
            raise ArgumentError(
                f"{self._kind}: proj_size is {proj_size}; a projection makes outputs smaller than "
                f"hidden_size, {hidden_size}, and 0 means none"
            )
        if dropout and num_layers == 1:
            warnings.warn(
                f"{self._kind}: dropout is applied between layers, and there is one alone: "
                f"dropout={dropout} does nothing with num_layers=1",
                stacklevel=3,
            )
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._make_parameters(dtype)
        self.reset_parameters(rng)

    @property
    def _output_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _names(self, layer: int, direction: int) -> list[str]:
        kinds = ["weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if self.bias else ())]
        kinds += ["weight_hr"] if self.proj_size else []
        return [f"{kind}_l{layer}{'_reverse' if direction else ''}" for kind in kinds]

    def _make_parameters(self, dtype: npt.DTypeLike | None) -> None:
        rows, directions = self.gates * self.hidden_size, 1 + self.bidirectional
        for layer in range(self.num_layers):
            columns = self._output_size * directions if layer else self.input_size
            shapes = {"ih": (rows, columns), "hh": (rows, self._output_size),
                      "hr": (self.proj_size, self.hidden_size)}  # fmt: skip
            for direction in range(directions):
                for name in self._names(layer, direction):
                    shape = (rows,) if name.startswith("bias") else shapes[name[7:9]]
                    self.register_parameter(name, Parameter(empty(shape, dtype)))

    def reset_parameters(self, rng: Any = None) -> None:
        """Draw all parameters anew, uniformly from ±1/√hidden_size."""
        rng, bound = generator(rng), 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound, rng=rng)

    def flatten_parameters(self) -> None:
        """Nothing: a call of PyTorch's, which there makes the parameters one block of memory."""

    @property
    def all_weights(self) -> list[list[Tensor]]:
        """The parameters of each layer and direction, or what is computed in their place."""
        return [
            [getattr(self, name) for name in self._names(layer, direction)]
            for layer in range(self.num_layers)
            for direction in range(1 + self.bidirectional)
        ]

    # ---- running -------------------------------------------------------------------------------

    def run_direction(
        self, x: Any, states: Sequence[Any], weights: Sequence[Any], **options: Any
    ) -> tuple[Any, tuple[Any, ...]]:
        """The outputs of all steps and the last states, of one direction of one layer."""
        raise MissingMethodError(f"{self._kind} has no run_direction()")

    if TYPE_CHECKING:  # a call is typed as forward is, and no protocol can say that it has two ways

        @overload
        def __call__(  # type: ignore[overload-overlap] # a PackedSequence is a tuple, too
            self, input: PackedSequence, hx: Any = None
        ) -> tuple[PackedSequence, States]: ...
        @overload
        def __call__(self, input: ArrayLike, hx: Any = None) -> tuple[Tensor, States]: ...
        def __call__(self, input: Any, hx: Any = None) -> Any: ...

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, States]:
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, hx)
        x = self._checked(as_tensor(input, self.weight_ih_l0.dtype), (2, 3))
        batched = x.ndim == 3
        if not batched:
            x = ag.expand_dims(x, 1)
        elif self.batch_first:
            x = ag.swapaxes(x, 0, 1)
        states = self._checked_states(hx, x.shape[1], x, batched)
        output, last = self._run(x, states, None)
        if not batched:
            output, last = output[:, 0], tuple(state[:, 0] for state in last)
        elif self.batch_first:
            output = ag.swapaxes(output, 0, 1)
        return output, self._as_given(last)

    def _forward_packed(self, input: PackedSequence, hx: Any) -> tuple[Any, States]:
        x = self._checked(as_tensor(input.data, self.weight_ih_l0.dtype), (2,))
        sizes = tuple(input.batch_sizes.tolist())
        states = self._checked_states(hx, sizes[0], x, True)
        if hx is not None and input.sorted_indices is not None:
            states = [ag.take(state, input.sorted_indices, axis=1) for state in states]
        output, last = self._run(x, states, sizes)
        if input.unsorted_indices is not None:
            last = tuple(ag.take(state, input.unsorted_indices, axis=1) for state in last)
        return PackedSequence(output, *input[1:]), self._as_given(last)

    def _run(self, x: Any, states: Sequence[Any], sizes: Any) -> tuple[Any, tuple[Any, ...]]:
        directions, last = 1 + self.bidirectional, []
        for number, weights in enumerate(self.all_weights):
            layer, direction = divmod(number, directions)
            if direction == 0:
                source = dropout(x, self.dropout, self.training) if layer and self.dropout else x
                outputs = []
            own = [state[number] for state in states]
            output, after = self.run_direction(
                source, own, weights, sizes=sizes, reverse=direction == 1
            )
            outputs.append(output)
            last.append(after)
            if direction == directions - 1:
                x = ag.concat(outputs, -1) if self.bidirectional else output
        return x, tuple(ag.stack(state) for state in zip(*last, strict=True))

    def _as_given(self, last: tuple[Any, ...]) -> Any:
        return last if len(self.states) > 1 else last[0]

    # ---- checks --------------------------------------------------------------------------------

    def _checked(self, x: Tensor, ranks: tuple[int, ...]) -> Tensor:
        if x.ndim in ranks and x.shape[-1] == self.input_size:
            return x
        size = self.input_size
        batch = f"(N, T, {size})" if self.batch_first else f"(T, N, {size})"
        expected = f"{batch} or (T, {size})" if 3 in ranks else f"packed rows (_, {size})"
        raise ShapeError(
            f"{self._kind}: input is {x.shape} and weight_ih_l0 {self.weight_ih_l0.shape}: "
            f"expected {expected}{here()}"
        )

    def _checked_states(self, hx: Any, batch: int, x: Tensor, batched: bool) -> list[Any]:
        """The first states as (num_layers · directions, N, size); zeros where none are given."""
        count = self.num_layers * (1 + self.bidirectional)
        sizes = (self._output_size, self.hidden_size)[: len(self.states)]
        if hx is None:
            return [np.zeros((count, batch, size), x.dtype) for size in sizes]
        given = hx if len(self.states) > 1 else (hx,)
        if len(given) != len(self.states):
            raise ShapeError(f"{self._kind}: hx has {len(given)} parts; it must be (h, c){here()}")
        found = []
        for name, state, size in zip(self.states, given, sizes, strict=True):
            state = as_tensor(state, x.dtype)
            wanted = (count, batch, size) if batched else (count, size)
            if state.shape != wanted:
                axes = f"(num_layers · directions, {'N, ' if batched else ''}size)"
                raise ShapeError(
                    f"{self._kind}: {name} is {state.shape}; for this input it must be {wanted}: "
                    f"{axes}{here()}"
                )
            found.append(state if batched else ag.expand_dims(state, 1))
        return found

    def extra_repr(self) -> str:
        defaults = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False,
                    "dropout": 0, "bidirectional": False}  # fmt: skip
        values = {name: getattr(self, name) for name in defaults}
        changed = (f", {n}={v}" for n, v in values.items() if v != defaults[n])
        return f"{self.input_size}, {self.hidden_size}{''.join(changed)}"
