"""Collectives in place of one Tensor of each process, as `torch.distributed` has them.

Those of many, of which each process gets or gives its part, stand in parts.py.
"""

from __future__ import annotations

from typing import Any

from autograd.distributed import exchanges
from autograd.distributed.checks import Group, check, described, flat_copy, is_in_graph, member
from autograd.distributed.groups import place_of
from autograd.distributed.in_place import begun, in_graph, write
from autograd.distributed.nn import functional
from autograd.distributed.reductions import ReduceOp, check_dtype
from autograd.distributed.work import Work
from autograd.errors import InPlaceError

__all__ = ["all_reduce", "barrier", "broadcast", "reduce"]


def barrier(group: Group = None, async_op: bool = False) -> Work | None:
    """Wait until all processes of the `group` are here; with `async_op` its handle is returned."""
    mine = member(group, "barrier")
    return begun(mine, "barrier", lambda t, w: exchanges.checked(mine, t, w),  # type: ignore[no-any-return]
                 lambda: None, async_op)  # fmt: skip


def all_reduce(
    tensor: Any, op: Any = ReduceOp.SUM, group: Group = None, async_op: bool = False
) -> Any:
    """Reduce the Tensors of all processes, each of which then holds the result.

    `tensor` is changed, and returned; `op` is a ReduceOp or its name; `group` are the processes
    that take part. With `async_op` a handle is returned, and the Tensor is changed when one waits
    for it. The numbers are joined in the order of the ranks, in half precision by a sum in single.

    >>> import autograd as ag
    >>> import autograd.distributed as dist
    >>> dist.init_process_group()
    >>> dist.all_reduce(ag.Tensor([1.0, 2.0]), op="max")  # of one process
    Tensor([1., 2.], dtype=float32)
    >>> dist.destroy_process_group()
    """
    mine, op = member(group, "all_reduce"), ReduceOp(op)
    if is_in_graph(tensor):
        return in_graph(
            tensor, lambda x: functional.all_reduce(x, op, group), "all_reduce", async_op
        )
    check(tensor, "all_reduce")
    check_dtype("all_reduce", op, tensor.dtype)
    flat = flat_copy(tensor)
    return begun(
        mine,
        described(f"all_reduce({op.value})", tensor),
        lambda text, where: exchanges.all_reduced(mine, flat, op, text, where),
        lambda: write(tensor, flat, "all_reduce"),
        async_op,
    )


def reduce(
    tensor: Any,
    dst: int = 0,
    op: Any = ReduceOp.SUM,
    group: Group = None,
    async_op: bool = False,
) -> Any:
    """Reduce the Tensors of all processes to that of rank `dst`; the others keep theirs.

    The rest is as in `all_reduce`.
    """
    mine, op = member(group, "reduce"), ReduceOp(op)
    root = place_of(mine, dst, "dst", "reduce")
    if is_in_graph(tensor):
        raise InPlaceError(
            f"reduce in place on {tensor._label()}, a result of the graph: write "
            "y = autograd.distributed.nn.reduce(x, dst), or give it x.detach()"
        )
    check(tensor, "reduce", mine.rank == root)
    check_dtype("reduce", op, tensor.dtype)
    flat = flat_copy(tensor)
    return begun(
        mine,
        described(f"reduce({op.value}) to {dst}", tensor),
        lambda text, where: exchanges.all_reduced(mine, flat, op, text, where),
        lambda: write(tensor, flat, "reduce") if mine.rank == root else tensor,
        async_op,
    )


def broadcast(tensor: Any, src: int = 0, group: Group = None, async_op: bool = False) -> Any:
    """Let the Tensors of all processes hold the numbers of that of rank `src`.

    `tensor` has one shape and dtype on all of them; it is returned, or with `async_op` a handle.
    """
    mine = member(group, "broadcast")
    root = place_of(mine, src, "src", "broadcast")
    if is_in_graph(tensor):
        return in_graph(
            tensor, lambda x: functional.broadcast(x, src, group), "broadcast", async_op
        )
    check(tensor, "broadcast", mine.rank != root)
    flat = flat_copy(tensor)
    return begun(
        mine,
        described(f"broadcast from {src}", tensor),
        lambda text, where: exchanges.broadcast(mine, flat, root, text, where),
        lambda: tensor if mine.rank == root else write(tensor, flat, "broadcast"),
        async_op,
    )
