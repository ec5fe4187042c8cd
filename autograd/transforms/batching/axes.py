"""Rules of ops with axes for parameters: each is counted one further."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.transforms.batching.call import Call, do, shape_of

__all__ = ["RULES"]

Rule = Callable[[Call], Any]


def after(axis: Any, rank: int) -> Any:
    """An axis of one example, or several, as one of the batch."""
    if isinstance(axis, (tuple, list)):
        return tuple(after(a, rank) for a in axis)
    return int(axis) % max(rank, 1) + 1


def reduced(call: Call) -> Any:
    """A reduction, which takes several axes; None are all."""
    axis, rank = call.params.get("axis"), call.ndim(0)
    axes = tuple(range(1, rank + 1)) if axis is None else after(axis, rank)
    return call.run(call.inputs[0], axis=axes)


def along(call: Call) -> Any:
    """An op along one axis, which keeps the others."""
    rank = max(call.rank, 1)
    inputs = call.fronts() if len(call.inputs) > 1 else call.inputs
    return call.run(*inputs, axis=after(call.params["axis"], rank))


def along_or_flat(call: Call) -> Any:
    """An op along an axis; without one it is of the elements in one line."""
    if call.params.get("axis") is not None and call.ndim(0):
        return along(call)
    found = call.run(call.flat(0), axis=1)
    if call.params.get("keepdims"):
        return do("reshape", found, shape=(call.size, *(1,) * call.ndim(0)))
    return found


def flipped(call: Call) -> Any:
    axis, rank = call.params.get("axis"), call.ndim(0)
    return call.run(
        call.inputs[0], axis=tuple(range(1, rank + 1)) if axis is None else after(axis, rank)
    )


def rolled(call: Call) -> Any:
    """Without an axis the elements move in one line."""
    x, axis = call.inputs[0], call.params.get("axis")
    if axis is not None:
        return call.run(x, axis=after(axis, call.ndim(0)))
    shift = call.params["shift"]
    shift = sum(shift) if isinstance(shift, (tuple, list)) else shift
    moved = call.run(call.flat(0), shift=shift, axis=1)
    return do("reshape", moved, shape=np.shape(x))


def permuted(call: Call) -> Any:
    rank, axes = call.ndim(0), call.params.get("axes")
    order = range(rank)[::-1] if axes is None else axes
    return call.run(call.inputs[0], axes=(0, *(after(a, rank) for a in order)))


def of_axes(*names: str) -> Rule:
    """An op whose parameters of these names are axes of its input."""

    def rule(call: Call) -> Any:
        rank = call.ndim(0)
        return call.run(call.inputs[0], **{n: after(call.params[n], rank) for n in names})

    return rule


def of_result(*names: str) -> Rule:
    """An op whose parameters of these names are axes of its result, of `shape`."""

    def rule(call: Call) -> Any:
        rank = len(call.params["shape"])
        moved = {n: after(call.params[n], rank) for n in names}
        return call.run(call.inputs[0], shape=(call.size, *call.params["shape"]), **moved)

    return rule


def joined(call: Call) -> Any:
    axis, count = call.params["axis"], len(call.inputs)
    if axis is None:
        return call.run(*[call.flat(k) for k in range(count)], axis=1)
    return call.run(*call.fronts(), axis=after(axis, call.ndim(0)))


def piled(call: Call) -> Any:
    return call.run(*call.fronts(), axis=after(call.params["axis"], call.ndim(0) + 1))


def expanded(call: Call) -> Any:
    axis = call.params["axis"]
    more = len(axis) if isinstance(axis, (tuple, list)) else 1
    return call.run(call.inputs[0], axis=after(axis, call.ndim(0) + more))


def reshaped(call: Call) -> Any:
    shape = as_tuple(call.params["shape"])
    if -1 in shape:  # which does not follow from no example
        shape = np.reshape(np.broadcast_to(0, call.shape(0)), shape).shape
    return call.run(call.inputs[0], shape=(call.size, *shape))


def squeezed(call: Call) -> Any:
    axis = call.params.get("axis")
    ones = [k for k, length in enumerate(call.shape(0)) if length == 1] if axis is None else axis
    return call.run(call.inputs[0], axis=after(as_tuple(ones), call.ndim(0)))


def as_tuple(lengths: Any) -> tuple[int, ...]:
    return tuple(lengths) if isinstance(lengths, (tuple, list)) else (int(lengths),)


def broadcast(call: Call) -> Any:
    shape = as_tuple(call.params["shape"])
    return call.run(call.lifted(0, len(shape)), shape=(call.size, *shape))


def padded(call: Call) -> Any:
    return call.run(call.inputs[0], pad_width=((0, 0), *map(tuple, call.params["pad_width"])))


def pointwise(call: Call) -> Any:
    """An op of each element by itself."""
    ranks = [len(shape_of(x)) - b for x, b in zip(call.inputs, call.batched, strict=True)]
    rank, inputs = max(ranks), call.inputs
    for own, is_batched in zip(ranks, call.batched, strict=True):
        if is_batched and own < rank:
            inputs = [call.lifted(k, rank) for k in range(len(inputs))]
            break
    return call.run(*inputs)


def alike(call: Call) -> Any:
    """The same values: an array need not be copied, a Tensor has a node of its own."""
    x = call.inputs[0]
    return x if type(x) is np.ndarray else call.run(x)


def of_matrices(call: Call) -> Any:
    """An op of the last axes, which runs over all before them."""
    return call.run(*call.fronts()) if call.rank > 1 else NotImplemented


def of_triangles(call: Call) -> Any:
    """Of a vector it is the triangle of as many such rows."""
    if call.rank > 1:
        return call.run(call.inputs[0])
    count = call.shape(0)[0]
    rows = do("reshape", call.inputs[0], shape=(call.size, 1, count))
    return call.run(do("broadcast_to", rows, shape=(call.size, count, count)))


def merged(call: Call) -> Any:
    """An op that takes each row of its inputs by itself: all rows of all examples as one."""
    rows = [np.prod(call.shape(k)[:1], dtype=int) for k in range(len(call.inputs))]
    if not all(call.ndim(k) for k in range(len(call.inputs))) or len({*rows}) > 1:
        return NotImplemented
    flat = [
        do("reshape", x, shape=(call.size * rows[0], *call.shape(k)[1:]))
        for k, x in enumerate(call.fronts())
    ]
    return apart(call.run(*flat), call.size, int(rows[0]))


def apart(found: Any, size: int, rows: int) -> Any:
    """Rows of all examples as those of each: so many, where there is no example."""
    if isinstance(found, (tuple, list)):
        return tuple(apart(part, size, rows) for part in found)
    shape = np.shape(found)
    return do("reshape", found, shape=(size, shape[0] // size if size else rows, *shape[1:]))


def many(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


RULES: dict[str, Rule] = {
    **many("sum mean prod max min logsumexp all any count_nonzero nanmax nanmin var std "
           "vector_norm", reduced),
    **many("cumsum cumprod logcumsumexp cummax cummin argmax argmin", along_or_flat),
    **many("transform transform_back shift linear_recurrence softmax log_softmax sort argsort "
           "ranked topk unstack split resample", along),
    **many("flip", flipped),
    **many("reshape", reshaped),
    **many("squeeze", squeezed),
    **many("positive", alike),
    **many("roll", rolled),
    **many("permute_dims", permuted),
    **many("swapaxes diagonal trace", of_axes("axis1", "axis2")),
    **many("put_diagonal", of_result("axis1", "axis2")),
    **many("moveaxis", of_axes("source", "destination")),
    **many("rot90", of_axes("axes")),
    **many("expand_dims", expanded),
    **many("concat", joined),
    **many("stack", piled),
    **many("broadcast_to", broadcast),
    **many("zero_pad", padded),
    **many("bitwise_and bitwise_or bitwise_xor bitwise_invert bitwise_left_shift "
           "bitwise_right_shift bitwise_count equal not_equal less less_equal greater "
           "greater_equal logical_and logical_or logical_xor logical_not isnan isinf isfinite "
           "isposinf isneginf isclose modf frexp signbit nextafter spacing masked_fill bounded_log "
           "huber cross vecdot gcd lcm isreal iscomplex ravel_multi_index", pointwise),
    **many("tril triu", of_triangles),
    **many("matrix_transpose inv pinv cholesky qr eigh cofactor cofactor_slope det "
           "slogdet expm svd eig matrix_rank lu pivots_of", of_matrices),
}  # fmt: skip
