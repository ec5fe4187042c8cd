"""Arrays made of a shape, of a range, or by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError
from autograd.extend import raw
from nn.onnx.budget import sized
from nn.onnx.table import Call, ints, number, row
from nn.onnx.tensors import dtype_of, held


@row("Constant", since=1)
def constant(call: Call) -> Any:
    """What stands in the node."""
    given = call.attributes
    for name, dtype in (("value_float", np.float32), ("value_int", np.int64)):
        if name in given:
            return ag.Tensor(np.array(given[name], dtype))
        if f"{name}s" in given:
            return ag.Tensor(np.array(given[f"{name}s"], dtype))
    for name in ("value_string", "value_strings"):
        if name in given:
            return np.array(given[name], object)
    if "value" not in given:
        raise ArgumentError("a Constant has no value")
    return held(given["value"])


@row("ConstantOfShape")
def constant_of_shape(call: Call, shape: Any) -> Any:
    """One number everywhere."""
    value = call("value")
    value = np.zeros(1, np.float32) if value is None else value
    return held(np.full(sized(ints(shape)), value.reshape(-1)[0], value.dtype))


@row("Range")
def arange(call: Call, start: Any, limit: Any, delta: Any) -> Any:
    """Numbers from start up to limit in steps of delta."""
    first, step = raw(start), raw(delta)
    if not np.all(step):
        raise ArgumentError("the delta of a Range is 0")
    count = max(0, int(np.ceil((number(limit) - number(start)) / number(delta))))
    sized([count])
    return ag.Tensor(np.asarray(np.arange(count) * step + first, first.dtype).reshape(-1))


@row("EyeLike")
def eye_like(call: Call, x: Any) -> Any:
    """1 on a diagonal, in the shape of x."""
    rows, columns = raw(x).shape
    dtype = dtype_of(call("dtype")) if call("dtype") else raw(x).dtype
    return held(np.eye(rows, columns, call("k", 0)).astype(dtype))


def _random(call: Call, shape: Any, dtype: Any, normal: bool) -> Any:
    sized(shape)
    draw = np.random.RandomState(_seed(call))
    if normal:
        values = draw.normal(call("mean", 0.0), call("scale", 1.0), shape)
    else:
        values = draw.uniform(call("low", 0.0), call("high", 1.0), shape)
    return ag.Tensor(np.asarray(values, dtype))


def _seed(call: Call) -> Any:
    """The seed of the node; without one, from the seed of this program."""
    given = call("seed")
    if given is not None:
        return int(np.float32(given).view(np.uint32))
    return int(ag.randint(0, 2**31 - 1, ()).item())


@row("RandomUniform", "RandomNormal", since=1)
def random(call: Call) -> Any:
    """Numbers drawn by chance in a shape."""
    dtype = dtype_of(call("dtype", 1))
    return _random(call, tuple(call("shape")), dtype, call.op_type == "RandomNormal")


@row("RandomUniformLike", "RandomNormalLike", since=1)
def random_like(call: Call, x: Any) -> Any:
    """Numbers drawn by chance in the shape of x."""
    dtype = dtype_of(call("dtype")) if call("dtype") else raw(x).dtype
    return _random(call, raw(x).shape, dtype, call.op_type == "RandomNormalLike")


@row("Bernoulli")
def bernoulli(call: Call, x: Any) -> Any:
    """1 with the probability x, else 0."""
    dtype = dtype_of(call("dtype")) if call("dtype") else raw(x).dtype
    draws = np.random.RandomState(_seed(call)).uniform(size=raw(x).shape)
    return held(np.asarray(draws < raw(x)).astype(dtype))


@row("Multinomial")
def multinomial(call: Call, x: Any) -> Any:
    """Classes drawn with the probabilities whose logarithms are the rows of x."""
    logits = raw(x)
    sized((logits.shape[0], call("sample_size", 1), logits.shape[1]))
    draw = np.random.RandomState(_seed(call))
    noise = draw.gumbel(size=(logits.shape[0], call("sample_size", 1), logits.shape[1]))
    found = (logits[:, None] + noise).argmax(-1)
    return held(found.astype(dtype_of(call("dtype", 6))))


def _window(*weights: float) -> Any:
    def make(call: Call, size: Any) -> Any:
        count = int(number(size))
        sized([count])
        turn = 2 * np.pi * np.arange(count) / (count if call("periodic", 1) else count - 1)
        found = sum(w * np.cos(k * turn) for k, w in enumerate(weights))
        return ag.Tensor(np.asarray(found, dtype_of(call("output_datatype", 1))))

    return make


row("HannWindow", since=17)(_window(0.5, -0.5))
row("HammingWindow", since=17)(_window(25 / 46, -21 / 46))
row("BlackmanWindow", since=17)(_window(0.42, -0.5, 0.08))
