"""LSTM, GRU and RNN: ONNX's own operators, with the gates in their order there, or a Scan of steps.

A Scan it is in double precision, which runtimes have no recurrent operators for, with a projection,
and where a gradient asks for the gates of all steps.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd.onnx.steps import Steps
from autograd.onnx.table import row
from autograd.onnx.values import Value

__all__: list[str] = []


def _gates(b: Any, w: Value, order: tuple[int, ...]) -> Value:
    """The rows of a weight by gates, in another order, for one direction: (1, gates · H, ...)."""
    count = len(order)
    rows = w.shape[0] // count
    if order != tuple(range(count)):
        parts = [b.sliced(w, 0, g * rows, (g + 1) * rows) for g in order]
        w = b.concat(parts, 0)
    return b.reshape(w, (1, *w.shape))


def _weights(b: Any, order: Any, dtype: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
    w, r = (_gates(b, b.constant(x, dtype), order) for x in (w_ih, w_hh))
    if b_ih is None:
        return w, r, None
    return w, r, b.concat([_gates(b, b.constant(x, dtype), order) for x in (b_ih, b_hh)], 1)


def _run(b: Any, node: Any, kind: str, order: Any, x: Any, states: Any, weights: Any,
         sizes: Any, reverse: bool, turn: Any, **attributes: Any) -> Any:  # fmt: skip
    """A layer in one direction: the outputs of all steps, the last states, and the rest if asked.

    `turn` is one step of the layer: it gives the new states, and what else backward wants to know.
    """
    shape, dtype = node.spec[0]
    x, states = b.constant(x, dtype), [b.constant(s, dtype) for s in states]
    rest = node.spec[1 + len(states) :]
    steps = Steps(b, x, states[0].shape[0], sizes)
    if 0 in (steps.count, steps.batch):
        empty = [b.constant(np.zeros(s, d)) for s, d in (node.spec[0], *rest)]
        return (empty[0], *states, *empty[1:])
    asked = bool(rest) and b.is_asked(getattr(node, "node", None), 1 + len(states))
    has_operator = kind and (dtype == np.float32 or (kind != "RNN" and dtype != np.float64))
    if asked or not has_operator:
        whole, ends, kept = _by_scan(b, dtype, steps, x, states, weights, reverse, turn)
        return (b.reshape(whole, shape), *ends, *(kept if asked else [None] * len(rest)))
    w, r, bias = _weights(b, order, dtype, *weights)
    batch, width = states[0].shape
    first = [b.reshape(s, (1, *s.shape)) for s in states]
    specs = [((steps.count, 1, batch, width), dtype)] + [((1, *s.shape), dtype) for s in states]
    found = b.ops(kind, steps.apart(x), w, r, bias, steps.lengths(), *first, specs=specs,
                  hidden_size=width, direction="reverse" if reverse else None,
                  **attributes)  # fmt: skip
    ends = [b.reshape(v, s.shape) for v, s in zip(found[1:], states, strict=True)]
    whole = steps.rows(b.reshape(found[0], (steps.count, batch, width)))
    return (b.reshape(whole, shape), *ends, *[None] * len(rest))


def _by_scan(b: Any, dtype: Any, steps: Steps, x: Value, states: Any, weights: Any, reverse: bool,
             turn: Any) -> Any:  # fmt: skip
    w_ih, w_hh, b_ih, b_hh = (None if w is None else b.constant(w, dtype) for w in weights)
    drive, turned = b.matmul(x, b.transpose(w_ih, (1, 0))), b.transpose(w_hh, (1, 0))
    drive = drive if b_ih is None else drive + b_ih

    def step(state: Any, own: Any) -> Any:
        pushed = b.matmul(state[0], turned)
        return turn(b, own[0], pushed if b_hh is None else pushed + b_hh, state)

    ends, (whole, *kept) = steps.scan(step, states, [drive], reverse)
    return whole, ends, kept


def _parts(b: Any, x: Value, count: int) -> list[Value]:
    width = x.shape[-1] // count
    return [b.sliced(x, -1, k * width, (k + 1) * width) for k in range(count)]


def _lstm_turn(b: Any, drive: Value, pushed: Value, state: Any, narrow: Any = None) -> Any:
    i, f, g, o = _parts(b, drive + pushed, 4)
    i, f, g, o = (b.unary("Sigmoid", i), b.unary("Sigmoid", f), b.unary("Tanh", g),
                  b.unary("Sigmoid", o))  # fmt: skip
    cell = f * state[1] + i * g
    shown = o * b.unary("Tanh", cell)
    shown = shown if narrow is None else b.matmul(shown, narrow)
    return [shown, cell], [shown, b.concat([i, f, g, o], -1), cell]


def _gru_turn(b: Any, drive: Value, pushed: Value, state: Any) -> Any:
    (r, z, n), (pr, pz, pn) = _parts(b, drive, 3), _parts(b, pushed, 3)
    r, z = b.unary("Sigmoid", r + pr), b.unary("Sigmoid", z + pz)
    new = b.unary("Tanh", n + r * pn)
    state = new + z * (state[0] - new)
    return [state], [state, b.concat([r, z, new], -1), pn]


@row("lstm")
def _lstm(
    b: Any, node: Any, x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any = None,
    b_hh: Any = None, w_hr: Any = None, sizes: Any = None, reverse: bool = False,
) -> Any:  # fmt: skip
    weights = (w_ih, w_hh, b_ih, b_hh)
    narrow = None if w_hr is None else b.transpose(b.constant(w_hr, node.spec[0][1]), (1, 0))
    kind = "LSTM" if w_hr is None else ""  # there is no operator with a projection
    return _run(b, node, kind, (0, 3, 1, 2), x, (h, c), weights, sizes, reverse,
                partial(_lstm_turn, narrow=narrow))  # fmt: skip


@row("gru")
def _gru(
    b: Any, node: Any, x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None,
    sizes: Any = None, reverse: bool = False,
) -> Any:  # fmt: skip
    weights = (w_ih, w_hh, b_ih, b_hh)
    return _run(b, node, "GRU", (1, 0, 2), x, (h,), weights, sizes, reverse, _gru_turn,
                linear_before_reset=1)  # fmt: skip


@row("rnn")
def _rnn(
    b: Any, node: Any, x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None,
    sizes: Any = None, reverse: bool = False, relu: bool = False,
) -> Any:  # fmt: skip
    activation = "Relu" if relu else "Tanh"

    def turn(b: Any, drive: Value, pushed: Value, state: Any) -> Any:
        state = b.unary(activation, drive + pushed)
        return [state], [state]

    return _run(b, node, "RNN", (0,), x, (h,), (w_ih, w_hh, b_ih, b_hh), sizes, reverse, turn,
                activations=[activation])  # fmt: skip


# ---- gradients -----------------------------------------------------------------------------------


@row("earlier")
def _earlier(b: Any, node: Any, first: Any, states: Any, sizes: Any = None,
             reverse: bool = False) -> Value:  # fmt: skip
    first, states = b.constant(first, node.dtype), b.constant(states, node.dtype)
    steps = Steps(b, states, first.shape[0], sizes)
    if 0 in (steps.count, steps.batch):
        return states
    if sizes is not None:
        numbers = b.constant(steps.numbers_before(reverse))
        both = b.concat([first, states], 0)
        return b.op("Gather", both, numbers, shape=node.shape, dtype=node.dtype, axis=0)
    apart = steps.apart(states)
    edge = b.reshape(first, (1, *first.shape))
    if reverse:
        parts = [b.sliced(apart, 0, 1, steps.count), edge]
    else:
        parts = [edge, b.sliced(apart, 0, 0, steps.count - 1)]
    return b.reshape(b.concat(parts, 0), node.shape)


def _pulled(b: Any, xs: Any, carry: Any, sizes: Any, reverse: bool, step: Any) -> Any:
    """From the last step that ran to the first: the last carry, and what each step gave."""
    dtype = np.result_type(*(x.dtype for x in xs))
    xs, carry = ([b.constant(x, dtype) for x in part] for part in (xs, carry))
    steps = Steps(b, xs[0], carry[0].shape[0], sizes)
    if 0 in (steps.count, steps.batch):
        return carry, None
    ends, made = steps.scan(step, carry, xs, not reverse)
    return ends, made


def _slope(b: Any, x: Value) -> Value:
    return x * (1.0 - x)


@row("rnn_pull")
def _rnn_pull(b: Any, node: Any, of_states: Any, of_last: Any, states: Any, w_hh: Any,
              sizes: Any = None, reverse: bool = False, relu: bool = False) -> Any:  # fmt: skip
    w_hh = b.operand(w_hh)

    def step(state: Any, own: Any) -> Any:
        g, out = own
        slope = (out > 0.0).astype(out.dtype) if relu else 1.0 - out * out
        pulled = (state[0] + g) * slope
        return [b.matmul(pulled, w_hh)], [pulled]

    ends, made = _pulled(b, (of_states, states), (of_last,), sizes, reverse, step)
    return (b.operand(of_states) if made is None else made[0], *ends)


@row("gru_pull")
def _gru_pull(b: Any, node: Any, of_outputs: Any, of_state: Any, of_gates: Any, of_candidates: Any,
              states: Any, gates: Any, candidates: Any, first: Any, w_hh: Any, sizes: Any = None,
              reverse: bool = False) -> Any:  # fmt: skip
    before = _earlier(b, _Spec(states), first, states, sizes, reverse)
    w_hh = b.operand(w_hh)

    def step(state: Any, own: Any) -> Any:
        g, g_gates, g_candidate, gate, candidate, h = own
        (r, z, new), (g_r, g_z, g_new) = _parts(b, gate, 3), _parts(b, g_gates, 3)
        total = state[0] + g
        d_new = (total * (1.0 - z) + g_new) * (1.0 - new * new)
        d_z = (total * (h - new) + g_z) * _slope(b, z)
        d_r = (d_new * candidate + g_r) * _slope(b, r)
        added = b.concat([d_r, d_z, d_new * r + g_candidate], -1)
        return [total * z + b.matmul(added, w_hh)], [b.concat([d_r, d_z, d_new], -1), added]

    xs = (of_outputs, of_gates, of_candidates, gates, candidates, before)
    ends, made = _pulled(b, xs, (of_state,), sizes, reverse, step)
    made = [b.operand(gates)] * 2 if made is None else made
    return (*made, *ends)


@row("lstm_pull")
def _lstm_pull(b: Any, node: Any, of_outputs: Any, of_state: Any, of_cell: Any, of_gates: Any,
               of_cells: Any, gates: Any, cells: Any, first: Any, w_hh: Any, w_hr: Any = None,
               sizes: Any = None, reverse: bool = False) -> Any:  # fmt: skip
    before = _earlier(b, _Spec(cells), first, cells, sizes, reverse)
    w_hh = b.operand(w_hh)
    carry = [of_state, of_cell]
    if w_hr is not None:
        w_hr = b.operand(w_hr)
        carry.append(b.constant(np.zeros(w_hr.shape, w_hr.dtype)))

    def step(state: Any, own: Any) -> Any:
        g, g_gates, g_cell, gate, now, c = own
        (i, f, u, o), kept = _parts(b, gate, 4), b.unary("Tanh", now)
        hidden, more = state[0] + g, []
        if w_hr is not None:
            more = [state[2] + b.matmul(b.transpose(hidden, (1, 0)), o * kept)]
            hidden = b.matmul(hidden, w_hr)
        cell = state[1] + g_cell + hidden * o * (1.0 - kept * kept)
        by_gates = b.concat([cell * u, cell * c, cell * i, hidden * kept], -1) + g_gates
        slopes = [_slope(b, i), _slope(b, f), 1.0 - u * u, _slope(b, o)]
        pulled = by_gates * b.concat(slopes, -1)
        return [b.matmul(pulled, w_hh), cell * f, *more], [pulled]

    xs = (of_outputs, of_gates, of_cells, gates, cells, before)
    ends, made = _pulled(b, xs, carry, sizes, reverse, step)
    return (b.operand(gates) if made is None else made[0], *ends)


class _Spec:
    """What a row asks of a call whose result is like a value."""

    def __init__(self, like: Any) -> None:
        self.shape, self.dtype = like.shape, like.dtype
