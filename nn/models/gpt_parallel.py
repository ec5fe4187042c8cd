"""A GPT on several processes: by parts of its weights, or by stages."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
import nn
from autograd import Tensor
from autograd.distributed.alone import rank_and_size
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.extend import raw
from nn.models.gpt import GPT
from nn.parallel.tensor_parallel import (
    ColumnParallelLinear,
    RowParallelLinear,
    VocabParallelEmbedding,
)


class TensorParallelGPT(GPT):
    """A GPT of whose heads, features and words each process of a group has its part.

    All processes are given the same tokens, and compute the same logits: those of a `GPT` that is
    made of the same random numbers in one process. `process_group` is by default all processes; the
    other arguments are those of GPT. Dropout of attention falls on other places than in one
    process.

    Shape: (N, T) integers -> (N, T, vocabulary), alike on all processes.

    Source: Shoeybi et al., Megatron-LM: training multi-billion parameter language models using
    model parallelism (2019).

    >>> import numpy as np
    >>> import nn
    >>> model = nn.models.TensorParallelGPT(vocabulary=10, context=8, width=16, depth=1, heads=2)
    >>> model(np.zeros((2, 5), int)).shape
    (2, 5, 10)
    """

    def __init__(
        self,
        vocabulary: int,
        context: int = 64,
        width: int = 64,
        depth: int = 2,
        heads: int = 4,
        dropout: float = 0.0,
        *,
        process_group: Any = None,
    ) -> None:
        super().__init__(vocabulary, context, width, depth, heads, dropout)
        rank, size = rank_and_size(process_group)
        if heads % size:
            raise ArgumentError(f"{heads} heads cannot be shared evenly by {size} processes")
        self.tokens: Any = VocabParallelEmbedding.of(self.tokens, process_group)
        block: Any
        for block in self.blocks:
            attention, mlp = block.attn, block.mlp
            attention.qkv = _of_heads(attention.qkv, heads, rank, size, process_group)
            attention.heads = heads // size
            attention.proj = RowParallelLinear.of(attention.proj, True, process_group)
            mlp[0] = ColumnParallelLinear.of(mlp[0], False, process_group)
            mlp[2] = RowParallelLinear.of(mlp[2], True, process_group)

    def logits(self, x: Any) -> Tensor:
        found: Tensor = self.tokens.logits(x)
        return found


def _of_heads(linear: Any, heads: int, rank: int, size: int, group: Any) -> ColumnParallelLinear:
    """The part of a map to queries, keys and values that a process's heads need."""
    width = linear.out_features // 3

    def by_process(array: Any) -> Any:
        """The rows of each process's heads together."""
        parts = np.asarray(raw(array)).reshape(3, size, width // size, *array.shape[1:])
        return np.swapaxes(parts, 0, 1).reshape(array.shape)

    with ag.no_grad():
        linear.weight[...] = by_process(linear.weight)
        linear.bias[...] = by_process(linear.bias)
    return ColumnParallelLinear.of(linear, False, group)


class GPTStage(nn.Module):
    """Stage `index` of `count` of a GPT: its share of the blocks, in order.

    The first embeds the tokens, and the last gives logits; the embedding, whose weight both use, is
    `tokens` in either, and its gradients have to be added up: `tied` of a PipelineStage.

    Shape: (N, T) integers, or (N, T, width) -> (N, T, width), or (N, T, vocabulary).

    >>> import nn
    >>> import numpy as np
    >>> model = nn.models.GPT(vocabulary=10, context=8, width=16, depth=2, heads=2)
    >>> first, last = (nn.models.GPTStage(model, index, 2) for index in range(2))
    >>> last(first(np.zeros((2, 5), int))).shape
    (2, 5, 10)
    """

    def __init__(self, model: GPT, index: int, count: int) -> None:
        super().__init__()
        if not isinstance(model, GPT):
            raise ArgumentTypeError(f"GPTStage: model must be a GPT, got {type(model).__name__}")
        blocks = [*model.blocks]
        if not 0 <= index < count <= len(blocks):
            raise ArgumentError(
                f"GPTStage: stage {index} of {count}, of a GPT of {len(blocks)} blocks: each stage "
                "has one block or more"
            )
        bounds = np.linspace(0, len(blocks), count + 1).round().astype(int)
        self.is_first, self.is_last = index == 0, index == count - 1
        if self.is_first or self.is_last:
            self.tokens = model.tokens
        if self.is_first:
            self.positions, self.drop = model.positions, model.drop
        self.blocks = nn.Sequential(*blocks[bounds[index] : bounds[index + 1]])
        if self.is_last:
            self.norm = model.norm

    def forward(self, x: Any) -> Tensor:
        if self.is_first:
            x = self.drop(self.tokens(x) + self.positions(np.arange(x.shape[1])))
        x = self.blocks(x)
        return ag.linear(self.norm(x), self.tokens.weight) if self.is_last else x
