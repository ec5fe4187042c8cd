"""Long short-term memory: the op of one direction of one layer, and its backward scan."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import Array, Sample, composite, draw, op
from autograd.kernels.recurrent import lstm as kernels
from autograd.kernels.recurrent.recurrent import spans
from autograd.ops.product.products import flat
from nn.recurrent.lstm_cell import pull_step
from nn.recurrent.sequences import (
    KINDS,
    Sizes,
    biases_of,
    earlier,
    in_order,
    of_weights,
    product,
    read,
    row_numbers,
    rows_of,
    sizes_of,
    sum_of_rows,
    together,
)

__all__ = ["lstm"]

_KINDS = (*KINDS, *({**kind, "proj": 1} for kind in KINDS[1:3]))


# ---- backwards -----------------------------------------------------------------------------------


def _pull_alone(
    of_outputs: Any, of_state: Any, of_cell: Any, of_gates: Any, of_cells: Any, gates: Any,
    cells: Any, first: Any, w_hh: Any, w_hr: Any = None, sizes: Sizes = None, reverse: bool = False,
) -> tuple[Array, ...]:  # fmt: skip
    """The reference: each sequence on its own, from its last step to its first."""
    size, out = first.shape[1], np.zeros(gates.shape)
    state, cell = np.array(of_state), np.array(of_cell)
    of_weight = None if w_hr is None else np.zeros(w_hr.shape)
    for n, numbers in enumerate(row_numbers(len(gates), len(first), sizes, reverse)):
        for k in range(len(numbers) - 1, -1, -1):
            row = numbers[k]
            before = cells[numbers[k - 1]] if k else first[n]
            i, f, u, o = np.split(gates[row], 4)
            hidden = state[n] + flat(of_outputs)[row]
            if of_weight is not None:
                of_weight += np.outer(hidden, o * np.tanh(cells[row]))
                hidden = w_hr.T @ hidden
            cell[n] += hidden * o / np.cosh(cells[row]) ** 2 + of_cells[row]
            pulled_gates = np.concatenate(
                [cell[n] * u, cell[n] * before, cell[n] * i, hidden * np.tanh(cells[row])]
            )
            slopes = np.concatenate([i * (1 - i), f * (1 - f), 1 - u * u, o * (1 - o)])
            out[row] = (pulled_gates + of_gates[row]) * slopes
            state[n], cell[n] = w_hh.T @ out[row], cell[n] * f
    assert size * 4 == out.shape[1]
    return (out, state, cell) if of_weight is None else (out, state, cell, of_weight)


def _sampled_pulls() -> Any:
    for kind in _KINDS:
        rows, batch, params = rows_of(**kind)
        width = kind.get("proj", 2)
        w_hr = draw(width, 2, seed="hr") if "proj" in kind else None
        arrays = (
            draw(rows, width, seed="g"), draw(batch, width, seed="h"),
            draw(batch, 2, seed="c"), draw(rows, 8, seed="gates"), draw(rows, 2, seed="cells"),
            draw(rows, 8, low=0.1, high=0.9), draw(rows, 2), draw(batch, 2), draw(8, width),
        )  # fmt: skip
        yield Sample((*arrays, w_hr), params, str(kind))


def _pull_by_steps(
    of_outputs: Any, of_state: Any, of_cell: Any, of_gates: Any, of_cells: Any, gates: Any,
    cells: Any, first: Any, w_hh: Any, w_hr: Any, sizes: tuple[int, ...], reverse: bool,
) -> tuple[Array, ...]:  # fmt: skip
    """The scan as a formula, from the last step to the first."""
    before = earlier(first, cells, sizes, reverse)
    split = [
        in_order(x, sizes, reverse) for x in (of_outputs, of_gates, of_cells, gates, cells, before)
    ]
    out: list[Array] = []
    of_weight = None if w_hr is None else ag.zeros_like(w_hr)
    for g_now, g_gate, g_kept, gate, now, c in zip(*(x[::-1] for x in split), strict=True):
        size = gate.shape[0]
        hidden = of_state[:size] + g_now
        if w_hr is not None:
            shown = gate[:, 3 * now.shape[1] :] * ag.tanh(now)
            of_weight = of_weight + hidden.mT @ shown
            hidden = hidden @ w_hr
        pulled, d_c = pull_step(hidden, of_cell[:size] + g_kept, g_gate, gate, now, c)
        out.append(pulled)
        of_state = ag.concat([pulled @ w_hh, of_state[size:]], 0)
        of_cell = ag.concat([d_c, of_cell[size:]], 0)
    pulled = together(out[::-1], reverse) if out else ag.zeros_like(gates)
    found = (pulled, of_state, of_cell)
    return found if of_weight is None else (*found, of_weight)


@composite(
    "∂ LSTM", wide=True, real_only=True, samples=_sampled_pulls, reference=_pull_alone, outputs=0
)
def _lstm_pull(
    of_outputs: Array,
    of_state: Array,
    of_cell: Array,
    of_gates: Array,
    of_cells: Array,
    gates: Array,
    cells: Array,
    first: Array,
    w_hh: Array,
    w_hr: Array = None,
    /,
    sizes: Sizes = None,
    reverse: bool = False,
) -> tuple[Array, ...]:
    """The cotangents of pre-activations, first state and cell, and w_hr, from those of outputs."""
    inputs = (of_outputs, of_state, of_cell, of_gates, of_cells, gates, cells, first, w_hh, w_hr)
    rows, batch = gates.shape[0], first.shape[0]
    return read(
        _lstm_pull,
        inputs,
        {"sizes": sizes, "reverse": reverse},
        lambda: kernels.lstm_pull(*inputs, spans(rows, batch, sizes, reverse)),
        lambda: _pull_by_steps(*inputs, sizes_of(rows, batch, sizes), reverse),
    )


def d_lstm(
    g: tuple[Array, ...],
    x: Array,
    h: Array,
    c: Array,
    w_ih: Array,
    w_hh: Array,
    w_hr: Array,
    out: tuple[Array, ...],
    sizes: Sizes,
    reverse: bool,
    needs: tuple[bool, ...],
) -> tuple[Array, ...]:
    outputs, _, _, gates, cells = out
    pulled, d_h, d_c, *d_hr = _lstm_pull(  # type: ignore[call-arg]
        flat(g[0]), *g[1:], gates, cells, c, w_hh, w_hr, sizes, reverse
    )
    of_x, _, _, of_ih, of_hh, *of_biases = needs
    d_bias = sum_of_rows(pulled) if any(of_biases[:2]) else None
    d_ih, d_hh = of_weights(
        pulled, flat(x), earlier(h, flat(outputs), sizes, reverse), of_ih, of_hh
    )
    return (
        np.reshape(product(pulled, w_ih), x.shape) if of_x else None,
        d_h,
        d_c,
        d_ih,
        d_hh,
        d_bias,
        d_bias,
        d_hr[0] if d_hr else None,
    )


# ---- forwards ------------------------------------------------------------------------------------


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def _lstm_alone(
    x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None,
    w_hr: Any = None, sizes: Sizes = None, reverse: bool = False,
) -> tuple[Array, ...]:  # fmt: skip
    """The reference: each sequence on its own, from its first step to its last."""
    rows, size = flat(x), c.shape[1]
    outputs = np.zeros((len(rows), h.shape[1]))
    gates, cells = np.zeros((len(rows), 4 * size)), np.zeros((len(rows), size))
    h, c = np.array(h), np.array(c)
    for n, numbers in enumerate(row_numbers(len(rows), len(h), sizes, reverse)):
        for row in numbers:
            z = w_ih @ rows[row] + w_hh @ h[n] + (0 if b_ih is None else b_ih + b_hh)
            i, f, u, o = np.split(z, 4)
            i, f, u, o = _sigmoid(i), _sigmoid(f), np.tanh(u), _sigmoid(o)
            c[n] = f * c[n] + i * u
            h[n] = o * np.tanh(c[n]) if w_hr is None else w_hr @ (o * np.tanh(c[n]))
            outputs[row], gates[row], cells[row] = h[n], np.concatenate([i, f, u, o]), c[n]
    return outputs.reshape(*x.shape[:-1], h.shape[1]), h, c, gates, cells


def _sampled_lstms() -> Any:
    for kind in _KINDS:
        rows, batch, params = rows_of(**kind)
        width = kind.get("proj", 2)
        w_hr = draw(width, 2, seed="hr") if "proj" in kind else None
        shape = (rows, 3) if "sizes" in kind else (kind["steps"], batch, 3)
        weights = draw(8, 3, low=-1, high=1), draw(8, width, low=-1, high=1)
        yield Sample((draw(*shape), draw(batch, width), draw(batch, 2, seed="c"), *weights,
                      *biases_of(8, **kind), w_hr), params, str(kind))  # fmt: skip


@op(
    "LSTM",
    wide=True,
    joint=d_lstm,
    outputs=5,
    real_only=True,
    samples=_sampled_lstms,
    reference=_lstm_alone,
)
def lstm(
    x: Array,
    h: Array,
    c: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array = None,
    b_hh: Array = None,
    w_hr: Array = None,
    /,
    sizes: Sizes = None,
    reverse: bool = False,
) -> tuple[Array, ...]:
    """One direction of one layer: the outputs of all steps, the last output, and the last cell.

    `x` is (T, N, F), or the rows of all steps with the `sizes` of these. The first output `h` is
    (N, R) and the first cell `c` (N, H); the weights are PyTorch's. In reverse the last step is the
    first to run. Two more results are there for backward: the gates, and the cells of all steps.
    """
    rows = flat(x)
    steps = spans(len(rows), len(h), sizes, reverse)
    bias = None if b_ih is None else b_ih + b_hh
    outputs, *others = kernels.lstm(rows, h, c, w_ih, w_hh, bias, w_hr, steps)
    return np.reshape(outputs, (*x.shape[:-1], outputs.shape[-1])), *others
