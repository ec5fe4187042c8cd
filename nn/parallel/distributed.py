"""DistributedDataParallel: one model, trained by several processes on parts of each batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from autograd.distributed.checks import member
from autograd.distributed.groups import ProcessGroup
from autograd.engine.modes import capturing, is_grad_enabled
from autograd.errors import ArgumentError, ArgumentTypeError, StateError
from autograd.kernels.shares import Share, share_here, sharing
from nn.module.module import Module
from nn.parallel.buckets import GradBucket
from nn.parallel.checks import check_alike, check_frozen
from nn.parallel.reducer import Reducer
from nn.parallel.sending import send_now, send_traced
from nn.parallel.tensor_parallel import check_no_parts
from nn.parallel.uneven import Join, Uneven

MB = 1 << 20


class DistributedDataParallel(Module):
    """A module whose gradients are averaged over all processes, while backward goes on.

    `module` is the model, and stays within reach under that name. Parameters and buffers are those
    of the first process from the start; buffers are sent anew before each forward pass of
    training, unless `broadcast_buffers` is off. Gradients lie in buckets of `bucket_cap_mb`
    megabytes, in the order in which backward comes to them; each is on its way as soon as it is
    full. With a loss that is a mean over the process' part of the batch, and parts of one size, the
    gradients are those of the whole batch.

    `process_group` are the processes that take part. A parameter that gets no gradient raises
    StateError, by name, unless `find_unused_parameters`, and so does one that was frozen when this
    was made and is no longer; NaN raises NaNError with the rank that
    brings it, unless `check_nan` is off. `device_ids` and `output_device` are None here;
    `init_sync`, `gradient_as_bucket_view` and `static_graph` are taken as PyTorch's programs have
    them, and change nothing.

    >>> import autograd as ag
    >>> import autograd.distributed as dist
    >>> import nn
    >>> dist.init_process_group()
    >>> model = nn.parallel.DistributedDataParallel(nn.Linear(3, 1))
    >>> model(ag.ones(2, 3)).sum().backward()
    >>> [name for name, p in model.named_parameters() if p.grad is not None]
    ['module.weight', 'module.bias']
    >>> dist.destroy_process_group()
    """

    def __init__(
        self,
        module: Module,
        device_ids: Sequence[int] | None = None,
        output_device: int | None = None,
        *,
        broadcast_buffers: bool = True,
        init_sync: bool = True,
        process_group: ProcessGroup | None = None,
        bucket_cap_mb: float | None = None,
        find_unused_parameters: bool = False,
        gradient_as_bucket_view: bool = False,
        static_graph: bool = False,
        check_nan: bool = True,
    ) -> None:
        super().__init__()
        if device_ids is not None or output_device is not None:
            raise ArgumentError(
                "DistributedDataParallel: there are no devices here: leave device_ids and "
                "output_device out"
            )
        most = 25 if bucket_cap_mb is None else bucket_cap_mb
        if not most > 0:
            raise ArgumentError(
                f"DistributedDataParallel: bucket_cap_mb is above 0, not {bucket_cap_mb}"
            )
        self.module = module
        self.process_group = member(process_group, "DistributedDataParallel")
        self.broadcast_buffers = broadcast_buffers
        self.find_unused_parameters = find_unused_parameters
        named = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
        if not named:
            raise ArgumentError(
                "DistributedDataParallel: the module has no parameter that requires grad, and "
                "nothing to average; use the module itself"
            )
        self._reducer = Reducer(named, self.process_group, most * MB, check_nan)
        self._reducer.finds_unused = find_unused_parameters
        self._frozen = [(n, p) for n, p in module.named_parameters() if not p.requires_grad]
        self._uneven: Uneven | None = None
        if self.process_group.size > 1:
            check_no_parts(module, self.process_group, "DistributedDataParallel")
            check_alike([*module.named_parameters()], [*module.named_buffers()], self.process_group)
            self._send([*module.parameters(), *module.buffers()])

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module gives, in the hope of a backward pass."""
        if self._reducer.is_content:
            return self.module(*args, **kwargs)
        if is_grad_enabled():
            check_frozen(self._frozen, self.process_group)
            self._reducer.listen_to_parameters()
            syncs, first = self._reducer.is_on, 0
            sends = self.training and self.broadcast_buffers and syncs
            if self._uneven is not None:
                first, _ = self._uneven.goes_on(self, syncs, sends)
            if sends:
                self._send_buffers(first)
        with sharing(self._share(args, kwargs)):
            return self.module(*args, **kwargs)

    def _share(self, args: Any, kwargs: Any) -> Share | None:
        """Which samples of what all processes get this one has: those of a DistributedSampler.

        So dropout falls on the places that it falls on in one process with all of them.
        """
        group, share = self.process_group, share_here()
        if share is not None or group.size == 1 or not self.training:
            return share
        found = (a for a in (*args, *kwargs.values()) if getattr(a, "ndim", 0))
        first: Any = next(found, None)
        return None if first is None else Share.of(group.rank, group.size, len(first) * group.size)

    def _send_buffers(self, first: int) -> None:
        if self.process_group.size > 1 and (buffers := [*self.module.buffers()]):
            self._send(buffers, first)

    def _send(self, tensors: Sequence[Any], first: int = 0) -> None:
        """Let all processes have the numbers of one."""
        send = send_traced if capturing() else send_now
        send(tensors, self.process_group, first)

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """A block whose backward passes add to the gradients of this process alone.

        The first one after it averages all that has been added up.
        """
        before, self._reducer.is_on = self._reducer.is_on, False
        try:
            yield
        finally:
            self._reducer.is_on = before

    def join(
        self,
        divide_by_initial_world_size: bool = True,
        enable: bool = True,
        throw_on_early_termination: bool = False,
    ) -> Join:
        """A block in which processes may have more batches than others: `Join` of this model alone.

        An optimizer that sends, such as a ZeroRedundancyOptimizer, is to be in the block too: write
        `nn.parallel.Join([model, optimizer])`.
        """
        return Join(
            [self],
            enable,
            throw_on_early_termination,
            divide_by_initial_world_size=divide_by_initial_world_size,
        )

    def _go_along(self, first: int, syncs: bool, sends: bool) -> None:
        """Take part in a pass of those that still have batches."""
        if sends:
            self._send_buffers(first)
        if syncs:
            self._reducer.follow()

    def _settle(self, last: int) -> None:
        self._send([*self.module.parameters(), *self.module.buffers()], last)

    def _divide_by(self, share: float) -> None:
        self._reducer.share = share

    def register_comm_hook(self, state: Any, hook: Callable[[Any, GradBucket], Any]) -> None:
        """Let `hook(state, bucket)` average a bucket, instead of the sum over all processes.

        It gives a Work whose `result()` is the average, or the average itself, as a Tensor or an
        array.
        """
        if not callable(hook):
            raise ArgumentTypeError(
                f"register_comm_hook: hook is a function, not {type(hook).__name__}"
            )
        if self._reducer.hook is not None:
            raise StateError("register_comm_hook: this model has one already")
        self._reducer.hook = lambda bucket: hook(state, bucket)
