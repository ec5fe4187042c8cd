"""Elman's recurrent layer: the op of one direction of one layer, and its backward scan."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import Array, Sample, composite, draw, op
from autograd.kernels.recurrent import recurrent as kernels
from autograd.ops.product.products import flat
from nn.recurrent.sequences import (
    KINDS,
    Sizes,
    biases_of,
    earlier,
    in_order,
    read,
    row_numbers,
    rows_of,
    sizes_of,
    sum_of_rows,
    together,
)

__all__ = ["rnn"]

_OF_BOTH = [{**kind, "relu": relu} for kind in KINDS[:4] for relu in (False, True)] + [*KINDS[4:]]

# ---- backwards -----------------------------------------------------------------------------------


def _slope(states: Any, relu: bool) -> Any:
    return states > 0 if relu else 1 - states * states


def _pull_alone(
    of_states: Any, of_last: Any, states: Any, w_hh: Any, sizes: Sizes = None,
    reverse: bool = False, relu: bool = False,
) -> tuple[Array, ...]:  # fmt: skip
    """The reference: each sequence on its own, from its last step to its first."""
    pulled, state = np.zeros(states.shape), np.array(of_last)
    for n, numbers in enumerate(row_numbers(len(states), len(state), sizes, reverse)):
        for row in numbers[::-1]:
            pulled[row] = (state[n] + of_states[row]) * _slope(states[row], relu)
            state[n] = w_hh.T @ pulled[row]
    return pulled, state


def _sampled_pulls() -> Any:
    for kind in _OF_BOTH:
        rows, batch, params = rows_of(**kind)
        arrays = draw(rows, 2), draw(batch, 2), draw(rows, 2, away_from=(0,), seed=1), draw(2, 2)
        yield Sample(arrays, params, str(kind))


def _pull_by_steps(
    of_states: Any, state: Any, states: Any, w_hh: Any, sizes: Any, reverse: bool, relu: bool
) -> tuple[Array, ...]:
    """The scan as a formula, from the last step to the first."""
    pulled: list[Array] = []
    split = [in_order(x, sizes, reverse)[::-1] for x in (of_states, _slope(states, relu))]
    for g, slope in zip(*split, strict=True):
        size = slope.shape[0]
        pulled.append((state[:size] + g) * slope)
        state = ag.concat([pulled[-1] @ w_hh, state[size:]], 0)
    return together(pulled[::-1], reverse) if pulled else ag.zeros_like(states), state


@composite(
    "∂ RNN", wide=True, real_only=True, samples=_sampled_pulls, reference=_pull_alone, outputs=2
)
def _rnn_pull(
    of_states: Array,
    of_last: Array,
    states: Array,
    w_hh: Array,
    /,
    sizes: Sizes = None,
    reverse: bool = False,
    relu: bool = False,
) -> tuple[Array, ...]:
    """The cotangents of the pre-activations and of the first state; see the kernel."""
    inputs = of_states, of_last, states, w_hh
    rows, batch = states.shape[0], of_last.shape[0]
    return read(
        _rnn_pull,
        inputs,
        {"sizes": sizes, "reverse": reverse, "relu": relu},
        lambda: kernels.rnn_pull(*inputs, kernels.spans(rows, batch, sizes, reverse), relu),
        lambda: _pull_by_steps(*inputs, sizes_of(rows, batch, sizes), reverse, relu),
    )


def d_rnn(
    g: tuple[Array, ...],
    x: Array,
    h: Array,
    w_ih: Array,
    w_hh: Array,
    out: tuple[Array, ...],
    sizes: Sizes,
    reverse: bool,
    relu: bool,
    needs: tuple[bool, ...],
) -> tuple[Array, ...]:
    states = flat(out[0])
    pulled, d_h = _rnn_pull(flat(g[0]), g[1], states, w_hh, sizes, reverse, relu)
    d_bias = sum_of_rows(pulled) if any(needs[4:]) else None
    return (
        np.reshape(pulled @ w_ih, x.shape) if needs[0] else None,
        d_h,
        pulled.mT @ flat(x) if needs[2] else None,
        pulled.mT @ earlier(h, states, sizes, reverse) if needs[3] else None,
        d_bias,
        d_bias,
    )


# ---- forwards ------------------------------------------------------------------------------------


def _rnn_alone(
    x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None,
    sizes: Sizes = None, reverse: bool = False, relu: bool = False,
) -> tuple[Array, ...]:  # fmt: skip
    """The reference: each sequence on its own, from its first step to its last."""
    rows, h = flat(x), np.array(h)
    states = np.zeros((len(rows), h.shape[1]))
    for n, numbers in enumerate(row_numbers(len(rows), len(h), sizes, reverse)):
        for row in numbers:
            z = w_ih @ rows[row] + w_hh @ h[n] + (0 if b_ih is None else b_ih + b_hh)
            states[row] = h[n] = np.where(z > 0, z, 0) if relu else np.tanh(z)
    return states.reshape(*x.shape[:-1], h.shape[1]), h


def _sampled_rnns() -> Any:
    for kind in _OF_BOTH:
        rows, batch, params = rows_of(**kind)
        shape = (rows, 3) if "sizes" in kind else (kind["steps"], batch, 3)
        arrays = draw(*shape), draw(batch, 2), draw(2, 3), draw(2, 2), *biases_of(2, **kind)
        yield Sample(arrays, params, str(kind))


@op(
    "RNN",
    wide=True,
    joint=d_rnn,
    outputs=2,
    real_only=True,
    samples=_sampled_rnns,
    reference=_rnn_alone,
)
def rnn(
    x: Array,
    h: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array = None,
    b_hh: Array = None,
    /,
    sizes: Sizes = None,
    reverse: bool = False,
    relu: bool = False,
) -> tuple[Array, ...]:
    """One direction of one layer: the states of all steps, and the last state.

    `x` is (T, N, F), or the rows of all steps with the `sizes` of these. The first state `h` is
    (N, H); the weights are PyTorch's. In reverse the last step is the first to run.
    """
    rows = flat(x)
    steps = kernels.spans(len(rows), len(h), sizes, reverse)
    bias = None if b_ih is None else b_ih + b_hh
    states, last = kernels.rnn(rows, h, w_ih, w_hh, bias, steps, relu)
    return np.reshape(states, (*x.shape[:-1], states.shape[-1])), last
