"""Groups of processes, and the one that all are in: who they are, and how long one waits."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.distributed import mpi
from autograd.distributed.exchanges import checked
from autograd.distributed.reductions import ReduceOp
from autograd.distributed.told import check_told, default_timeout, seconds
from autograd.distributed.watchdog import Watchdog
from autograd.distributed.work import Line, Stages, Work
from autograd.engine.callers import caller
from autograd.errors import ArgumentError, ArgumentTypeError, DistributedError, StateError

__all__ = [
    "ProcessGroup", "begin", "destroy_process_group", "get_backend", "get_process_group_ranks",
    "get_rank", "get_world_size", "group_of", "init_process_group", "is_available",
    "is_initialized", "new_group", "place_of",
]  # fmt: skip

STAGES = 4  # communicators, one for each stage of a collective
CROWDED = 1e-4  # seconds of waiting with open eyes where processes share cores


def _is_crowded(count: int) -> bool:
    """Whether this machine has more processes than cores: who waits shall let the others run."""
    said = os.environ.get("OMPI_COMM_WORLD_LOCAL_SIZE", "")
    return (int(said) if said.isdecimal() else count) > (os.cpu_count() or 1)


class ProcessGroup(Line):
    """Some of the processes: `new_group` makes one, and `init_process_group` that of all.

    `ranks` are their ranks among all, `rank` is this one's among them (-1: it is none of them) and
    `size` how many they are.
    """

    def __init__(
        self,
        comm: Any,
        ranks: tuple[int, ...],
        rank: int,
        watchdog: Watchdog | None,
        timeout: float,
        deterministic: bool,
    ) -> None:
        self.ranks, self.rank, self.size = ranks, rank, len(ranks)
        self.deterministic, self.timeout = deterministic, timeout
        self.MPI: Any = None if comm is None else mpi.load()
        self.watchdog = watchdog
        with mpi.LOCK:
            super().__init__([] if comm is None else [comm.Dup() for _ in range(STAGES)])
        if _is_crowded(len(ranks)):
            self.spin = CROWDED
        if watchdog is not None and comm is not None:
            watchdog.lines.append(self)

    def run(self, what: str, stages: Stages, finish: Any = None, in_order: bool = True) -> Work:
        """Begin a collective, or, not `in_order`, a message from one to one."""
        what = f"{what} at {caller() or '?'}"
        if self.size == 1:
            work = Work(None, what, stages, finish)
            for _ in stages:
                raise StateError(f"{what}: one process alone has no messages")
            return work
        return self.begin(Work(self, what, stages, finish), in_order)

    def meet(self, text: str) -> None:
        """Wait until all are here, who do the same."""
        where = caller() or "?"
        self.run(text, checked(self, text, where)).wait()

    def native(self, op: ReduceOp, dtype: np.dtype[Any]) -> Any:
        """MPI's operation and type for a reduction; None where it has none."""
        kind = _MPI_NAMES.get(op)
        if kind is None or dtype.kind not in "iufc" or dtype.itemsize == 2:
            return None
        return getattr(self.MPI, kind), self.MPI._typedict[dtype.char]

    def new_status(self) -> Any:
        return self.MPI.Status()

    def deadline(self, timeout: Any) -> float:
        return self.timeout if timeout is None else seconds(timeout)

    def is_hopeless(self) -> bool:
        return self.watchdog is not None and self.watchdog.is_hopeless(self.ranks)

    def late(self, work: Work, waited: float) -> None:
        assert self.watchdog is not None
        raise DistributedError(self.watchdog.report(self, work, waited))

    def __deepcopy__(self, memo: Any) -> ProcessGroup:
        return self  # these processes, and no others

    def __reduce__(self) -> Any:
        raise StateError(
            "a group of processes is no data, and cannot be pickled: save state_dict(), or the "
            "module of a DistributedDataParallel"
        )

    def __repr__(self) -> str:
        return f"<ProcessGroup of ranks {', '.join(map(str, self.ranks))}>"


_MPI_NAMES = {op: op.name for op in (ReduceOp.SUM, ReduceOp.BAND, ReduceOp.BOR, ReduceOp.BXOR)}
_MPI_NAMES |= {ReduceOp.AVG: "SUM", ReduceOp.PRODUCT: "PROD"}
_world: ProcessGroup | None = None
_is_told = False  # whether the program itself has begun it


def init_process_group(
    backend: str | None = None,
    init_method: str | None = None,
    timeout: Any = None,
    world_size: int = -1,
    rank: int = -1,
    *,
    deterministic: bool = True,
) -> None:
    """Meet the other processes that `mpiexec` has started, if it has; the first thing to call.

    `backend` is "mpi" or None; `init_method` has no meaning beside MPI. `timeout`, seconds or a
    timedelta, is how long one waits for the others before the watchdog says who waits for what
    (CHAINGRAD_TIMEOUT sets it for a run; else 300 s). `world_size` and `rank` are what MPI knows,
    and are checked against it where given. With `deterministic` all reductions go by the order of
    ranks; without it MPI chooses the order, in fewer messages among many machines.

    Raises MissingPackageError without mpi4py or its library where there are several processes, and
    DistributedError where they do not find each other.

    >>> import autograd.distributed as dist
    >>> dist.init_process_group()
    >>> dist.get_rank(), dist.get_world_size()
    (0, 1)
    >>> dist.destroy_process_group()
    """
    global _world, _is_told
    if _world is not None and _is_told:
        raise StateError(
            "init_process_group was called before; destroy_process_group() ends what it began"
        )
    if backend not in (None, "mpi"):
        raise ArgumentError(
            f"init_process_group: processes speak over MPI here, and backend is 'mpi', or left "
            f"out, not {backend!r:.40}"
        )
    wait = default_timeout() if timeout is None else seconds(timeout)
    comm = mpi.world()
    size, me = (1, 0) if comm is None else (comm.Get_size(), comm.Get_rank())
    check_told(size, me, world_size, rank)
    _is_told = True
    if _world is not None:  # `fit` has begun it
        _world.timeout, _world.deterministic = wait, deterministic
        return
    watchdog = None if comm is None else Watchdog(comm.Dup(), me)
    _world = ProcessGroup(comm, tuple(range(size)), me, watchdog, wait, deterministic)
    if watchdog is not None:
        watchdog.start()
        atexit.register(_at_end)


