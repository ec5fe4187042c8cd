"""RNN, LSTM and GRU, step by step and in both directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ShapeError, UnsupportedError
from autograd.extend import raw
from nn.onnx.table import Call, row

_ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "Relu": lambda x, a, b: ag.relu(x),
    "Tanh": lambda x, a, b: ag.tanh(x),
    "Sigmoid": lambda x, a, b: ag.sigmoid(x),
    "Affine": lambda x, a, b: a * x + b,
    "LeakyRelu": lambda x, a, b: ag.leaky_relu(x, negative_slope=a),
    "ThresholdedRelu": lambda x, a, b: ag.where(x >= a, x, ag.zeros_like(x)),
    "ScaledTanh": lambda x, a, b: a * ag.tanh(b * x),
    "HardSigmoid": lambda x, a, b: ag.clip(a * x + b, 0.0, 1.0),
    "Elu": lambda x, a, b: ag.elu(x, alpha=a),
    "Softsign": lambda x, a, b: ag.softsign(x),
    "Softplus": lambda x, a, b: ag.softplus(x),
}
_ALPHA = {"LeakyRelu": 0.01, "ThresholdedRelu": 1.0, "HardSigmoid": 0.2, "Elu": 1.0, "Affine": 1.0}
_BETA = {"HardSigmoid": 0.5}


def _activations(call: Call, default: list[str], directions: int) -> list[list[Any]]:
    """The activations of each direction, as functions of a number."""
    names = call("activations", default * directions)
    alphas, betas = list(call("activation_alpha", [])), list(call("activation_beta", []))
    found = []
    for name in names:
        kind = next((k for k in _ACTIVATIONS if k.lower() == name.lower()), None)
        if kind is None:
            known = ", ".join(_ACTIVATIONS)
            raise UnsupportedError(f"the activation {name!r} is none of {known}")
        takes_alpha = kind in _ALPHA or kind == "ScaledTanh"
        takes_beta = kind in _BETA or kind in ("ScaledTanh", "Affine")
        alpha = alphas.pop(0) if alphas and takes_alpha else _ALPHA.get(kind, 1.0)
        beta = betas.pop(0) if betas and takes_beta else _BETA.get(kind, 0.0)
        found.append(lambda x, f=_ACTIVATIONS[kind], a=alpha, b=beta: f(x, a, b))
    n = len(default)
    return [found[i * n : (i + 1) * n] for i in range(directions)]


def _clipped(call: Call) -> Callable[[Any], Any]:
    limit = call("clip")
    return (lambda x: x) if not limit else (lambda x: ag.clip(x, -limit, limit))


def _rnn_step(call: Call, f: list[Any], r: Any, b: Any, peep: Any) -> Any:
    held, size = _clipped(call), r.shape[-1]

    def step(gates: Any, h: Any, c: Any) -> Any:
        return f[0](held(gates + h @ r.T + b[:size] + b[size:])), c

    return step


def _lstm_step(call: Call, f: list[Any], r: Any, b: Any, peep: Any) -> Any:
    held, size = _clipped(call), r.shape[-1]
    bias = b[: 4 * size] + b[4 * size :]
    p = [0, 0, 0] if peep is None else [peep[k * size : (k + 1) * size] for k in range(3)]

    def step(gates: Any, h: Any, c: Any) -> Any:
        whole = gates + h @ r.T + bias
        i, o, forget, g = (whole[:, k * size : (k + 1) * size] for k in range(4))
        seen = [q * c if peep is not None else 0 for q in p]
        i = f[0](held(i + seen[0]))
        forget = 1 - i if call("input_forget", 0) else f[0](held(forget + seen[2]))
        c = forget * c + i * f[1](held(g))
        o = f[0](held(o + (p[1] * c if peep is not None else 0)))
        return o * f[2](c), c

    return step


def _gru_step(call: Call, f: list[Any], r: Any, b: Any, peep: Any) -> Any:
    held, size = _clipped(call), r.shape[-1]
    wb, rb = b[: 3 * size], b[3 * size :]

    def step(gates: Any, h: Any, c: Any) -> Any:
        whole = gates[:, : 2 * size] + h @ r[: 2 * size].T + wb[: 2 * size] + rb[: 2 * size]
        z, reset = (f[0](held(whole[:, k * size : (k + 1) * size])) for k in range(2))
        given = gates[:, 2 * size :] + wb[2 * size :]
        if call("linear_before_reset", 0):
            new = given + reset * (h @ r[2 * size :].T + rb[2 * size :])
        else:
            new = given + (reset * h) @ r[2 * size :].T + rb[2 * size :]
        return (1 - z) * f[1](held(new)) + z * h, c

    return step


def _direction(x: Any, w: Any, step: Any, state: Any, lengths: Any, backwards: bool) -> Any:
    """All steps of one direction: outputs by step, and the last state."""
    steps, batch = x.shape[:2]
    gates = (x.reshape(steps * batch, w.shape[1]) @ w.T).reshape(steps, batch, w.shape[0])
    h, c = state
    outputs: list[Any] = [None] * steps
    for t in reversed(range(steps)) if backwards else range(steps):
        new_h, new_c = step(gates[t], h, c)
        if lengths is None:
            h, c = new_h, new_c
            outputs[t] = h
            continue
        live = ag.Tensor((t < lengths)[:, None])
        h, c = ag.where(live, new_h, h), ag.where(live, new_c, c)
        outputs[t] = ag.where(live, new_h, ag.zeros_like(new_h))
    return ag.stack(outputs, axis=0), h, c


def _check(call: Call, x: Any, w: Any, r: Any) -> None:
    """Weights and attributes say the same sizes, or the model was made by mistake."""
    directions, size = w.shape[0], r.shape[-1]
    told = call("hidden_size", size)
    if told != size:
        raise ShapeError(f"hidden_size is {told}, and R of the shape {r.shape} is for {size}")
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[call.op_type]
    named = call("direction", "forward")
    wanted = {"forward": 1, "reverse": 1, "bidirectional": 2}.get(named)
    if wanted != directions:
        raise ShapeError(f"direction is {named!r}, and W of the shape {w.shape} has {directions}")
    rows = (directions, gates * size)
    if w.shape != (*rows, x.shape[-1]) or r.shape != (*rows, size):
        raise ShapeError(
            f"W is {w.shape} and R {r.shape}; for {x.shape[-1]} inputs and a hidden_size of {size} "
            f"they are {(*rows, x.shape[-1])} and {(*rows, size)}"
        )


def _recurrent(step: Any, default: list[str]) -> Any:
    def run(
        call: Call, x: Any, w: Any, r: Any, b: Any = None, lengths: Any = None, h: Any = None,
        c: Any = None, peep: Any = None,
    ) -> Any:  # fmt: skip
        batched = call("layout", 0)
        x = ag.swapaxes(x, 0, 1) if batched else x
        directions, size = w.shape[0], r.shape[-1]
        _check(call, x, w, r)
        lengths = None if lengths is None else raw(lengths)
        lengths = None if lengths is not None and np.all(lengths == x.shape[0]) else lengths
        zeros = ag.zeros(x.shape[1], size, dtype=raw(x).dtype)
        found = []
        functions = _activations(call, default, directions)
        for d in range(directions):
            state = []
            for s in (h, c):
                s = s if s is None or not batched else ag.swapaxes(s, 0, 1)
                state.append(zeros if s is None else s[d])
            bias = ag.zeros(2 * w.shape[1], dtype=raw(x).dtype) if b is None else b[d]
            one = step(call, functions[d], r[d], bias, None if peep is None else peep[d])
            backwards = d == 1 or call("direction", "forward") == "reverse"
            found.append(_direction(x, w[d], one, state, lengths, backwards))
        outputs, last, cells = (ag.stack(parts, axis=0) for parts in zip(*found, strict=True))
        if batched:
            outputs = ag.transpose(outputs, (2, 1, 0, 3))
            return outputs, ag.swapaxes(last, 0, 1), ag.swapaxes(cells, 0, 1)
        return ag.swapaxes(outputs, 0, 1), last, cells

    return run


row("RNN")(_recurrent(_rnn_step, ["Tanh"]))
row("LSTM")(_recurrent(_lstm_step, ["Sigmoid", "Tanh", "Tanh"]))
row("GRU")(_recurrent(_gru_step, ["Sigmoid", "Tanh"]))
