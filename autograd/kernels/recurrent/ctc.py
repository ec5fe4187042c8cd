"""Recurrences over three neighbouring states, in log-space and linear: the loops behind CTC.

Arrays are (T, N, L): time, batch, states. A step comes from the same state, the one below it, or
the one two below.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["bands", "log_bands"]

Array = np.ndarray[Any, Any]


def log_bands(e: Array, skip: Array) -> Array:
    """aₜ[s] = eₜ[s] + log(exp aₜ₋₁[s] + exp aₜ₋₁[s-1] + exp aₜ₋₁[s-2]), from a₀ = e₀.

    The last term is there where `skip` (N, L) is true. -∞ stands for what cannot be reached.
    """
    out = np.array(e)
    _, batch, states = e.shape
    before = np.full((3, batch, states), -np.inf, e.dtype)  # what the three terms come from
    skipped = skip[:, 2:]
    with np.errstate(divide="ignore"):  # log 0 = -∞ is meant
        for t in range(1, len(out)):
            a = out[t - 1]
            before[0] = a
            before[1, :, 1:] = a[:, :-1]
            np.copyto(before[2, :, 2:], a[:, :-2], where=skipped)
            top = np.maximum.reduce(before, axis=0)
            top[top == -np.inf] = 0  # so that exp(-∞ - top) is 0, not NaN
            terms = np.exp(before - top)
            out[t] += np.log(np.add.reduce(terms, axis=0)) + top
    return out


def bands(b: Array, stay: Array, step: Array, skip: Array, transposed: bool) -> Array:
    """hₜ[s] = bₜ[s] + stayₜ[s] hₜ₋₁[s] + stepₜ[s] hₜ₋₁[s-1] + skipₜ[s] hₜ₋₁[s-2], from h₀ = b₀.

    `transposed` is the transpose of that map of b, which runs from the last time to the first.
    """
    out = np.array(b)
    for t in range(len(out) - 1, 0, -1) if transposed else range(1, len(out)):
        if transposed:
            h, target = out[t], out[t - 1]
            target += stay[t] * h
            target[:, :-1] += (step[t] * h)[:, 1:]
            target[:, :-2] += (skip[t] * h)[:, 2:]
        else:
            h, target = out[t - 1], out[t]
            target += stay[t] * h
            target[:, 1:] += step[t][:, 1:] * h[:, :-1]
            target[:, 2:] += skip[t][:, 2:] * h[:, :-2]
    return out
