"""Layers whose weights are shared out among processes: each computes with its part of them.

Source of all: Shoeybi, Patwary, Puri, LeGresley, Casper and Catanzaro, Megatron-LM: training
multi-billion parameter language models using model parallelism (2019).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.distributed.alone import rank_and_size
from autograd.distributed.groups import get_process_group_ranks
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.extend import ArrayLike, raw
from nn.embedding.layers import Embedding
from nn.linear.layers import Linear
from nn.module.module import Module
from nn.module.parameter import Parameter
from nn.parallel.replicated import copied_to_all, gathered_from_all, own_part, summed_over_all

if TYPE_CHECKING:
    import numpy.typing as npt


class Part(Module):
    """What all of them share: a group of processes, and a part of what it shares out."""

    weight: Parameter
    bias: Parameter | None
    parts: tuple[str, ...] = ("weight",)  # parameters of which each process has its own numbers

    def _join(self, process_group: Any, length: int, name: str) -> None:
        self.process_group = process_group
        self.rank, self.size = rank_and_size(process_group)
        if self.rank < 0:
            raise ArgumentError(f"{self._kind}: this process is not in its process_group")
        if length % self.size:
            raise ArgumentError(
                f"{self._kind}: {name} is {length}, which {self.size} processes cannot share evenly"
            )

    def part(self, array: Any, axis: int) -> Any:
        """This process's part of an array along an axis."""
        return np.split(np.asarray(raw(array)), self.size, axis)[self.rank].copy()


def check_no_parts(module: Module, group: Any, what: str) -> None:
    """Raise for a layer whose parts lie in several processes of a group that is to have one."""
    ranks = {*get_process_group_ranks(group)}
    for name, layer in module.named_modules():
        if not isinstance(layer, Part) or layer.size == 1:
            continue
        if len(ranks & {*get_process_group_ranks(layer.process_group)}) > 1:
            raise ArgumentError(
                f"{what}: each process has its own part of {name or 'the model'} ({layer._kind}), "
                "and would take over that of another. Train it by a loop of its own; where the "
                "data are shared out too, DistributedDataParallel takes the process_group of those "
                "that have the same part"
            )


class _LinearPart(Part):
    """A Linear of whose inputs or outputs each process has its part."""

    in_features: int
    out_features: int
    _shared: str  # which of both is shared out
    _take: Callable[[Linear], None]  # what one keeps of the whole

    def _begin(self, whole: Linear, process_group: Any) -> None:
        self.in_features, self.out_features = whole.in_features, whole.out_features
        self._join(process_group, getattr(whole, self._shared), self._shared)
        self._take(whole)

    @classmethod
    def _of(cls, linear: Linear, process_group: Any, **told: bool) -> Any:
        _check(linear, Linear, cls)
        made = cls.__new__(cls)
        Module.__init__(made)
        vars(made).update(told)
        made._begin(linear, process_group)
        return made

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}, part {self.rank} of {self.size}"
        )


class ColumnParallelLinear(_LinearPart):
    """A Linear of whose outputs each process computes its part: rows of the weight.

    The input is alike on all processes; so is the output, unless `gather_output` is False, which
    leaves each process its part of the features, as a RowParallelLinear takes them. Weight and bias
    are drawn as those of `nn.Linear` in one process, of which each keeps its rows. `process_group`
    is by default all processes, `dtype` and `rng` are those of Linear.

    Shape: (*, in_features) -> (*, out_features), or (*, out_features / processes).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.parallel.ColumnParallelLinear(3, 2, rng=0)
    >>> layer(ag.Tensor([[1.0, 2.0, 3.0]])).shape
    (1, 2)
    """

    parts = ("weight", "bias")
    _shared = "out_features"

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        gather_output: bool = True,
        process_group: Any = None,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        self.gather_output = gather_output
        self._begin(Linear(in_features, out_features, bias, dtype, rng), process_group)

    def _take(self, whole: Linear) -> None:
        self.weight = Parameter(self.part(whole.weight, 0))
        bias = None if whole.bias is None else Parameter(self.part(whole.bias, 0))
        self.register_parameter("bias", bias)

    @classmethod
    def of(
        cls, linear: Linear, gather_output: bool = True, process_group: Any = None
    ) -> ColumnParallelLinear:
        """The part of this process of a Linear that all have alike."""
        found: ColumnParallelLinear = cls._of(linear, process_group, gather_output=gather_output)
        return found

    def forward(self, x: ArrayLike) -> Tensor:
        x = copied_to_all(x, group=self.process_group)
        out = ag.linear(x, self.weight, self.bias)
        return gathered_from_all(out, group=self.process_group) if self.gather_output else out


