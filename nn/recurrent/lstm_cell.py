"""Long short-term memory: the op of a single step."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.extend import Array, composite, draw, op, sample, samples
from autograd.kernels.recurrent import lstm_step as kernels
from autograd.kernels.recurrent.recurrent import absent
from nn.recurrent.sequences import read, sum_of_rows

__all__ = ["lstm_cell", "pull_step"]


# ---- backwards -----------------------------------------------------------------------------------


def pull_step(
    of_state: Array,
    of_cell: Array,
    of_gates: Array | None,
    gates: Array,
    cell: Array,
    before: Array,
) -> tuple[Array, Array]:
    """The cotangents of a step's pre-activations and of the cell before, as a formula."""
    i, f, u, o = ag.split(gates, 4, axis=1)
    tanh = ag.tanh(cell)
    d_cell = of_cell + of_state * o * (1 - tanh * tanh)
    found = [d_cell * u, d_cell * before, d_cell * i, of_state * tanh]
    if of_gates is not None:
        found = [x + g for x, g in zip(found, ag.split(of_gates, 4, axis=1), strict=True)]
    d_i, d_f, d_u, d_o = found
    pulled = ag.concat([d_i * i * (1 - i), d_f * f * (1 - f), d_u * (1 - u * u), d_o * o * (1 - o)], 1)
    return pulled, d_cell * f


def _pull_alone(
    of_state: Any, of_cell: Any, of_gates: Any, gates: Any, cell: Any, before: Any
) -> tuple[Array, Array]:
    i, f, u, o = np.split(gates, 4, 1)
    d_cell = of_cell + of_state * o / np.cosh(cell) ** 2
    found = np.concatenate([d_cell * u, d_cell * before, d_cell * i, of_state * np.tanh(cell)], 1)
    slopes = np.concatenate([i * (1 - i), f * (1 - f), 1 - u * u, o * (1 - o)], 1)
    return (found + of_gates) * slopes, d_cell * f


def _drawn_pulls(batch: int) -> Any:
    return sample(
        draw(batch, 2, seed="h"), draw(batch, 2, seed="c"), draw(batch, 8, seed="gates"),
        draw(batch, 8, low=0.1, high=0.9), draw(batch, 2), draw(batch, 2, seed="before"),
        label=f"batch of {batch}",
    )  # fmt: skip


@composite(
    "∂ LSTM cell",
    wide=True,
    real_only=True,
    samples=samples(lambda: _drawn_pulls(2), lambda: _drawn_pulls(1), lambda: _drawn_pulls(0)),
    reference=_pull_alone,
    outputs=2,
)
def _lstm_cell_pull(
    of_state: Array, of_cell: Array, of_gates: Array, gates: Array, cell: Array, before: Array, /
) -> tuple[Array, Array]:
    """The cotangents of pre-activations and of the cell before, from those of the outputs."""
    inputs = (of_state, of_cell, of_gates, gates, cell, before)
    if getattr(type(gates), "reads_formulas", False):
        is_absent = getattr(of_gates, "is_absent", False)
        return pull_step(of_state, of_cell, None if is_absent else of_gates, gates, cell, before)

    def pulled() -> tuple[Array, Array]:
        if not absent(of_gates):  # as in a second derivative
            return pull_step(*inputs)
        return kernels.lstm_step_pull(of_state, of_cell, gates, cell, before)

    return read(_lstm_cell_pull, inputs, {}, pulled, lambda: pull_step(*inputs))


def d_lstm_cell(
    g: tuple[Array, ...],
    x: Array,
    h: Array,
    c: Array,
    w_ih: Array,
    w_hh: Array,
    out: tuple[Array, ...],
    needs: tuple[bool, ...],
) -> tuple[Array, ...]:
    _, cell, gates = out
    pulled, d_c = _lstm_cell_pull(*g, gates, cell, c)  # type: ignore[call-arg]
    turned = pulled.mT  # as it lies in memory
    d_bias = sum_of_rows(pulled) if needs[5] or needs[6] else None
    return (
        (w_ih.mT @ turned).mT if needs[0] else None,
        (w_hh.mT @ turned).mT if needs[1] else None,
        d_c,
        turned @ x if needs[3] else None,
        turned @ h if needs[4] else None,
        d_bias,
        d_bias,
    )


# ---- forwards ------------------------------------------------------------------------------------


def _cell_alone(
    x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
) -> tuple[Array, ...]:
    """The reference, in rows."""
    z = x @ w_ih.T + h @ w_hh.T + (0 if b_ih is None else b_ih + b_hh)
    i, f, u, o = np.split(z, 4, 1)
    i, f, u, o = (*(1 / (1 + np.exp(-v)) for v in (i, f)), np.tanh(u), 1 / (1 + np.exp(-o)))
    c = f * c + i * u
    return o * np.tanh(c), c, np.concatenate([i, f, u, o], 1)


def _drawn_steps(batch: int, bias: bool = True) -> Any:
    weights = draw(8, 3, low=-1, high=1), draw(8, 2, low=-1, high=1)
    biases = (draw(8, seed="ih"), draw(8, seed="hh")) if bias else (None, None)
    states = draw(batch, 3), draw(batch, 2), draw(batch, 2, seed="c")
    return sample(
        *states, *weights, *biases, label=f"batch of {batch}" + " without bias" * (not bias)
    )


@op(
    "LSTM cell",
    wide=True,
    joint=d_lstm_cell,
    outputs=3,
    real_only=True,
    samples=samples(
        lambda: _drawn_steps(2),
        lambda: _drawn_steps(1),
        lambda: _drawn_steps(2, bias=False),
        lambda: _drawn_steps(0),
    ),
    reference=_cell_alone,
)
def lstm_cell(
    x: Array,
    h: Array,
    c: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array = None,
    b_hh: Array = None,
    /,
) -> tuple[Array, ...]:
    """One step: the next output (N, H), the next cell, and the gates, which are there for backward.

    `x` is (N, F), the states are (N, H), and the weights PyTorch's.
    """
    bias = None if b_ih is None else b_ih + b_hh
    return kernels.lstm_step(x, h, c, w_ih, w_hh, bias)
