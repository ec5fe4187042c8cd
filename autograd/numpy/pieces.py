"""`np.vectorize` and `np.block`: arrays of Tensors, made number by number or part by part."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.operands import raw
from autograd.errors import ShapeError, UnsupportedError
from autograd.numpy.numpy_wrapper import holds, whole
from autograd.tensors.nested import join


@whole
class vectorize(np.vectorize):
    """`np.vectorize`, whose function gets Tensors without axes where arrays are Tensors."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not any(map(holds, (*args, *kwargs.values()))):
            return super().__call__(*args, **kwargs)
        if self.signature is not None:
            raise UnsupportedError("np.vectorize(signature=) takes no Tensors: write a loop")
        given: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
        arrays = {k: ag.asarray(v) for k, v in given.items() if k not in self.excluded}
        spread = ag.broadcast_arrays(*arrays.values())
        results = []
        for numbers in zip(*map(ag.ravel, spread), strict=True):
            called = {**given, **dict(zip(arrays, numbers, strict=True))}
            named = {k: called.pop(k) for k in kwargs}
            results.append(self.pyfunc(*called.values(), **named))
        if not results:
            raise ShapeError("np.vectorize: without elements, nothing tells what the result is")
        shape = spread[0].shape
        if isinstance(results[0], tuple):
            return tuple(join(list(part)).reshape(shape) for part in zip(*results, strict=True))
        return join(results).reshape(shape)


@whole
def block(arrays: Any) -> Any:
    """`np.block`: the innermost lists are joined along the last axis, those around before it."""
    if not holds(arrays):
        return np.block(arrays)
    leaves, depth = [arrays], 0
    while isinstance(leaves[0], list):
        leaves, depth = [part for parts in leaves for part in parts], depth + 1
    return _joined(arrays, depth, max(depth, *(np.ndim(raw(leaf)) for leaf in leaves)))


def _joined(parts: Any, depth: int, ndim: int) -> Any:
    if depth == 0:
        leaf = ag.asarray(parts)
        return leaf.reshape((1,) * (ndim - leaf.ndim) + leaf.shape)
    return ag.concatenate([_joined(part, depth - 1, ndim) for part in parts], axis=-depth)
