"""ZeroRedundancyOptimizer: any optimizer, whose state is shared out among the processes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor, enable_grad
from autograd.engine.modes import captures
from autograd.engine.trail import step_capture
from autograd.errors import ArgumentError, ArgumentTypeError, StateError
from autograd.extend import raw
from autograd.tensors.tensor import taken
from optim.base.checks import Params
from optim.base.entries import copied
from optim.base.shards import Shards
from optim.optimizer import Optimizer
from optim.shaped import ShapedOptimizer


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
        self._shards = Shards(self._all_params(), self.process_group, self._by_parts)
        parts = self._shards.of
        groups = [
            {**group, "params": [parts[p] for p in group["params"] if p in parts]}
            for group in self.param_groups
        ]
        self._numbers_of_groups = [n for n, group in enumerate(groups) if group["params"]]
        groups = [group for group in groups if group["params"]]
        self.optim: Optimizer | None = None
        if groups:
            self.optim = type(self._whole)(groups, **self._options)

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
        buckets = [*self._shards.buckets(self._all_params())]
        for params in buckets:
            self._shards.take(params, self.averages, self._share)
        if self.optim is not None:
            for number, group in zip(self._numbers_of_groups, self.optim.param_groups, strict=True):
                ours = self.param_groups[number]
                group.update({name: v for name, v in ours.items() if name != "params"})
            self.optim.step()
        for params in buckets:
            self._shards.send(params)
        for shard in self._shards.of.values():
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

        params, source = [*self._all_params()], self._shards.rank_of(first)
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

    # ---- state ---------------------------------------------------------------------------------

    def _local_state(self) -> dict[Tensor, dict[str, Any]]:
        """What is kept here of the state of each parameter."""
        if self.optim is None:
            return {}
        found = {p: self.optim.state.get(s) for p, s in self._shards.of.items()}
        return {p: copied(entry) for p, entry in found.items() if entry}

    def _take_over(self, state: Mapping[Tensor, dict[str, Any]]) -> None:
        if self.optim is not None:
            parts = self._shards.of
            kept = {parts[p]: entry for p, entry in state.items() if p in parts}
            self.optim.state = defaultdict(dict, kept)
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
        if self._shards.size > 1:
            every = [None] * self._shards.size
            distributed.all_gather_object(every, local, self.process_group)
        if self._shards.rank == to:
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
        if self._full is None and self._shards.size == 1:
            self.consolidate_state_dict()
        if self._full is None:
            raise StateError(
                "ZeroRedundancyOptimizer: each process has a part of the state; let all of them "
                f"call consolidate_state_dict(to={self._shards.rank}) first, after the last step"
            )
        return self._full

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the whole state, of which each process keeps its part: all call this.

        It may be of any number of processes, or of the optimizer in one.
        """
        self._whole.load_state_dict(state_dict)
        parts: dict[Tensor, dict[str, Any]] = {}
        for p in self._shards.of:
            entry = self._whole.state.get(p, {})
            parts[p] = {
                name: taken(np.array(self._shards.part(p, raw(value))))
                if isinstance(value, Tensor) and value.shape == p.shape
                else value
                for name, value in entry.items()
            }
        self._whole.state.clear()
        self._take_over({p: entry for p, entry in parts.items() if entry})
        self._full = None