class RowParallelLinear(_LinearPart):
    """A Linear of whose inputs each process takes its part: columns of the weight.

    The outputs of all are summed, and are alike on all processes; the bias is added once. With
    `input_is_parallel` the input is each process's part of the features already, as a
    ColumnParallelLinear leaves it with `gather_output=False`: the two together need one sum
    forwards and one backwards. The rest is as in ColumnParallelLinear.

    Shape: (*, in_features), or (*, in_features / processes) -> (*, out_features).

    >>> import autograd as ag
    >>> import nn
    >>> layer = nn.parallel.RowParallelLinear(3, 2, rng=0)
    >>> layer(ag.Tensor([[1.0, 2.0, 3.0]])).shape
    (1, 2)
    """

    _shared = "in_features"

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        input_is_parallel: bool = False,
        process_group: Any = None,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        self.input_is_parallel = input_is_parallel
        self._begin(Linear(in_features, out_features, bias, dtype, rng), process_group)

    def _take(self, whole: Linear) -> None:
        self.weight = Parameter(self.part(whole.weight, 1))
        bias = None if whole.bias is None else Parameter(np.array(raw(whole.bias)))
        self.register_parameter("bias", bias)

    @classmethod
    def of(
        cls, linear: Linear, input_is_parallel: bool = False, process_group: Any = None
    ) -> RowParallelLinear:
        """The part of this process of a Linear that all have alike."""
        found: RowParallelLinear = cls._of(
            linear, process_group, input_is_parallel=input_is_parallel
        )
        return found

    def forward(self, x: ArrayLike) -> Tensor:
        if not self.input_is_parallel:
            x = own_part(x, group=self.process_group)
        out = summed_over_all(ag.linear(x, self.weight), group=self.process_group)
        return out if self.bias is None else out + self.bias


class VocabParallelEmbedding(Part):
    """An Embedding of whose words each process has its part: rows of the weight.

    Each looks up the words that it has, and the vectors of all are summed; `logits(x)` is the
    product with all vectors, for an output layer that shares them. Weights are drawn as those of
    `nn.Embedding` in one process, of which each keeps its rows; `num_embeddings`, `embedding_dim`,
    `process_group`, `dtype` and `rng` are as in the other layers.

    Shape: (*) integers -> (*, embedding_dim).

    >>> import nn
    >>> words = nn.parallel.VocabParallelEmbedding(10, 3, rng=0)
    >>> words([[1, 2, 4], [4, 3, 9]]).shape
    (2, 3, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        process_group: Any = None,
        dtype: npt.DTypeLike | None = None,
        rng: Any = None,
    ) -> None:
        super().__init__()
        self._take(Embedding(num_embeddings, embedding_dim, dtype=dtype, rng=rng), process_group)

    def _take(self, whole: Embedding, process_group: Any) -> None:
        self._join(process_group, whole.num_embeddings, "num_embeddings")
        self.num_embeddings, self.embedding_dim = whole.num_embeddings, whole.embedding_dim
        self.weight = Parameter(self.part(whole.weight, 0))

    @classmethod
    def of(cls, embedding: Embedding, process_group: Any = None) -> VocabParallelEmbedding:
        """The part of this process of an Embedding that all have alike."""
        _check(embedding, Embedding, cls)
        made = cls.__new__(cls)
        Module.__init__(made)
        made._take(embedding, process_group)
        return made

    def forward(self, x: Any) -> Tensor:
        numbers = np.asarray(raw(x))
        rows = len(self.weight)
        own = numbers - self.rank * rows
        is_here = (own >= 0) & (own < rows)
        if numbers.size and not (numbers.min() >= 0 and numbers.max() < self.num_embeddings):
            raise ArgumentError(
                f"VocabParallelEmbedding: words are numbers from 0 to {self.num_embeddings - 1}, "
                f"got {numbers.min()} to {numbers.max()}"
            )
        found = ag.take(self.weight, np.where(is_here, own, 0), axis=0)
        found = found * is_here[..., None].astype(found.dtype)
        return summed_over_all(found, group=self.process_group)

    def logits(self, x: ArrayLike) -> Tensor:
        """x times the vector of every word: (*, embedding_dim) -> (*, num_embeddings)."""
        x = copied_to_all(x, group=self.process_group)
        return gathered_from_all(ag.linear(x, self.weight), group=self.process_group)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}, part {self.rank} of {self.size}"


def _check(given: Any, kind: type, cls: type) -> None:
    if not isinstance(given, kind):
        raise ArgumentTypeError(
            f"{cls.__name__}.of takes an nn.{kind.__name__}, not {type(given).__name__}"
        )