def begin() -> None:
    """Meet the others for a program that has not said how, and may say so later."""
    global _is_told
    init_process_group()
    _is_told = False


def _at_end() -> None:
    """At the end of the program: answer the others until they are there too."""
    if _world is not None and _world.watchdog is not None:
        _world.watchdog.end()


def destroy_process_group(group: ProcessGroup | None = None) -> None:
    """Leave the group of all, or forget one that `new_group` made; all its processes do so.

    While an error is on its way, in a `finally` or `except`, it does nothing: the others do not
    come here, and are to learn of the error itself.
    """
    global _world
    mine = group_of(group, "destroy_process_group")
    if mine.size > 1 and sys.exc_info()[1] is not None:
        return
    if mine.watchdog is not None:
        if mine.rank >= 0 and mine.size > 1:
            mine.meet("destroy_process_group")
        mine.watchdog.lines = [line for line in mine.watchdog.lines if line is not mine]
        if mine is _world:
            mine.watchdog.end()
            atexit.unregister(_at_end)
    if mine is _world:
        _world = None


def is_available() -> bool:
    """Whether several processes could be used: whether mpi4py is here.

    A program of one process needs none.
    """
    from importlib.util import find_spec

    return find_spec("mpi4py") is not None


def is_initialized() -> bool:
    """Whether `init_process_group` has been called.

    >>> import autograd.distributed as dist
    >>> dist.is_initialized()
    False
    """
    return _world is not None


def group_of(group: ProcessGroup | None, function: str) -> ProcessGroup:
    """The group that is meant: that of all where none is told."""
    if _world is None:
        raise StateError(
            f"{function}: there is no group of processes yet: call "
            "autograd.distributed.init_process_group() first, in a program of one process too"
        )
    if group is not None and not isinstance(group, ProcessGroup):
        raise ArgumentTypeError(
            f"{function}: group is what new_group() gives, or None for all processes, not "
            f"{type(group).__name__}"
        )
    return _world if group is None else group


def place_of(group: ProcessGroup, rank: Any, name: str, function: str) -> int:
    """The place in a group of a process that is told by its rank among all."""
    if rank not in group.ranks:
        raise ArgumentError(
            f"{function}: {name} is {rank}, and the ranks of the group are "
            f"{', '.join(map(str, group.ranks))}"
        )
    return group.ranks.index(int(rank))


def get_rank(group: ProcessGroup | None = None) -> int:
    """Which of the processes of a group this is, from 0; -1 where it is none of them."""
    return group_of(group, "get_rank").rank


def get_world_size(group: ProcessGroup | None = None) -> int:
    """How many processes a group has; -1 where this is none of them."""
    mine = group_of(group, "get_world_size")
    return mine.size if mine.rank >= 0 else -1


def get_process_group_ranks(group: ProcessGroup | None = None) -> list[int]:
    """The ranks, among all, of the processes of a group."""
    return [*group_of(group, "get_process_group_ranks").ranks]


def get_backend(group: ProcessGroup | None = None) -> str:
    """What the processes speak over: "mpi"."""
    group_of(group, "get_backend")
    return "mpi"


def new_group(ranks: Sequence[int] | None = None, timeout: Any = None) -> ProcessGroup:
    """A group of some of the processes; all processes call it, also those that are not in it.

    `ranks` are those of its processes (None: all of them), in whatever order; in the group they are
    numbered from the lowest. `timeout` is as that of `init_process_group`.

    >>> import autograd.distributed as dist
    >>> dist.init_process_group()
    >>> dist.new_group([0])
    <ProcessGroup of ranks 0>
    >>> dist.destroy_process_group()
    """
    world = group_of(None, "new_group")
    mine = world.ranks if ranks is None else tuple(sorted(ranks))
    for rank in mine:
        place_of(world, rank, "each of ranks", "new_group")
    if not mine or len(set(mine)) < len(mine):
        raise ArgumentError(f"new_group: ranks are one or more, each once, not {list(mine)}")
    wait = world.timeout if timeout is None else seconds(timeout)
    if world.size == 1:
        return ProcessGroup(None, mine, 0, None, wait, world.deterministic)
    world.meet(f"new_group of ranks {', '.join(map(str, mine))}")
    is_in = world.rank in mine
    with mpi.LOCK:
        comm = world.comms[0].Split(0 if is_in else world.MPI.UNDEFINED, world.rank)
    me = mine.index(world.rank) if is_in else -1
    alone = len(mine) == 1 or not is_in
    group = ProcessGroup(
        None if alone else comm, mine, me, None if alone else world.watchdog, wait,
        world.deterministic,
    )  # fmt: skip
    return group
