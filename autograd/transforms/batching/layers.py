"""Rules of the ops of layers: examples join the batch, or the groups where weights differ too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.transforms.batching.axes import after, apart, merged, of_matrices
from autograd.transforms.batching.batch import Batch
from autograd.transforms.batching.call import Call, do, ndim, shape_of
from autograd.transforms.batching.products import filled as _filled

__all__ = ["RULES"]


def _joined(x: Any, axis: int) -> Any:
    """A batch whose examples are a part of another axis of theirs."""
    x = do("moveaxis", x, source=0, destination=axis) if axis else x
    shape = shape_of(x)
    return do(
        "reshape", x, shape=(*shape[:axis], shape[axis] * shape[axis + 1], *shape[axis + 2 :])
    )


def _split(x: Any, size: int, axis: int) -> Any:
    """The other way: the examples come first again."""
    shape = shape_of(x)
    x = do("reshape", x, shape=(*shape[:axis], size, shape[axis] // size, *shape[axis + 1 :]))
    return do("moveaxis", x, source=axis, destination=0) if axis else x


def of_convolution(call: Call) -> Any:
    x, weight, bias = (*call.inputs, None)[:3]
    batched_bias = len(call.batched) > 2 and call.batched[2]
    if not call.batched[1] and not batched_bias:
        return _split(call.run(_joined(x, 0), weight, bias), call.size, 0)
    groups = call.params["groups"] * call.size
    found = call.run(_joined(call.front(0), 1), _joined(call.front(1), 0), groups=groups)
    found = _split(found, call.size, 1)
    if bias is None:
        return found
    lead = (call.size, 1) if batched_bias else (1, 1)
    shape = (*lead, -1, *(1,) * (ndim(found) - 3))
    return do("add", found, do("reshape", bias, shape=shape))


def of_transposed(call: Call) -> Any:
    y, weight = call.inputs
    if not call.batched[1]:
        return _split(call.run(_joined(y, 0), weight), call.size, 0)
    groups = call.params["groups"] * call.size
    found = call.run(_joined(call.front(0), 1), _joined(call.front(1), 0), groups=groups)
    return _split(found, call.size, 1)


def of_weight(call: Call) -> Any:
    groups = call.params["groups"] * call.size
    found = call.run(_joined(call.front(0), 1), _joined(call.front(1), 1), groups=groups)
    return _split(found, call.size, 0)


def _of_channels(call: Call, k: int) -> bool:
    """Whether axes of an input are all but its channels; if not, they are its last."""
    return call.ndim(k) > 1 and [*call.params["axes"]] == [0, *range(2, call.ndim(k))]


def of_standardize(call: Call) -> Any:
    """Rows have statistics of their own, and so have the channels of each example."""
    if _of_channels(call, 0):
        weights = [_in_line(call.front(k)) for k in range(1, len(call.inputs))]
        return tuple(_split(y, call.size, 1) for y in call.run(_joined(call.front(0), 1), *weights))
    axes = after(call.params["axes"], call.ndim(0))
    if not any(call.batched[1:]):
        return call.run(*call.inputs, axes=axes)
    y, mean, var = call.run(call.front(0), None, None, axes=axes)  # weights of each example
    weight, bias = (call.lifted(k, call.ndim(0)) for k in (1, 2))
    return do("add", do("multiply", y, weight), bias), mean, var


def _in_line(x: Any) -> Any:
    """The channels of all examples, one after the other."""
    return x if x is None else do("reshape", x, shape=(-1,))


def of_standardize_pull(call: Call) -> Any:
    of_y, of_mean, of_var, x, weight, mean, inverse = call.fronts()
    if _of_channels(call, 3):
        parts = [_joined(v, 1) for v in (of_y, of_mean, of_var, x, mean, inverse)]
        found = call.run(*parts[:4], _in_line(weight), *parts[4:])
        small = [do("reshape", y, shape=(call.size, -1)) for y in found[1:]]
        return (_split(found[0], call.size, 1), *small)
    if call.batched[4]:
        return NotImplemented
    rank, shape = call.ndim(3), call.shape(4)
    axes = after(call.params["axes"], rank)
    pulled, *_ = call.run(of_y, of_mean, of_var, x, call.inputs[4], mean, inverse, axes=axes)
    if weight is None:
        return (pulled,)
    alike = (1,) * (rank - len(shape)) + shape  # where it is 1, weights are the same
    axes = tuple(k + 1 for k, count in enumerate(alike) if count == 1)
    along = do("multiply", do("multiply", do("subtract", x, mean), inverse), of_y)
    sums = [do("sum", y, axis=axes) for y in (along, of_y)]
    return pulled, *(do("reshape", y, shape=(call.size, *shape)) for y in sums)


def of_standardize_by(call: Call) -> Any:
    """As its formula: the op knows channels by their axis."""
    x, mean, inverse, weight, bias = [call.lifted(k) for k in range(len(call.inputs))]
    found = do("multiply", do("subtract", x, mean), inverse)
    found = found if weight is None else do("multiply", found, weight)
    return found if bias is None else do("add", found, bias)


def sequences(count: int) -> Callable[[Call], Any]:
    """A recurrent op: its first inputs are rows, those of the sequences of a step side by side,
    and the examples are more sequences. The weights are the same for all of them.
    """

    def rule(call: Call) -> Any:
        if any(call.batched[count:]) or not call.size:
            return NotImplemented
        sizes, steps = call.params["sizes"], 1 if call.ndim(0) == 3 else 0  # (T, N, F), or rows
        rows = [_beside(call.front(k), 0 if k else steps) for k in range(count)]
        sizes = sizes if sizes is None else tuple(n * call.size for n in sizes)
        found = call.run(*rows, *call.inputs[count:], sizes=sizes)
        return tuple(_one_by_one(y, call.size, steps if ndim(y) > 2 else 0) for y in found)

    return rule


def _beside(x: Any, axis: int) -> Any:
    """The rows of all examples along an axis, the first of each first."""
    x = do("moveaxis", x, source=0, destination=axis + 1)
    shape = shape_of(x)
    rows = shape[axis] * shape[axis + 1]
    return do("reshape", x, shape=(*shape[:axis], rows, *shape[axis + 2 :]))


def _one_by_one(x: Any, size: int, axis: int) -> Any:
    shape = shape_of(x)
    parts = (*shape[:axis], shape[axis] // size, size, *shape[axis + 1 :])
    return do("moveaxis", do("reshape", x, shape=parts), source=axis + 1, destination=0)


def of_cell(call: Call) -> Any:
    """A step of an LSTM, whose rows are sequences."""
    if any(call.batched[3:]):
        return NotImplemented
    rows = [_joined(call.front(k), 0) for k in range(3)]
    return apart(call.run(*rows, *call.inputs[3:]), call.size, call.shape(0)[0])


def of_images(call: Call) -> Any:
    """An op of each image of several."""
    return apart(call.run(_joined(call.front(0), 0)), call.size, call.shape(0)[0])


def of_masked(call: Call) -> Any:
    """Scores, and a mask that broadcasts with them."""
    mask = None if call.inputs[1] is None else call.lifted(1, call.ndim(0))
    return call.run(call.front(0), mask)


def of_windows(call: Call) -> Any:
    """An op of planes with weights of each channel, of which examples have some of their own."""
    if not call.batched[1]:
        more = {"shape": (call.size, *call.params["shape"])} if "shape" in call.params else {}
        return call.run(call.inputs[0], call.inputs[1], **more)
    inner, channels = len(call.params["windows"][0]), call.shape(1)[0]
    if call.ndim(0) != inner + 2 or call.shape(0)[1] != channels:
        return NotImplemented
    weight = do("reshape", call.inputs[1], shape=(-1, *call.shape(1)[1:]))
    more = {}
    if "shape" in call.params:
        count, _, *lengths = call.params["shape"]
        more = {"shape": (count, channels * call.size, *lengths)}
    return _split(call.run(_joined(call.front(0), 1), weight, **more), call.size, 1)


def of_weights(call: Call) -> Any:
    """The other way: what the weights of each channel get."""
    inner = len(call.params["windows"][0])
    if call.ndim(0) != inner + 2:
        return NotImplemented
    return _split(call.run(*[_joined(call.front(k), 1) for k in (0, 1)]), call.size, 0)


def with_shape(call: Call) -> Any:
    """An op of planes, the last axes, whose result has a `shape`."""
    return call.run(*call.fronts(), shape=(call.size, *call.params["shape"]))


def planes(call: Call) -> Any:
    return call.run(*call.fronts())


def of_bands(call: Call) -> Any:
    """A recurrence of sequences, which are the last axis but one."""
    xs = [_joined(x, ndim(x) - 3) for x in call.fronts()]
    return _split(call.run(*xs), call.size, 1)


def _dropped(call: Call, rank: int) -> Any:
    """What weights are multiplied with, as it broadcasts with those of all examples."""
    drop = call.params.get("drop")
    return _filled(drop.value, True, rank) if type(drop) is Batch else drop


def of_attention(call: Call) -> Any:
    rank = max(call.ndim(k) for k in range(3))
    heads = [_filled(call.front(k), True, rank) for k in range(3)]
    mask = call.lifted(3, rank) if len(call.inputs) > 3 and call.inputs[3] is not None else None
    return call.run(*heads, mask, drop=_dropped(call, rank))


def of_attention_pull(call: Call) -> Any:
    """Results have the leading axes of the output's cotangent, whichever of them an input has."""
    rank = call.ndim(0)
    heads = [_filled(call.front(k), True, rank) for k in range(4)]
    mask = call.lifted(4, rank) if len(call.inputs) > 4 and call.inputs[4] is not None else None
    return call.run(*heads, mask, drop=_dropped(call, rank))


RULES: dict[str, Callable[[Call], Any]] = {
    "convolution": of_convolution,
    "convolution_transposed": of_transposed,
    "convolution_weight": of_weight,
    "standardize": of_standardize,
    "standardize_pull": of_standardize_pull,
    "standardize_by": of_standardize_by,
    "lstm": sequences(3),
    "gru": sequences(2),
    "rnn": sequences(2),
    "lstm_cell": of_cell,
    "unfold": of_images,
    "fold": of_images,
    "masked_softmax": of_masked,
    "attention": of_attention,
    "attention_pull": of_attention_pull,
    "max_pool": planes,
    "max_pool_indices": planes,
    "max_pool_pull": planes,
    "window_sum": planes,
    "weighted_sum": of_windows,
    "weighted_spread": of_windows,
    "weighted_products": of_weights,
    "window_spread": with_shape,
    "gather_planes": of_matrices,
    "scatter_planes": with_shape,
    "bands": of_bands,
    "log_bands": of_bands,
    "cross_entropy": merged,
    "nll": merged,
    "nll_pull": merged,
    "cross_entropy_pull": merged,
}
