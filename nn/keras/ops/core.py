"""keras.ops.core: tensors and arrays, loops, and scattered writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.diagnose import check_choice
from nn.keras.backend import standardize_dtype, tensor
from nn.keras.ops.numpy import array

TABLE: dict[str, Any] = {}


def _entry(function: Any) -> Any:
    TABLE[function.__name__] = function
    return function


@_entry
def convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Any:
    """A Tensor; whole numbers in lists are int32, as in Keras."""
    return array(x, dtype)


@_entry
def convert_to_numpy(x: Any) -> Any:
    """An array of one's own."""
    return np.array(tensor(x).detach())


@_entry
def cast(x: Any, dtype: Any) -> Any:
    """x in another dtype."""
    return ag.astype(tensor(x), np.dtype(standardize_dtype(dtype)))


@_entry
def saturate_cast(x: Any, dtype: Any) -> Any:
    """x in another dtype, cut to what that can hold."""
    kind = np.dtype(standardize_dtype(dtype))
    if kind.kind == "b":
        return cast(x, kind)
    limits = np.iinfo(kind) if kind.kind in "iu" else np.finfo(kind)
    return cast(ag.clip(tensor(x), limits.min, limits.max), kind)


@_entry
def shape(x: Any) -> tuple[Any, ...]:
    """The lengths of the axes."""
    return tuple(tensor(x).shape)


@_entry
def dtype(x: Any) -> str:
    """The name of the dtype."""
    return str(tensor(x).dtype)


@_entry
def is_tensor(x: Any) -> bool:
    """Whether it is a Tensor."""
    return isinstance(x, ag.Tensor)


@_entry
def stop_gradient(variable: Any) -> Any:
    """The value, without its gradient."""
    return tensor(variable).detach()


@_entry
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """true_fn() if pred holds, else false_fn()."""
    return true_fn() if bool(pred) else false_fn()


@_entry
def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """The branch of this number, applied."""
    return branches[max(0, min(int(index), len(branches) - 1))](*operands)


@_entry
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:  # fmt: skip
    """body again and again, while cond holds."""
    several, count = isinstance(loop_vars, (tuple, list)), 0
    values = tuple(loop_vars) if several else (loop_vars,)
    while bool(cond(*values)) and (maximum_iterations is None or count < maximum_iterations):
        found, count = body(*values), count + 1
        values = tuple(found) if isinstance(found, (tuple, list)) else (found,)
    return values if several else values[0]


@_entry
def fori_loop(lower: Any, upper: Any, body_fun: Callable[..., Any], init_val: Any) -> Any:
    """body_fun(i, value) for i from lower up to but without upper."""
    for i in range(int(lower), int(upper)):
        init_val = body_fun(i, init_val)
    return init_val


@_entry
def scan(
    f: Callable[..., Any], init: Any, xs: Any = None, length: int | None = None,
    reverse: bool = False, unroll: Any = 1,
) -> Any:  # fmt: skip
    """(carry, ys): f(carry, x) -> (carry, y) along the first axis."""
    parts = list(tensor(xs)) if xs is not None else [None] * int(length or 0)
    ys = []
    for x in reversed(parts) if reverse else parts:
        init, y = f(init, x)
        ys.append(tensor(y))
    return init, ag.stack(ys[::-1] if reverse else ys)


@_entry
def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """f of each part along the first axis."""
    return ag.stack([tensor(f(x)) for x in tensor(xs)])


@_entry
def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """function of each part along the first axis; of several at once, for a list of arrays."""
    if isinstance(elements, (tuple, list)):
        parts = [tensor(each) for each in elements]
        return ag.stack([tensor(function(each)) for each in zip(*parts, strict=True)])
    return map(function, elements)


@_entry
def scatter(indices: Any, values: Any, shape: Any) -> Any:
    """Zeros, with values added at places: indices are (N, axes)."""
    values = tensor(values)
    return ag.put_at(values, tuple(int(n) for n in shape), _places(indices))


@_entry
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """inputs with updates put, or with reduction="add" added, at places: indices are (N, axes)."""
    check_choice("reduction", reduction, (None, "add"))
    inputs, updates = tensor(inputs), tensor(updates)
    if reduction == "add":
        return inputs + ag.put_at(updates, inputs.shape, _places(indices))
    return ag.setitem(inputs, updates, _places(indices))


def _places(indices: Any) -> Any:
    rows = np.asarray(tensor(indices).detach()).astype(np.int64)
    return tuple(np.moveaxis(rows, -1, 0))


@_entry
def slice(inputs: Any, start_indices: Any, shape: Any) -> Any:
    """The part that begins there and has that shape."""
    return tensor(inputs)[_part(start_indices, shape)]


@_entry
def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """inputs with updates put where they begin."""
    inputs, updates = tensor(inputs), tensor(updates)
    return ag.setitem(inputs, updates, _part(start_indices, updates.shape))


def _part(start: Any, lengths: Any) -> Any:
    import builtins

    pairs = zip(np.asarray(start).tolist(), lengths, strict=True)
    return tuple(builtins.slice(a, a + int(n)) for a, n in pairs)
