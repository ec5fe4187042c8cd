"""The published formulas of the optimizers, for one parameter, written out whole and slowly.

A function takes the parameter, the gradients of all steps, and the optimizer's options, and returns
the parameter after them. It shares nothing with the optimizers, which work in place and in blocks.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["REFERENCES"]

Pair = tuple[float, float]


def sgd(
    p: Any, grads: Any, lr: float, momentum: float, dampening: float, weight_decay: float,
    nesterov: bool, maximize: bool,
) -> Any:  # fmt: skip
    buffer = None
    for g in grads:
        g = (-g if maximize else g) + weight_decay * p
        if momentum:
            buffer = g if buffer is None else momentum * buffer + (1 - dampening) * g
            g = g + momentum * buffer if nesterov else buffer
        p = p - lr * g
    return p


def adagrad(
    p: Any, grads: Any, lr: float, lr_decay: float, weight_decay: float,
    initial_accumulator_value: float, eps: float, maximize: bool,
) -> Any:  # fmt: skip
    total = np.full_like(p, initial_accumulator_value)
    for t, g in enumerate(grads):
        g = (-g if maximize else g) + weight_decay * p
        total = total + g**2
        p = p - lr / (1 + t * lr_decay) * g / (np.sqrt(total) + eps)
    return p


def adadelta(
    p: Any, grads: Any, lr: float, rho: float, eps: float, weight_decay: float, maximize: bool
) -> Any:
    squares = deltas = np.zeros_like(p)
    for g in grads:
        g = (-g if maximize else g) + weight_decay * p
        squares = rho * squares + (1 - rho) * g**2
        delta = np.sqrt((deltas + eps) / (squares + eps)) * g
        deltas = rho * deltas + (1 - rho) * delta**2
        p = p - lr * delta
    return p


def rmsprop(
    p: Any, grads: Any, lr: float, alpha: float, eps: float, weight_decay: float, momentum: float,
    centered: bool, maximize: bool,
) -> Any:  # fmt: skip
    square = mean = buffer = np.zeros_like(p)
    for g in grads:
        g = (-g if maximize else g) + weight_decay * p
        square = alpha * square + (1 - alpha) * g**2
        mean = alpha * mean + (1 - alpha) * g
        variance = square - mean**2 if centered else square
        buffer = momentum * buffer + g / (np.sqrt(variance) + eps)
        p = p - lr * buffer
    return p


def adam(
    p: Any, grads: Any, lr: float, betas: Pair, eps: float, weight_decay: float, amsgrad: bool,
    maximize: bool, decoupled_weight_decay: bool,
) -> Any:  # fmt: skip
    m = v = largest = np.zeros_like(p)
    for t, g in enumerate(grads, 1):
        g = -g if maximize else g
        if decoupled_weight_decay:
            p = p - lr * weight_decay * p
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        largest = np.maximum(largest, v)
        m_hat = m / (1 - betas[0] ** t)
        v_hat = (largest if amsgrad else v) / (1 - betas[1] ** t)
        p = p - lr * m_hat / (np.sqrt(v_hat) + eps)
    return p


def adamax(
    p: Any, grads: Any, lr: float, betas: Pair, eps: float, weight_decay: float, maximize: bool
) -> Any:
    m = u = np.zeros_like(p)
    for t, g in enumerate(grads, 1):
        g = (-g if maximize else g) + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        u = np.maximum(betas[1] * u, np.abs(g) + eps)
        p = p - lr / (1 - betas[0] ** t) * m / u
    return p


def nadam(
    p: Any, grads: Any, lr: float, betas: Pair, eps: float, weight_decay: float,
    momentum_decay: float, decoupled_weight_decay: bool, maximize: bool,
) -> Any:  # fmt: skip
    m = v = np.zeros_like(p)

    def mu(i: int) -> float:
        return betas[0] * (1 - 0.96 ** (i * momentum_decay) / 2)

    for t, g in enumerate(grads, 1):
        g = -g if maximize else g
        if decoupled_weight_decay:
            p = p - lr * weight_decay * p
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        here, ahead = (math.prod(mu(i) for i in range(1, last + 1)) for last in (t, t + 1))
        m_hat = mu(t + 1) * m / (1 - ahead) + (1 - mu(t)) * g / (1 - here)
        p = p - lr * m_hat / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
    return p


def radam(
    p: Any, grads: Any, lr: float, betas: Pair, eps: float, weight_decay: float,
    decoupled_weight_decay: bool, maximize: bool,
) -> Any:  # fmt: skip
    m = v = np.zeros_like(p)
    limit = 2 / (1 - betas[1]) - 1
    for t, g in enumerate(grads, 1):
        g = -g if maximize else g
        if decoupled_weight_decay:
            p = p - lr * weight_decay * p
        else:
            g = g + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        m_hat, bias = m / (1 - betas[0] ** t), 1 - betas[1] ** t
        rho = limit - 2 * t * betas[1] ** t / bias
        if rho > 5:
            r = (rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)
            p = p - lr * m_hat * math.sqrt(r) * math.sqrt(bias) / (np.sqrt(v) + eps)
        else:
            p = p - lr * m_hat
    return p


def asgd(
    p: Any, grads: Any, lr: float, lambd: float, alpha: float, t0: float, weight_decay: float,
    maximize: bool,
) -> Any:  # fmt: skip
    for t, g in enumerate(grads):
        g = (-g if maximize else g) + weight_decay * p
        eta = lr / (1 + lambd * lr * t) ** alpha
        p = p - eta * (g + lambd * p)
    return p


def rprop(p: Any, grads: Any, lr: float, etas: Pair, step_sizes: Pair, maximize: bool) -> Any:
    p = p.copy()
    for i in np.ndindex(p.shape):
        size, last = lr, 0.0
        for grad in grads:
            g = -grad[i] if maximize else grad[i]
            if g * last > 0:
                size = min(max(size * etas[1], step_sizes[0]), step_sizes[1])
            elif g * last < 0:
                size = min(max(size * etas[0], step_sizes[0]), step_sizes[1])
                g = 0.0
            else:
                size = min(max(size, step_sizes[0]), step_sizes[1])
            p[i] -= size * np.sign(g)
            last = g
    return p


def lion(p: Any, grads: Any, lr: float, betas: Pair, weight_decay: float, maximize: bool) -> Any:
    m = np.zeros_like(p)
    for g in grads:
        g = -g if maximize else g
        p = p - lr * (np.sign(betas[0] * m + (1 - betas[0]) * g) + weight_decay * p)
        m = betas[1] * m + (1 - betas[1]) * g
    return p


def adafactor(
    p: Any, grads: Any, lr: float, beta2_decay: float, eps: tuple[float | None, float], d: float,
    weight_decay: float, maximize: bool,
) -> Any:  # fmt: skip
    eps1 = 2.0**-52 if eps[0] is None else eps[0]
    v = rows = columns = np.float64(0)

    def rms(x: Any) -> Any:
        return np.sqrt(np.mean(np.square(x))) if x.size else 0.0

    for t, g in enumerate(grads, 1):
        g = -g if maximize else g
        beta = 1 - t**beta2_decay
        alpha = max(eps[1], rms(p)) * min(lr, 1 / math.sqrt(t))
        p = p - lr * weight_decay * p
        if g.ndim > 1:
            rows = beta * rows + (1 - beta) * np.mean(g**2, axis=-1)
            columns = beta * columns + (1 - beta) * np.mean(g**2, axis=-2)
            mean = np.maximum(np.mean(rows, axis=-1), eps1)
            v = np.einsum("...i,...j,...->...ij", rows, columns, 1 / mean)
        else:
            v = beta * v + (1 - beta) * g**2
        u = g / np.maximum(np.sqrt(v), eps1)
        p = p - alpha * u / max(1, rms(u) / d)
    return p


def muon(
    p: Any, grads: Any, lr: float, weight_decay: float, momentum: float, nesterov: bool,
    ns_coefficients: tuple[float, float, float], eps: float, ns_steps: int,
    adjust_lr_fn: str | None,
) -> Any:  # fmt: skip
    """The iteration changes the singular values alone, each by the polynomial of its own."""
    buffer = np.zeros_like(p)
    a, b, c = ns_coefficients
    for g in grads:
        buffer = momentum * buffer + (1 - momentum) * g
        step = momentum * buffer + (1 - momentum) * g if nesterov else buffer
        u, s, vh = np.linalg.svd(step, full_matrices=False)
        s = s / max(np.sqrt(np.sum(s**2)), eps)
        for _ in range(ns_steps):
            s = a * s + b * s**3 + c * s**5
        height, width = p.shape
        if adjust_lr_fn == "match_rms_adamw":
            factor = 0.2 * math.sqrt(max(height, width))
        else:
            factor = math.sqrt(max(1, height / width))
        p = p - lr * weight_decay * p - lr * factor * (u * s) @ vh
    return p


REFERENCES = {
    "SGD": sgd, "Adagrad": adagrad, "Adadelta": adadelta, "RMSprop": rmsprop, "Adam": adam,
    "AdamW": adam, "Adamax": adamax, "NAdam": nadam, "RAdam": radam, "ASGD": asgd, "Rprop": rprop,
    "Lion": lion, "Adafactor": adafactor, "Muon": muon,
}  # fmt: skip
