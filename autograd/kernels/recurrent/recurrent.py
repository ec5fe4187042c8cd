"""Recurrent layers over whole sequences: step by step forwards, and back again.

All sequences of a batch lie in one array of rows, step after step: the rows of the first step,
those of the second, and so on. The longest sequence comes first, so each step holds the first n
rows of the batch. `steps` are the slices of rows in the order in which they are run: backwards for
a layer that reads its input from the end. A state (N, H) keeps the rows that a step does not touch.

Forward, the products of all inputs with the weights are one GEMM; only that with the state is made
step by step. `*_pull` takes cotangents of all outputs back to the pre-activations, from which
those of inputs and weights are one GEMM each. Compiled twins run whole sequences, on threads.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.kernels.matrix.dense import dense
from autograd.kernels.parallel.threads import share_range

__all__ = ["absent", "by_parts", "earlier", "earlier_rows", "projected", "rnn", "rnn_pull", "spans"]

Array = Any

LARGE = 1 << 22  # multiplications from where on waking a thread is worth while


def spans(rows: int, batch: int, sizes: Sequence[int] | None, reverse: bool) -> list[slice]:
    """The rows of each step, in the order of running; `sizes` None: each step has the whole batch.

    >>> spans(5, 3, (3, 2), reverse=True)
    [slice(3, 5, None), slice(0, 3, None)]
    """
    if sizes is None:
        found = [slice(i, i + batch) for i in range(0, rows, batch)] if batch else []
    else:
        stops = itertools.accumulate(sizes)
        found = [slice(stop - size, stop) for size, stop in zip(sizes, stops, strict=True)]
    return found[::-1] if reverse else found


def earlier(first: Array, states: Array, steps: list[slice]) -> list[Array]:
    """The state that each step starts from, in the order of running: views where it can be."""
    found, at = [], 0
    for k, rows in enumerate(steps):
        size = rows.stop - rows.start
        if k == 0:
            found.append(first[:size])
        elif at >= size:
            start = steps[k - 1].start
            found.append(states[start : start + size])
        else:  # some sequences start here
            found.append(np.concatenate([states[steps[k - 1]], first[at:size]]))
        at = size
    return found


def earlier_rows(first: Array, states: Array, steps: list[slice]) -> Array:
    """The state that each step starts from, as rows in the order of the input."""
    if not steps:
        return states
    reverse = steps[0].start > steps[-1].start
    if len(first) * len(steps) == len(states):
        size = len(first)
        return np.concatenate([states[size:], first] if reverse else [first, states[:-size]])
    found = earlier(first, states, steps)
    return np.concatenate(found[::-1] if reverse else found)


def absent(g: Array) -> bool:
    """Whether a cotangent is 0 throughout, as that of an output which nothing depends on.

    The sweep hands in one number for all elements then, which shows it at once.
    """
    if not g.size or not any(g.strides):
        return not g.size or not g.item(0)
    return not (g[:1].any() or g.any())


def projected(x: Array, weight: Array, bias: Array | None, dtype: Any) -> Array:
    """x Wᵀ + b as a fresh array of a dtype."""
    out = dense(x.astype(dtype, copy=False), weight.astype(dtype, copy=False))
    if bias is not None:
        out += bias
    return out


def by_parts(a: Array, b: Array) -> Array:
    """a @ b of many rows by parts of them, which threads share.

    BLAS's own threads would wait for more work beside those that run a scan.
    """
    out = np.empty((len(a), b.shape[1]), np.result_type(a, b))

    def part(first: int, end: int) -> None:
        np.matmul(a[first:end], b, out=out[first:end])  # np.dot would copy a slice of a.T

    share_range(part, len(a), a.size * b.shape[1] > LARGE)
    return out


def rnn(
    x: Array, h: Array, w_ih: Array, w_hh: Array, bias: Array | None, steps: list[slice], relu: bool
) -> tuple[Array, Array]:
    """hₜ = tanh(x Wᵀ + h Wᵀ + b), or relu of it: the states of all steps, and the last."""
    dtype = np.result_type(x, h, w_ih, w_hh)
    states = projected(x, w_ih, bias, dtype)
    state = np.array(h, dtype, order="C")
    weight = w_hh.astype(dtype, copy=False)
    for rows in steps:
        now, size = states[rows], rows.stop - rows.start
        now += dense(state[:size], weight)
        if relu:
            np.maximum(now, 0, out=now)
        else:
            np.tanh(now, out=now)
        state[:size] = now
    return states, state


def rnn_pull(
    g: Array, g_last: Array, states: Array, w_hh: Array, steps: list[slice], relu: bool
) -> tuple[Array, Array]:
    """The cotangents of the pre-activations and of the first state."""
    dtype = np.result_type(g, g_last, states, w_hh)
    slope = states > 0 if relu else 1 - states * states
    out = np.empty(states.shape, dtype)
    state = np.array(g_last, dtype, order="C")
    weight = w_hh.astype(dtype, copy=False)
    for rows in reversed(steps):
        now = state[: rows.stop - rows.start]
        now += g[rows]
        np.multiply(now, slope[rows], out=out[rows])
        np.dot(out[rows], weight, out=now)
    return out, state
