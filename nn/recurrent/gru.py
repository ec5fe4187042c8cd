"""Gated recurrent units: the op of one direction of one layer, and its backward scan."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import Array, Sample, composite, draw, op
from autograd.kernels.recurrent import gru as kernels
from autograd.kernels.recurrent.recurrent import spans
from autograd.ops.product.products import flat
from nn.recurrent.sequences import (
    KINDS,
    Sizes,
    biases_of,
    earlier,
    in_order,
    product,
    read,
    row_numbers,
    rows_of,
    sizes_of,
    sum_of_rows,
    together,
)

__all__ = ["gru"]

# ---- backwards -----------------------------------------------------------------------------------


def _pull_alone(
    of_outputs: Any, of_state: Any, of_gates: Any, of_candidates: Any, states: Any, gates: Any,
    candidates: Any, first: Any, w_hh: Any, sizes: Sizes = None, reverse: bool = False,
) -> tuple[Array, ...]:  # fmt: skip
    """The reference: each sequence on its own, from its last step to its first."""
    of_inputs, of_added, state = np.zeros(gates.shape), np.zeros(gates.shape), np.array(of_state)
    for n, numbers in enumerate(row_numbers(len(gates), len(first), sizes, reverse)):
        for k in range(len(numbers) - 1, -1, -1):
            row = numbers[k]
            before = states[numbers[k - 1]] if k else first[n]
            (r, z, new), (of_r, of_z, of_new) = np.split(gates[row], 3), np.split(of_gates[row], 3)
            total = state[n] + of_outputs[row]
            d_new = (total * (1 - z) + of_new) * (1 - new**2)
            d_z = (total * (before - new) + of_z) * z * (1 - z)
            d_r = (d_new * candidates[row] + of_r) * r * (1 - r)
            of_inputs[row] = np.concatenate([d_r, d_z, d_new])
            of_added[row] = np.concatenate([d_r, d_z, d_new * r + of_candidates[row]])
            state[n] = total * z + w_hh.T @ of_added[row]
    return of_inputs, of_added, state


def _sampled_pulls() -> Any:
    for kind in KINDS:
        rows, batch, params = rows_of(**kind)
        yield Sample(
            (draw(rows, 2, seed="g"), draw(batch, 2, seed="h"), draw(rows, 6, seed="gates"),
             draw(rows, 2, seed="candidates"), draw(rows, 2), draw(rows, 6, low=0.1, high=0.9),
             draw(rows, 2, seed="state"), draw(batch, 2), draw(6, 2)), params, str(kind),
        )  # fmt: skip


def _pull_by_steps(
    of_outputs: Any, of_state: Any, of_gates: Any, of_candidates: Any, states: Any, gates: Any,
    candidates: Any, first: Any, w_hh: Any, sizes: tuple[int, ...], reverse: bool,
) -> tuple[Array, ...]:  # fmt: skip
    """The scan as a formula, from the last step to the first."""
    before = earlier(first, states, sizes, reverse)
    arrays = (of_outputs, of_gates, of_candidates, gates, candidates, before)
    split = [in_order(x, sizes, reverse)[::-1] for x in arrays]
    of_inputs: list[Array] = []
    of_added: list[Array] = []
    for g, g_gate, g_candidate, gate, candidate, h in zip(*split, strict=True):
        size = gate.shape[0]
        (r, z, new), (g_r, g_z, g_new) = (ag.split(x, 3, axis=1) for x in (gate, g_gate))
        total = of_state[:size] + g
        d_new = (total * (1 - z) + g_new) * (1 - new * new)
        d_z = (total * (h - new) + g_z) * z * (1 - z)
        d_r = (d_new * candidate + g_r) * r * (1 - r)
        of_inputs.append(ag.concat([d_r, d_z, d_new], 1))
        of_added.append(ag.concat([d_r, d_z, d_new * r + g_candidate], 1))
        of_state = ag.concat([total * z + of_added[-1] @ w_hh, of_state[size:]], 0)
    if not of_inputs:
        return ag.zeros_like(gates), ag.zeros_like(gates), of_state
    return together(of_inputs[::-1], reverse), together(of_added[::-1], reverse), of_state


@composite(
    "∂ GRU", wide=True, real_only=True, samples=_sampled_pulls, reference=_pull_alone, outputs=3
)
def _gru_pull(
    of_outputs: Array,
    of_state: Array,
    of_gates: Array,
    of_candidates: Array,
    states: Array,
    gates: Array,
    candidates: Array,
    first: Array,
    w_hh: Array,
    /,
    sizes: Sizes = None,
    reverse: bool = False,
) -> tuple[Array, ...]:
    """The cotangents of what inputs and states add, and of the first state; see the kernel."""
    inputs = (of_outputs, of_state, of_gates, of_candidates, states, gates, candidates, first, w_hh)
    rows, batch = gates.shape[0], first.shape[0]
    return read(
        _gru_pull,
        inputs,
        {"sizes": sizes, "reverse": reverse},
        lambda: kernels.gru_pull(*inputs, spans(rows, batch, sizes, reverse)),
        lambda: _pull_by_steps(*inputs, sizes_of(rows, batch, sizes), reverse),
    )


def d_gru(
    g: tuple[Array, ...],
    x: Array,
    h: Array,
    w_ih: Array,
    w_hh: Array,
    out: tuple[Array, ...],
    sizes: Sizes,
    reverse: bool,
    needs: tuple[bool, ...],
) -> tuple[Array, ...]:
    states, _, gates, candidates = flat(out[0]), *out[1:]
    of_inputs, of_added, d_h = _gru_pull(  # type: ignore[call-arg]
        flat(g[0]), *g[1:], states, gates, candidates, h, w_hh, sizes, reverse
    )
    return (
        np.reshape(product(of_inputs, w_ih), x.shape) if needs[0] else None,
        d_h,
        product(of_inputs.mT, flat(x)) if needs[2] else None,
        product(of_added.mT, earlier(h, states, sizes, reverse)) if needs[3] else None,
        sum_of_rows(of_inputs) if needs[4] else None,
        sum_of_rows(of_added) if needs[5] else None,
    )


# ---- forwards ------------------------------------------------------------------------------------


def _gru_alone(
    x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None,
    sizes: Sizes = None, reverse: bool = False,
) -> tuple[Array, ...]:  # fmt: skip
    """The reference: each sequence on its own, from its first step to its last."""
    rows, size, h = flat(x), h.shape[1], np.array(h)
    states, candidates = np.zeros((2, len(rows), size))
    gates = np.zeros((len(rows), 3 * size))
    for n, numbers in enumerate(row_numbers(len(rows), len(h), sizes, reverse)):
        for row in numbers:
            of_x = np.split(w_ih @ rows[row] + (0 if b_ih is None else b_ih), 3)
            of_h = np.split(w_hh @ h[n] + (0 if b_hh is None else b_hh), 3)
            r, z = (1 / (1 + np.exp(-of_x[k] - of_h[k])) for k in range(2))
            new = np.tanh(of_x[2] + r * of_h[2])
            h[n] = (1 - z) * new + z * h[n]
            states[row], gates[row], candidates[row] = h[n], np.concatenate([r, z, new]), of_h[2]
    return states.reshape(*x.shape[:-1], size), h, gates, candidates


def _sampled_grus() -> Any:
    for kind in KINDS:
        rows, batch, params = rows_of(**kind)
        shape = (rows, 2) if "sizes" in kind else (kind["steps"], batch, 2)
        arrays = (draw(*shape), draw(batch, 2), draw(6, 2, low=-1, high=1),
                  draw(6, 2, low=-1, high=1, seed=1), *biases_of(6, **kind))  # fmt: skip
        yield Sample(arrays, params, str(kind))


@op(
    "GRU",
    wide=True,
    joint=d_gru,
    outputs=4,
    real_only=True,
    samples=_sampled_grus,
    reference=_gru_alone,
)
def gru(
    x: Array,
    h: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array = None,
    b_hh: Array = None,
    /,
    sizes: Sizes = None,
    reverse: bool = False,
) -> tuple[Array, ...]:
    """One direction of one layer: the states of all steps, and the last state.

    `x` is (T, N, F), or the rows of all steps with the `sizes` of these. The first state `h` is
    (N, H); the weights are PyTorch's. In reverse the last step is the first to run. Two more
    results are there for backward: the gates, and the candidates of all steps.
    """
    rows = flat(x)
    steps = spans(len(rows), len(h), sizes, reverse)
    states, *others = kernels.gru(rows, h, w_ih, w_hh, b_ih, b_hh, steps)
    return np.reshape(states, (*x.shape[:-1], states.shape[-1])), *others
