"""Training by several processes: each has its share of every batch, and all go the same steps.

What `fit` is given is the same in every process: `batch_size` is that of all together, and the loss
curve is that of one process. Sample i of a batch is of process i modulo their number; losses and
metrics are of whole batches, and gradients are those of the loss of the whole batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.distributed.groups import group_of
from autograd.errors import ArgumentError, NaNError, ShapeError, TraceError
from autograd.extend import raw
from autograd.kernels.shares import Share, sharing
from autograd.random import generator
from autograd.tensors.inplace import replace
from autograd.tensors.tensor import taken
from nn.training.alike import check_data, check_model, check_start
from nn.training.joint import taught_together

__all__ = ["SharedStep", "Together", "processes"]


def processes() -> Together | None:
    """All processes that a starter of MPI programs has started; None where this one is alone."""
    from autograd.distributed import alone

    return None if alone.joined() == (0, 1) else Together(*alone.joined())


class Together:
    """The processes that train one model."""

    def __init__(self, rank: int, size: int) -> None:
        from autograd import distributed

        self.rank, self.size = rank, size
        self.calls = distributed

    # ---- at the beginning ----------------------------------------------------------------------

    def begin(self, model: Any, loader: Any) -> None:
        """Let all begin with the model and the random numbers of rank 0."""
        from nn.parallel.tensor_parallel import check_no_parts

        check_no_parts(model, None, "fit")
        check_model(model, self.objects)
        check_data(loader, self.objects)
        for tensor in (*model.parameters(), *model.buffers()):
            value = taken(np.array(raw(tensor)))
            self.calls.broadcast(value)
            if self.rank:
                replace(tensor, raw(value))
        inner = getattr(loader, "loader", None)
        drawing = [generator(), *getattr(inner, "_generators", dict)().values()]
        states = [rng.bit_generator.state for rng in drawing]
        self.calls.broadcast_object_list(states)
        for rng, state in zip(drawing, states, strict=True):
            rng.bit_generator.state = state

    def objects(self, own: Any) -> list[Any]:
        """What all processes have, by rank."""
        every: list[Any] = [None] * self.size
        self.calls.all_gather_object(every, own)
        return every

    def reducer(self, named: list[tuple[str, Any]]) -> Any:
        """What averages the gradients of parameters, as for DistributedDataParallel."""
        from nn.parallel.reducer import Reducer

        made = Reducer(named, group_of(None, "fit"), 25 << 20, check_nan=False)
        made.finds_unused = True
        return made

    # ---- batches -------------------------------------------------------------------------------

    def share_of(self, batch: Any, is_own: bool) -> Share:
        """The share of a batch, or of all of whose shares the batch `is_own`."""
        rows = _rows(batch)
        if is_own:
            return Share(self.rank, self.size, rows * self.size, 1, True)
        return Share.of(self.rank, self.size, rows, joint=True)

    def gathered(self, value: Any, share: Share, weight: float) -> Any:
        """What all processes have of outputs or targets, as for the whole batch.

        Single numbers are means over the processes, each of which counts by its `weight`.
        """
        return _mapped(lambda tensor: self._joined(tensor, share, weight), value)

    def _joined(self, tensor: Any, share: Share, weight: float) -> Any:
        array = np.asarray(raw(tensor))
        if not array.ndim:
            return taken(np.sum(self.rows(array.astype(np.float64) * weight)).astype(array.dtype))
        if share.parts == 1:
            return taken(array)
        if len(array) != share.rows:
            raise ShapeError(
                f"an output is {array.shape} for {share.rows} examples: where several processes "
                "train together, its first axis must count the examples"
            )
        longest = -(-share.total // share.parts)
        padded = np.zeros((longest, *array.shape[1:]), array.dtype)
        padded[: len(array)] = array
        every = self.rows(padded)
        whole = np.swapaxes(every, 0, 1).reshape(longest * share.parts, *array.shape[1:])
        return taken(np.ascontiguousarray(whole[: share.total]))

    def rows(self, array: Any) -> Any:
        """The arrays of all processes, one behind the other."""
        out = taken(np.empty((self.size, *np.shape(array)), np.asarray(array).dtype))
        self.calls.all_gather_into_tensor(out, taken(np.array(array)))
        return raw(out)

    def any(self, is_so: bool) -> bool:
        """Whether something is so on one of them."""
        return bool(self.rows(np.array(is_so, np.uint8)).any())

    def called(self, call: Callable[..., Any], inputs: Any) -> Any:
        """The output for inputs, of which each process computes its share."""
        share = self.share_of(inputs, False)
        return self.gathered(call(*_cut(tuple(inputs), share)), share, 1 / self.size)


class SharedStep:
    """A step of training of which each process computes its share; the rest is the step's own."""

    def __init__(self, step: Any, together: Together, is_own: bool = False) -> None:
        self.inner, self.together, self.is_own = step, together, is_own

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    @property
    def batch(self) -> Any:
        """The batch that is trained on; callbacks see this process's share."""
        return self.inner.batch

    @batch.setter
    def batch(self, batch: Any) -> None:
        self._share = self.together.share_of(batch, self.is_own)
        self.inner.batch = batch if self.is_own else _cut(batch, self._share)

    @property
    def share(self) -> Share:
        """Which of the examples of the batch are this process's."""
        return self._share

    def run(self, batch: Any) -> Any:
        """The loss of the whole batch, how much it counts, the whole target and output."""
        self.batch = batch
        share = self._share
        with sharing(share), self._alike(share):
            loss, count, target, output = self.inner.run(self.inner.batch)
        told = [loss.item(), math.nan if count is None else count / share.holders]
        values, counts = self.together.rows(np.array(told, np.float64)).T
        total = None if count is None else float(np.sum(counts))
        weights = counts / total if total else np.full(len(counts), 1 / share.holders)
        used = values[counts != 0]
        value = float(np.sum((values * weights)[counts != 0])) if len(used) else float(values[0])
        self._loss, self._values = loss, values
        self._weight = float(weights[self.together.rank])
        return taken(np.float64(value)), total, *self._whole(target, output, total)

    def _whole(self, target: Any, output: Any, total: float | None) -> Any:
        """Target and output of the whole batch, where someone asks for them."""
        if not self.inner.compiled.metrics and not isinstance(target, tuple):
            return target, output
        mean = self._weight if total else 1 / self.together.size
        return self.together.gathered((target, output), self._share, mean)

    @contextmanager
    def _alike(self, share: Share) -> Iterator[None]:
        """Run no plan where the shapes of shares differ: it is checked at the first call of each.

        Such a check runs the collectives of a batch norm again, and some processes alone would.
        """
        jit = self.inner.compiled.jit
        is_on = jit.is_on
        jit.is_on = is_on and share.total % share.parts == 0
        try:
            yield
        finally:
            jit.is_on = is_on

    def train(self, batch: Any) -> tuple[Any, bool]:
        """As `Step.train`: where a plan holds the step, it holds the exchanges too."""
        self.batch = batch
        jit, compute = self.inner.compiled.jit, self.inner.computes()
        with sharing(self._share), self._alike(self._share):
            if compute is None or not (jit.is_on and jit.takes_steps):
                return self.run(batch), False
            self.inner.compiled.inputs = len(self.inner.batch) - 1
            try:
                found = jit("taught together", taught_together(self, compute))(*self.inner.batch)
            except TraceError:
                jit.takes_steps = False
                return self.run(batch), False
        value, total, values, weight, self._loss, target, output, is_made = found
        self._values, self._weight = np.asarray(raw(values)), float(weight)
        total = None if total is None else total.item()
        return (value, total, *self._whole(target, output, total)), is_made

    def down(self, loss: Any) -> None:
        """A step down the gradients of the loss of the whole batch."""
        with sharing(self._share):
            self.inner.compiled.step(_Backward(self))

    def backward(self) -> None:
        """Gradients of the loss of the whole batch, which are reduced while backward goes on."""
        self.averaged(self._loss * (self._weight * self.together.size)).backward()

    def averaged(self, loss: Any) -> Any:
        """A loss whose gradients are averaged over the processes."""
        named = [(name, p) for name, p in self.inner.model.named_parameters() if p.requires_grad]
        compiled, ids = self.inner.compiled, [id(p) for _, p in named]
        if compiled.reducer is None or ids != [*map(id, compiled.reducer.parameters)]:
            compiled.reducer = self.together.reducer(named)
        compiled.reducer.listen_to_parameters()
        return loss

    def not_finite(self, loss: Any, epoch: int, number: int) -> NaNError:
        """What each process raises: one whose own loss is not finite says where it began."""
        ranks = [int(r) for r in np.flatnonzero(~np.isfinite(self._values))]
        said = f"rank {', '.join(map(str, ranks))}: "
        if self.together.rank in ranks:
            return NaNError(f"{said}{self.inner.not_finite(self._loss, epoch, number)}")
        value = self._values[ranks[0]]
        return NaNError(
            f"{said}the loss is {value} in epoch {epoch + 1}, step {number + 1}; it is said there "
            "where that began, and training ends on all ranks"
        )

    def begins(self, epoch: int) -> None:
        check_start(epoch, self.inner.compiled.optimizer, self.together.objects)

    def stops(self) -> bool:
        """Whether the training is to end, as one process or all say."""
        model = self.inner.model
        model.stop_training = self.together.any(model.stop_training)
        return bool(model.stop_training)


