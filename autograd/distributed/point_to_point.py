"""Messages from one process to one other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.distributed.checks import Group, check, described, flat_copy, member
from autograd.distributed.exchanges import as_bytes
from autograd.distributed.groups import ProcessGroup, place_of
from autograd.distributed.in_place import write
from autograd.distributed.work import Stages, Work
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError, shown

__all__ = ["P2POp", "batch_isend_irecv", "irecv", "isend", "recv", "send"]

KIND = 128  # bytes that say what comes


def _partner(group: ProcessGroup, rank: Any, name: str, function: str) -> int:
    place = place_of(group, rank, name, function)
    if place == group.rank:
        raise ArgumentError(f"{function}: {name} is {rank}, which is this process itself")
    return place


def _kind(tensor: Any) -> Any:
    kind = np.zeros(KIND, np.uint8)
    said = described("", tensor)[4:].encode()[:KIND]
    kind[: len(said)] = np.frombuffer(said, np.uint8)
    return kind


def _sent(flat: Any, kind: Any, target: int, tag: int) -> Stages:
    rest: list[Any] = []

    def both(comm: Any) -> Any:  # one behind the other, so that this process may go on at once
        first = comm.Isend(kind, target, tag)
        rest.append(comm.Isend(as_bytes(flat), target, tag) if flat.size else first)
        return first

    yield both
    yield lambda comm: rest[0]


def _received(
    group: ProcessGroup, flat: Any, kind: Any, source: int | None, tag: int, found: list[int]
) -> Stages:
    came = np.empty(KIND, np.uint8)
    used: list[Any] = []

    def first(comm: Any) -> Any:
        used.append(comm)
        return comm.Irecv(came, group.MPI.ANY_SOURCE if source is None else source, tag)

    status = yield first
    found.append(status.source if source is None else source)
    if (came != kind).any():
        said, own = (k.tobytes().rstrip(b"\0").decode() for k in (came, kind))
        raise ShapeError(
            f"recv: rank {group.ranks[found[0]]} sends {said}, and the Tensor here is {own}"
        )
    if flat.size:
        yield lambda _: used[0].Irecv(as_bytes(flat), found[0], tag)  # behind the first


def isend(tensor: Any, dst: int, group: Group = None, tag: int = 0) -> Work:
    """Begin to send the numbers of a Tensor to rank `dst`; what is returned has `wait()`.

    `tag` tells messages between two processes apart.
    """
    mine = member(group, "isend")
    target = _partner(mine, dst, "dst", "isend")
    check(tensor, "isend", False)
    flat, kind = flat_copy(tensor), _kind(tensor)
    what = f"{described('send', tensor)} to {dst}"
    return mine.run(what, _sent(flat, kind, target, tag), in_order=False)


def irecv(tensor: Any, src: int | None = None, group: Group = None, tag: int = 0) -> Work:
    """Begin to receive the numbers of a Tensor from rank `src`, or from anyone.

    What is returned has `wait()`, after which `tensor` is changed, and `result()`, the rank that
    has sent it.
    """
    mine = member(group, "irecv")
    source = None if src is None else _partner(mine, src, "src", "irecv")
    check(tensor, "irecv")
    flat, kind, found = np.empty(tensor.size, tensor.dtype), _kind(tensor), list[int]()
    if mine.size == 1:
        raise ArgumentError("irecv: a process alone gets no messages")
    by = "anyone" if src is None else f"rank {src}"
    what = f"{described('recv', tensor)} from {by}"

    def finish() -> int:
        write(tensor, flat, "recv")
        return mine.ranks[found[0]]

    stages = _received(mine, flat, kind, source, tag, found)
    return mine.run(what, stages, finish, in_order=False)


def send(tensor: Any, dst: int, group: Group = None, tag: int = 0) -> None:
    """Send the numbers of a Tensor to rank `dst`, which calls `recv` with a Tensor like it.

    `tag` tells messages between two processes apart.
    """
    isend(tensor, dst, group, tag).wait()


def recv(tensor: Any, src: int | None = None, group: Group = None, tag: int = 0) -> int:
    """Receive the numbers of a Tensor, which is changed, from rank `src`, or from anyone.

    Returns the rank that has sent it. Raises ShapeError for a message of another shape or dtype.
    """
    found: int = irecv(tensor, src, group, tag).result()
    return found


class P2POp:
    """A message that `batch_isend_irecv` begins: `op` is `isend` or `irecv`.

    The others are that function's arguments: the Tensor, the rank `peer` that gets or gives it,
    the `group` and the `tag`.
    """

    def __init__(
        self, op: Any, tensor: Any, peer: int | None = None, group: Group = None, tag: int = 0
    ) -> None:
        if op not in (isend, irecv):
            raise ArgumentError(
                "P2POp: op is the function autograd.distributed.isend or irecv, not "
                f"{getattr(op, '__name__', None) or shown(op)}"
            )
        if op is isend and peer is None:
            raise ArgumentError("P2POp: peer is the rank that gets what isend sends")
        self.op, self.tensor, self.peer, self.group, self.tag = op, tensor, peer, group, tag

    def __repr__(self) -> str:
        return f"P2POp({self.op.__name__}, {described('Tensor', self.tensor)}, peer={self.peer})"


def batch_isend_irecv(p2p_op_list: Sequence[P2POp]) -> list[Work]:
    """Begin messages to and from several processes, in whatever order; each has its handle.

    What two processes send each other at once so waits for nobody. All are begun, those that
    receive first, before one is waited for.
    """
    given = [p2p_op_list] if isinstance(p2p_op_list, P2POp) else [*p2p_op_list]
    for place, message in enumerate(given):
        if not isinstance(message, P2POp):
            raise ArgumentTypeError(
                f"batch_isend_irecv: p2p_op_list[{place}] is a P2POp, not {shown(message)}"
            )
    if not given:
        raise ArgumentError("batch_isend_irecv: p2p_op_list has no message")
    begun = {
        place: m.op(m.tensor, m.peer, m.group, m.tag)
        for place, m in sorted(enumerate(given), key=lambda entry: entry[1].op is isend)
    }
    return [begun[place] for place in range(len(given))]
