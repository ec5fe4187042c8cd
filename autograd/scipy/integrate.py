"""Ordinary differential equations, differentiated by their adjoint equation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd.core import defvjp_argnums, make_vjp
from autograd.misc.flatten import flatten
from autograd.scipy.names import borrowed, scipys

__getattr__ = borrowed(__name__, "integrate")

odeint = scipys("integrate", "odeint")


def _pullback(argnums: Sequence[int], ans: Any, args: Any, kwargs: Any) -> Callable[[Any], Any]:
    """Cotangents of y0, the times and the arguments, from those of the states.

    The adjoint λ of the state runs backwards by λ' = -λᵀ∂f/∂y, gets the cotangent of each state at
    its time, and gathers ∂f/∂θ on its way. Source: Pontryagin et al. (1962), as Chen et al. (2018),
    "Neural ordinary differential equations", use it.
    """
    func, _, times, func_args = (*args, ())[:4]
    theta, unflatten = flatten(func_args)
    n, steps = ans.shape[1], ans.shape[0]

    def slope(given: Any) -> Any:
        y, t, theta = given
        return func(y, t, *unflatten(theta))

    def backwards(state: Any, t: Any, theta: Any) -> Any:
        pull, dy = make_vjp(slope, (state[:n], t, theta))
        of_y, _, of_theta = pull(-state[n : 2 * n])
        return _joined([dy, of_y, of_theta])

    def pull(g: Any) -> list[Any]:
        adjoint, of_theta = g[-1], np.zeros(theta.shape)
        of_times = []
        at_start: Any = 0.0
        for k in range(steps - 1, 0, -1):
            of_time = np.dot(func(ans[k], times[k], *func_args), g[k])
            of_times.append(of_time)
            at_start = at_start - of_time
            state = _joined([ans[k], adjoint, of_theta])
            span = _joined([times[k], times[k - 1]])
            last = odeint(backwards, state, span, (theta,), **kwargs)[1]
            adjoint, of_theta = last[n : 2 * n] + g[k - 1], last[2 * n :]
        before = np.dot(func(ans[0], times[0], *func_args), adjoint - g[0])
        of_times.append(-before)
        found = {1: adjoint, 2: _joined(of_times[::-1]), 3: unflatten(of_theta)}
        return [found.get(k) for k in argnums]

    return pull


def _joined(parts: Sequence[Any]) -> Any:
    return ag.concatenate([ag.atleast_1d(part) for part in parts])


defvjp_argnums(odeint, _pullback)