class _Backward:
    """What takes the place of a loss where a step goes down its gradients."""

    def __init__(self, step: SharedStep) -> None:
        self.backward: Callable[[], None] = step.backward


# ---- what batches are made of --------------------------------------------------------------------


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, (tuple, list)):
        for part in value:
            yield from _leaves(part)
    elif np.ndim(value):
        yield value


def _rows(batch: Any) -> int:
    lengths = {len(leaf) for leaf in _leaves(batch)}
    if len(lengths) != 1:
        raise ArgumentError(
            f"the parts of a batch have {' and '.join(map(str, sorted(lengths)))} examples, and so "
            "cannot be shared among several processes"
        )
    return lengths.pop()


def _cut(batch: Any, share: Share) -> Any:
    def cut(value: Any) -> Any:
        if isinstance(value, Tensor):
            return taken(np.ascontiguousarray(share.cut(raw(value)))) if value.ndim else value
        return share.cut(value) if np.ndim(value) else value

    return _mapped(cut, batch)


def _mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """A function of all Tensors and arrays in tuples, lists and dicts; None stays None."""
    if isinstance(value, Mapping):
        return {name: _mapped(function, part) for name, part in value.items()}
    if isinstance(value, (tuple, list)):
        parts = [_mapped(function, part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return function(value) if isinstance(value, (Tensor, np.ndarray)) else value
