"""Recurrent layers and cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.samples import draw
from tests.layers.case import Case, case, value


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def rnn_step(layer: Any, x: Any, state: Any, w: dict[str, Any]) -> Any:
    z = w["weight_ih"] @ x + w["bias_ih"] + w["weight_hh"] @ state[0] + w["bias_hh"]
    return (np.tanh(z) if layer.nonlinearity == "tanh" else np.where(z > 0, z, 0),)


def lstm_step(layer: Any, x: Any, state: Any, w: dict[str, Any]) -> Any:
    z = w["weight_ih"] @ x + w["bias_ih"] + w["weight_hh"] @ state[0] + w["bias_hh"]
    i, f, g, o = np.split(z, 4)
    c = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return (w["weight_hr"] @ h if "weight_hr" in w else h), c


def gru_step(layer: Any, x: Any, state: Any, w: dict[str, Any]) -> Any:
    of_x = np.split(w["weight_ih"] @ x + w["bias_ih"], 3)
    of_h = np.split(w["weight_hh"] @ state[0] + w["bias_hh"], 3)
    r, z = sigmoid(of_x[0] + of_h[0]), sigmoid(of_x[1] + of_h[1])
    new = np.tanh(of_x[2] + r * of_h[2])
    return ((1 - z) * new + z * state[0],)


STEPS = {"RNN": rnn_step, "LSTM": lstm_step, "GRU": gru_step}


def weights_of(layer: Any, suffix: str = "") -> dict[str, Any]:
    """The parameters by kind; 0 for a bias that there is not."""
    found = {"bias_ih": 0, "bias_hh": 0}
    for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"):
        parameter = getattr(layer, kind + suffix, None)
        if parameter is not None:
            found[kind] = value(parameter)
    return found


def cell(layer: Any, x: Any, state: Any = None) -> Any:
    """One step, each row on its own."""
    kind = type(layer).__name__.removesuffix("Cell")
    rows, weights = np.atleast_2d(x), weights_of(layer)
    zeros = np.zeros((len(rows), layer.hidden_size))
    if state is None:
        states = (zeros, zeros)
    else:
        states = tuple(map(np.atleast_2d, state)) if kind == "LSTM" else (np.atleast_2d(state),)
    after = [STEPS[kind](layer, row, [s[n] for s in states], weights) for n, row in enumerate(rows)]
    count = 2 if kind == "LSTM" else 1
    found = [np.reshape([a[k] for a in after], zeros.shape) for k in range(count)]
    found = [f[0] for f in found] if x.ndim == 1 else found
    return tuple(found) if count == 2 else found[0]


def whole(layer: Any, x: Any, first: Any = None) -> Any:
    """A layer over sequences (all dropout off): each sequence, layer and direction on its own."""
    single = x.ndim == 2
    if layer.batch_first and not single:
        x = np.swapaxes(x, 0, 1)
    sequences = [x] if single else [x[:, n] for n in range(x.shape[1])]
    width = layer.proj_size or layer.hidden_size
    sizes = (width, layer.hidden_size)[: 2 if type(layer).__name__ == "LSTM" else 1]
    given = None if first is None else (first if len(sizes) == 2 else (first,))
    directions = 1 + layer.bidirectional
    outputs = np.zeros((len(x), len(sequences), directions * width))
    last = [np.zeros((layer.num_layers * directions, len(sequences), s)) for s in sizes]
    for n, rows in enumerate(sequences):
        for k in range(layer.num_layers):
            halves = []
            for d in range(directions):
                number = k * directions + d
                state = [
                    np.zeros(s) if given is None else given[i][(number, *(() if single else (n,)))]
                    for i, s in enumerate(sizes)
                ]
                weights = weights_of(layer, f"_l{k}" + ("_reverse" if d else ""))
                half = []
                for row in rows[::-1] if d else rows:
                    state = STEPS[type(layer).__name__](layer, row, state, weights)
                    half.append(state[0])
                halves.append(half[::-1] if d else half)
                for i, s in enumerate(state):
                    last[i][number, n] = s
            rows = np.concatenate(halves, axis=1)
        outputs[:, n] = rows
    if single:
        outputs, last = outputs[:, 0], [state[:, 0] for state in last]
    elif layer.batch_first:
        outputs = np.swapaxes(outputs, 0, 1)
    return outputs, tuple(last) if len(sizes) == 2 else last[0]


def states(name: str, *shape: int, width: int | None = None) -> Any:
    """First states of a shape: two for an LSTM, the first of another width where it projects."""
    h = draw(*shape[:-1], width or shape[-1], seed="h")
    return (h, draw(*shape, seed="c")) if name.startswith("LSTM") else h


def sequence(name: str, *args: Any, on: tuple[int, ...] = (2, 2, 2), first: Any = None,
             **options: Any) -> Case:  # fmt: skip
    """A row whose input has a shape, and whose first state (if there is one) has another."""
    width, text = options.get("proj_size"), [*map(str, args)]
    text += [f"{k}={v}" for k, v in options.items() if k != "random"]
    first_axis = 0 if options.get("batch_first") else 1
    batch = None if len(on) == 2 or (first and first_axis == 0) else first_axis
    return case(
        name, *args, reference=whole, batch=batch,
        inputs=lambda: [draw(*on), *([] if first is None else [states(name, *first, width=width)])],
        label=f"{name}({', '.join(text)}) on {on}{'' if first is None else f', {first}'}",
        **options,
    )  # fmt: skip


ALIKE = [
    row
    for name in ("RNN", "LSTM", "GRU")
    for row in (
        sequence(name, 1, 1, on=(2, 1, 1), first=(1, 1, 1)),
        sequence(name, 2, 3, on=(3, 2, 2)),
        sequence(name, 2, 2, bias=False, batch_first=True),
        sequence(name, 1, 2, bidirectional=True, batch_first=True, on=(1, 2, 1), first=(2, 1, 2)),
        sequence(name, 2, 1, num_layers=2, bidirectional=True),
        sequence(name, 2, 1, num_layers=2, dropout=0.5, random=True),
        sequence(name, 1, 1, num_layers=3, on=(2, 1), first=(3, 1)),
    )
]
OWN = [
    sequence("RNN", 2, 2, nonlinearity="relu", num_layers=2),
    sequence("RNN", 2, 2, 1, "relu", bidirectional=True, first=(2, 2, 2)),
    sequence("LSTM", 2, 3, proj_size=2, first=(1, 2, 3)),
    sequence("LSTM", 1, 2, proj_size=1, bidirectional=True, num_layers=2, on=(2, 1, 1)),
    sequence("LSTM", 1, 2, proj_size=1, bias=False, on=(3, 1)),
]
CELLS = [
    row
    for name in ("RNNCell", "LSTMCell", "GRUCell")
    for row in (
        case(name, 1, 1, inputs=lambda name=name: [draw(1, 1), states(name, 1, 1)],
             reference=cell),
        case(name, 2, 2, inputs=lambda: [draw(3, 2)], reference=cell,
             label=f"{name}, no state"),
        case(name, 2, 2, bias=False, inputs=lambda name=name: [draw(3, 2), states(name, 3, 2)],
             reference=cell),
        case(name, 3, 2, inputs=lambda name=name: [draw(3), states(name, 2)],
             reference=cell, label=f"{name} of one", batch=None),
    )
]  # fmt: skip
RELU = case("RNNCell", 3, 2, nonlinearity="relu", reference=cell,
            inputs=lambda: [draw(4, 3), draw(4, 2)])  # fmt: skip

CASES = [*ALIKE, *OWN, *CELLS, RELU]
