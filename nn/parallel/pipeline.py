"""Pipelines: stages of a model on several processes, that work on parts of a batch in turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor, distributed
from autograd.distributed.alone import rank_and_size
from autograd.engine.ranges import Count
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.extend import raw
from autograd.tensors.tensor import taken
from nn.module.module import Module

_DTYPES = [np.dtype(name) for name in ("float16", "float32", "float64", "int32", "int64", "bool")]
_HEAD = 16  # numbers that say what comes: its dtype, its axes, their lengths


class PipelineStage:
    """The part of a model that one process computes; the next one's input is its output.

    `submodule` takes one Tensor and gives one. `stage_index` and `num_stages` are by default rank
    and size of the `group`, which is by default all processes. `tied` are parameters of the
    submodule, by name, that other stages have too, with the group of those that have them: their
    gradients are summed.
    """

    def __init__(
        self,
        submodule: Module,
        stage_index: int | None = None,
        num_stages: int | None = None,
        group: Any = None,
        *,
        tied: Mapping[str, Any] | None = None,
    ) -> None:
        rank, size = rank_and_size(group)
        self.submodule, self.group = submodule, group
        self.stage_index = rank if stage_index is None else stage_index
        self.num_stages = size if num_stages is None else num_stages
        if (self.stage_index, self.num_stages) != (rank, size):
            raise ArgumentError(
                f"PipelineStage: stage {self.stage_index} of {self.num_stages}, and this is "
                f"process {rank} of {size}: each process has one stage, that of its rank"
            )
        self.is_first, self.is_last = rank == 0, rank == size - 1
        self._ranks = distributed.get_process_group_ranks(group) if size > 1 else [0]
        self.tied = dict(tied or {})
        self._sending: list[Any] = []

    # ---- what goes from stage to stage ---------------------------------------------------------

    def send(self, tensor: Tensor, step: int) -> None:
        """Begin to send a Tensor to the stage so many further."""
        array = np.ascontiguousarray(raw(tensor))
        head = np.zeros(_HEAD, np.int64)
        if array.dtype not in _DTYPES or array.ndim > _HEAD - 2:
            raise ArgumentTypeError(
                f"PipelineStage: stages hand on Tensors of {', '.join(map(str, _DTYPES))} with up "
                f"to {_HEAD - 2} axes, not {array.dtype} {array.shape}"
            )
        head[: 2 + array.ndim] = _DTYPES.index(array.dtype), array.ndim, *array.shape
        target = self._ranks[self.stage_index + step]
        self._sending += [
            distributed.isend(taken(part), target, self.group) for part in (head, array)
        ]

    def receive(self, step: int) -> Any:
        """The array that the stage so many further has sent."""
        source, head = self._ranks[self.stage_index + step], taken(np.empty(_HEAD, np.int64))
        distributed.recv(head, source, self.group)
        kind, ndim, *lengths = raw(head).tolist()
        came = taken(np.empty(lengths[:ndim], _DTYPES[kind]))
        distributed.recv(came, source, self.group)
        return raw(came)

    def finish(self) -> None:
        """Wait until all is sent, and add up the gradients of what stages share."""
        for work in self._sending:
            work.wait()
        self._sending.clear()
        parameters = dict(self.submodule.named_parameters())
        for name, group in self.tied.items():
            p = parameters[name]
            grad = taken(np.array(raw(p.grad)) if p.grad is not None else np.zeros_like(raw(p)))
            distributed.all_reduce(grad, group=group)
            p.grad = grad


class Schedule1F1B:
    """Steps of a pipeline: a batch in `n_microbatches` parts, one forward, one backward in turn.

    A stage begins with as many forward passes as there are stages behind it, and then takes turns,
    so that it never keeps the graphs of more parts than stages. `loss_fn(output, target)` is a mean
    over its part of the batch; gradients are those of the mean over all parts, which are added to
    `grad`, as backward does.

    Source: Narayanan et al., PipeDream: generalized pipeline parallelism for DNN training (2019),
    and Efficient large-scale language model training on GPU clusters using Megatron-LM (2021).

    >>> import nn
    >>> import numpy as np
    >>> stage = nn.parallel.PipelineStage(nn.Linear(3, 1))  # the only one
    >>> schedule = nn.parallel.Schedule1F1B(stage, 2, nn.MSELoss())
    >>> losses = []
    >>> schedule.step(np.ones((4, 3), "float32"), target=np.ones((4, 1), "float32"), losses=losses)
    ... # doctest: +ELLIPSIS
    Tensor(...)
    >>> len(losses), stage.submodule.weight.grad.shape
    (2, (1, 3))
    """

    def __init__(
        self, stage: PipelineStage, n_microbatches: Count, loss_fn: Callable[..., Any]
    ) -> None:
        self.stage, self.n_microbatches, self.loss_fn = stage, n_microbatches, loss_fn

    def step(
        self, x: Any = None, *, target: Any = None, losses: list[Any] | None = None
    ) -> Tensor | None:
        """One batch, forwards and backwards: all processes call it.

        `x` is given to the first stage and `target` to the last; the others leave them out. The
        last returns the outputs, and puts the losses of the parts into `losses`.
        """
        stage, count = self.stage, self.n_microbatches
        inputs = self._parts(x, "x", stage.is_first)
        targets = self._parts(target, "target", stage.is_last)
        self._alive: deque[tuple[Any, Any]] = deque()
        outputs: list[Any] = []
        ahead = min(count, stage.num_stages - 1 - stage.stage_index)
        for number in range(ahead):
            outputs.append(self._forward(inputs, targets, number, losses))
        for number in range(ahead, count):
            outputs.append(self._forward(inputs, targets, number, losses))
            self._backward()
        for _ in range(ahead):
            self._backward()
        stage.finish()
        return ag.concat([out.detach() for out in outputs]) if stage.is_last else None

    def _parts(self, batch: Any, name: str, is_wanted: bool) -> list[Any]:
        if not is_wanted:
            return []
        if batch is None or len(batch) % self.n_microbatches or not len(batch):
            size = "nothing" if batch is None else f"{len(batch)} examples"
            where = "first" if name == "x" else "last"
            raise ArgumentError(
                f"Schedule1F1B.step: the {where} stage takes {name}, a batch of a multiple of "
                f"{self.n_microbatches} examples, got {size}"
            )
        return np.split(np.asarray(raw(batch)), self.n_microbatches)

    def _forward(self, inputs: list[Any], targets: list[Any], number: int, losses: Any) -> Any:
        stage = self.stage
        x = taken(np.array(inputs[number] if stage.is_first else stage.receive(-1)))
        if not stage.is_first and x.dtype.kind == "f":
            x = x.requires_grad_()
        out = stage.submodule(x)
        result = out
        if stage.is_last:
            loss = self.loss_fn(out, taken(np.array(targets[number])))
            result = loss / self.n_microbatches
            if losses is not None:
                losses.append(loss.detach())
        else:
            stage.send(out.detach(), 1)
        self._alive.append((x, result))
        return out.detach() if stage.is_last else None

    def _backward(self) -> None:
        stage = self.stage
        x, result = self._alive.popleft()
        if stage.is_last:
            result.backward()
        else:
            result.backward(taken(stage.receive(1)))
        if not stage.is_first:
            stage.send(x.grad, -1)
