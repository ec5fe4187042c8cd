"""ZeroRedundancyOptimizer: any optimizer, whose state is shared out among the processes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import Tensor, enable_grad
from autograd.engine.modes import captures
from autograd.engine.trail import step_capture
from autograd.errors import ArgumentError, ArgumentTypeError, StateError
from autograd.extend import raw
from autograd.tensors.inplace import write
from autograd.tensors.tensor import taken
from optim.base.checks import Params
from optim.base.entries import copied
from optim.optimizer import Optimizer
from optim.shaped import ShapedOptimizer

_BUCKET = 25 << 20  # bytes of parameters that are sent together


class ZeroRedundancyOptimizer(Optimizer):
    """An optimizer each of whose processes keeps the state of its part of every parameter alone.

    `optimizer_class(params, **defaults)` is the optimizer, of which each process steps with one
    part of each parameter's numbers, and so keeps that part of Adam's moments; afterwards all send
    each other the new parameters. Gradients are those that DistributedDataParallel has averaged;
    without it say `averages=True`, and they are averaged here: each process gets its own part of
    the sum, and nobody needs the rest. An optimizer that looks at a parameter as a whole (Muon,
    Adafactor, one that writes its own `step`) has whole parameters shared out instead.

    `process_group` is by default all processes. `parameters_as_bucket_view` and `overlap_with_ddp`
    are taken from programs for PyTorch and have no effect. All processes call
    `consolidate_state_dict()` before one of them asks for its `state_dict()`, which is that of the
    optimizer in one process: it loads there, and with any number of processes.

    Source: Rajbhandari, Rasley, Ruwase and He, ZeRO: memory optimizations toward training trillion
    parameter models (2020).

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = optim.ZeroRedundancyOptimizer([w], optim.Adam, lr=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.detach()
    Tensor([0.5, 1.5], dtype=float32)
    """

    def __init__(
        self,
        params: Params,
        optimizer_class: Any,
        process_group: Any = None,
        parameters_as_bucket_view: bool = False,
        overlap_with_ddp: bool = False,
        *,
        averages: bool = False,
        **defaults: Any,
    ) -> None:
        from autograd.distributed import alone

        if not (isinstance(optimizer_class, type) and issubclass(optimizer_class, Optimizer)):
            raise ArgumentTypeError(
                "ZeroRedundancyOptimizer: optimizer_class is a class of optimizers, such as "
                f"optim.Adam, and its options come after it; got {optimizer_class!r:.60}"
            )
        if optimizer_class._in_order:
            raise ArgumentError(
                f"ZeroRedundancyOptimizer: {optimizer_class.__name__} keeps one state for all "
                "parameters together, which cannot be shared out"
            )
        self.averages = averages
        self.process_group = process_group
        self._rank, self._size = alone.rank_and_size(process_group)
        # the same optimizer in one process: it checks, names the options, and never steps
        self._whole, self._options = optimizer_class(params, **defaults), defaults
        self._begin(self._whole.defaults)
        self.param_groups = self._whole.param_groups
        self._by_parts = not (
            issubclass(optimizer_class, ShapedOptimizer) or self._whole._steps_by_itself()
        )
        self._full: dict[str, Any] | None = None  # the gathered state, while it is current
        self._uneven: Any = None  # in a block of nn.parallel.Join
        self._share = 1.0  # of all processes, those that still have batches
        self._make_shards()

    def _make_shards(self) -> None:
        """An optimizer of this process's parts; its state starts anew."""
        loads = [0] * self._size  # of the processes, where whole parameters are shared out
        self._places: dict[Tensor, slice] = {}
        self._owners: dict[Tensor, int] = {}
        self._shards: dict[Tensor, Tensor] = {}
        for p in self._all_params():
            if self._by_parts:
                length = -(-p.size // self._size)
                self._places[p] = slice(self._rank * length, (self._rank + 1) * length)
            else:
                owner = self._owners[p] = loads.index(min(loads))
                loads[owner] += p.size
            part = self._part(p, raw(p))
            if part is not None:
                self._shards[p] = taken(np.array(part)).requires_grad_()
                self._shards[p].name = p.name
        groups = [
            {**group, "params": [self._shards[p] for p in group["params"] if p in self._shards]}
            for group in self.param_groups
        ]
        self._numbers_of_groups = [n for n, group in enumerate(groups) if group["params"]]
        groups = [group for group in groups if group["params"]]
        self.optim: Optimizer | None = None
        if groups:
            self.optim = type(self._whole)(groups, **self._options)

    def _part(self, p: Tensor, array: Any) -> Any:
        """This process's part of an array in the shape of a parameter; None: it has none."""
        if self._by_parts:
            return np.reshape(array, -1)[self._places[p]]
        return array if self._owners[p] == self._rank else None

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add a group: a dict with the key `params`, and options that differ from the defaults."""
        state = self._local_state()
        self._whole.add_param_group(param_group)
        self._make_shards()
        self._take_over(state)

    # ---- stepping ------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; returns what the closure returned.

        It is a collective: all processes call it.
        """
        if captures and (capture := step_capture()) is not None:
            capture.refuse(
                "a step of ZeroRedundancyOptimizer, which sends arrays to other processes: take it "
                "outside of what is traced"
            )
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        if self._uneven is not None:
            first, are_all = self._uneven.goes_on(self)
            if not are_all:
                self._share_gradients(first, is_behind=False)
        self._step()
        return loss

    def _step(self) -> None:
        self._full = None
        buckets = list(self._buckets())
        for params in buckets:
            self._take_gradients(params)
        if self.optim is not None:
            for number, group in zip(self._numbers_of_groups, self.optim.param_groups, strict=True):
                ours = self.param_groups[number]
                group.update({name: v for name, v in ours.items() if name != "params"})
            self.optim.step()
        for params in buckets:
            self._send_parameters(params)
        for shard in self._shards.values():
            shard.grad = None

    # ---- where processes have batches of their own number (nn.parallel.Join) --------------------

    def _go_along(self, first: int, syncs: bool, sends: bool) -> None:
        """Take a step with the gradients and the options of the one at place `first`."""
        self._share_gradients(first, is_behind=True)
        self._step()
        for p in self._all_params():
            p.grad = None

    def _share_gradients(self, first: int, is_behind: bool) -> None:
        from autograd import distributed

        params, source = [*self._all_params()], self._global(first)
        options = [{n: v for n, v in g.items() if n != "params"} for g in self.param_groups]
        told: Any = [options, [p.grad is not None for p in params]]
        distributed.broadcast_object_list(told, source, self.process_group)
        if is_behind:
            for group, theirs in zip(self.param_groups, told[0], strict=True):
                group.update(theirs)
        for p, has_one in zip(params, told[1], strict=True):
            if is_behind:
                p.grad = taken(np.zeros(p.shape, p.dtype)[()]) if has_one else None
            if has_one and not self.averages:  # clipped as they may be
                distributed.broadcast(p.grad, source, self.process_group)

    def _settle(self, last: int) -> None:
        """All have taken all steps."""

    def _divide_by(self, share: float) -> None:
        self._share = share

    # ---- gradients and parameters --------------------------------------------------------------

    def _buckets(self) -> Iterator[list[Tensor]]:
        """Parameters that have a gradient, by dtype, as many as are sent at once."""
        waiting: dict[Any, list[Tensor]] = {}
        for p in self._all_params():
            if p.grad is None:
                continue
            bucket = waiting.setdefault(p.dtype, [])
            bucket.append(p)
            if sum(raw(q).nbytes for q in bucket) >= _BUCKET:
                yield waiting.pop(p.dtype)
        yield from waiting.values()

    def _take_gradients(self, params: list[Tensor]) -> None:
        """Give this process's parts of parameters their values and gradients."""
        grads = {p: raw(p.grad) for p in params}
        if self.averages and self._size > 1:
            grads = {p: g / self._share for p, g in self._averaged(params, grads).items()}
        else:
            grads = {p: self._part(p, g) for p, g in grads.items()}
        for p in params:
            if p in self._shards:
                write(self._shards[p], self._part(p, raw(p)))
                self._shards[p].grad = taken(np.array(grads[p]))

    def _averaged(self, params: list[Tensor], grads: dict[Tensor, Any]) -> dict[Tensor, Any]:
        from autograd import distributed

        group = self.process_group
        if not self._by_parts:
            means = {p: taken(np.array(g)) for p, g in grads.items()}
            for mean in means.values():
                distributed.all_reduce(mean, "avg", group)
            return {p: raw(mean) for p, mean in means.items()}
        rows = np.concatenate([self._padded(grads[p]) for p in params], axis=1)
        own = taken(np.empty(rows.shape[1], rows.dtype))
        distributed.reduce_scatter_tensor(own, taken(rows.reshape(-1)), "avg", group)
        return self._cut(params, raw(own))

    def _padded(self, array: Any) -> Any:
        """An array as a row of the same length for each process."""
        length = -(-array.size // self._size)
        rows = np.zeros((self._size, length), array.dtype)
        rows.reshape(-1)[: array.size] = array.reshape(-1)
        return rows

    def _cut(self, params: list[Tensor], row: Any) -> dict[Tensor, Any]:
        """What of a row is of each parameter."""
        lengths = [-(-p.size // self._size) for p in params]
        parts = np.split(row, np.cumsum(lengths)[:-1])
        return {p: part[: raw(self._shards[p]).size] for p, part in zip(params, parts, strict=True)}

    def _send_parameters(self, params: list[Tensor]) -> None:
        """Let all processes have what each has computed."""
        from autograd import distributed

        if not self._by_parts:
            for p in params:
                value = taken(np.array(raw(self._shards.get(p, p))))
                if self._size > 1:
                    distributed.broadcast(value, self._global(self._owners[p]), self.process_group)
                write(p, raw(value))
            return
        lengths = [-(-p.size // self._size) for p in params]
        row = np.zeros(sum(lengths), params[0].dtype)
        stops = np.cumsum(lengths)
        for p, length, stop in zip(params, lengths, stops, strict=True):
            part = raw(self._shards[p])
            row[stop - length : stop - length + part.size] = part
        rows = taken(row.reshape(1, -1))
        if self._size > 1:
            rows = taken(np.empty((self._size, len(row)), row.dtype))
            distributed.all_gather_into_tensor(rows, taken(row), self.process_group)
        for p, length, stop in zip(params, lengths, stops, strict=True):
            whole = raw(rows)[:, stop - length : stop].reshape(-1)[: p.size]
            write(p, whole.reshape(p.shape))

    def _global(self, place: int) -> int:
        """The rank among all processes of one of the group's."""
        from autograd import distributed

        return distributed.get_process_group_ranks(self.process_group)[place]

    # ---- state ---------------------------------------------------------------------------------

    def _local_state(self) -> dict[Tensor, dict[str, Any]]:
        """What is kept here of the state of each parameter."""
        if self.optim is None:
            return {}
        found = {p: self.optim.state.get(s) for p, s in self._shards.items()}
        return {p: copied(entry) for p, entry in found.items() if entry}

    def _take_over(self, state: Mapping[Tensor, dict[str, Any]]) -> None:
        if self.optim is not None:
            self.optim.state = defaultdict(
                dict, {self._shards[p]: entry for p, entry in state.items() if p in self._shards}
            )
            self.optim._reset_caches()

    def remembered(self) -> Callable[[], None]:
        """What puts options and state back as they are now."""
        options = [dict(group) for group in self.param_groups]
        state = self._local_state()

        def put_back() -> None:
            for group, old in zip(self.param_groups, options, strict=True):
                group.update(old)
            self._take_over(state)

        return put_back

    def consolidate_state_dict(self, to: int = 0) -> None:
        """Gather the state of all processes on one, the rank `to` of the group: all call this."""
        from autograd import distributed

        numbers = {p: n for n, p in enumerate(self._all_params())}
        local = {
            numbers[p]: {
                n: np.asarray(raw(v)) if isinstance(v, Tensor) else v for n, v in e.items()
            }
            for p, e in self._local_state().items()
        }
        every: Any = [local]
        if self._size > 1:
            every = [None] * self._size
            distributed.all_gather_object(every, local, self.process_group)
        if self._rank == to:
            self._full = self._joined(every)

    def _joined(self, every: list[dict[int, dict[str, Any]]]) -> dict[str, Any]:
        """The parts of all processes as the state dict of one."""
        for number, p in enumerate(self._all_params()):
            entries = [state[number] for state in every if number in state]
            if not entries:
                continue
            entry = dict(entries[0])
            for name, value in entry.items():
                if self._by_parts and isinstance(value, np.ndarray):
                    entry[name] = np.concatenate([e[name] for e in entries]).reshape(p.shape)
            arrays = {n: taken(v) if isinstance(v, np.ndarray) else v for n, v in entry.items()}
            self._whole.state[p] = arrays
        full = self._whole.state_dict()
        self._whole.state.clear()
        return full

    def state_dict(self) -> dict[str, Any]:
        """The state that `consolidate_state_dict` has gathered here since the last step."""
        if self._full is None and self._size == 1:
            self.consolidate_state_dict()
        if self._full is None:
            raise StateError(
                "ZeroRedundancyOptimizer: each process has a part of the state; let all of them "
                f"call consolidate_state_dict(to={self._rank}) first, after the last step"
            )
        return self._full

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the whole state, of which each process keeps its part: all call this.

        It may be of any number of processes, or of the optimizer in one.
        """
        self._whole.load_state_dict(state_dict)
        parts: dict[Tensor, dict[str, Any]] = {}
        for p in self._shards:
            entry = self._whole.state.get(p, {})
            parts[p] = {
                name: taken(np.array(self._part(p, raw(value))))
                if isinstance(value, Tensor) and value.shape == p.shape
                else value
                for name, value in entry.items()
            }
        self._whole.state.clear()
        self._take_over({p: entry for p, entry in parts.items() if entry})
        self._full = None
