"""odeint: differential equations, y' = f(t, y), with gradients through the steps or around them.

Directly, the steps that were taken are recorded, and the gradient is exactly that of the numbers
found. With `adjoint=True` nothing of them is kept: the gradient solves the adjoint equation back
from the end (Chen et al., Neural ordinary differential equations, 2018), to the solver's tolerance.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.modes import capturing, enable_grad, no_grad
from autograd.engine.node import next_number
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.trail import note_decision
from autograd.errors import ArgumentError, ArgumentTypeError, ShapeError, SolverError
from autograd.functional.checkpoints import boundary
from autograd.functional.function import Function
from autograd.ops.shape.join import concat, stack
from autograd.sweep.differentiate import grad
from autograd.tensors.tensor import Tensor

__all__ = ["METHODS", "odeint"]


class Tableau(NamedTuple):
    """A Runge-Kutta method: places, weights of the slopes before, of the step, and of its error."""

    c: tuple[float, ...]
    a: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]
    error: tuple[float, ...] | None = None
    order: int = 1


METHODS = {
    "euler": Tableau((0,), ((),), (1,), order=1),
    "midpoint": Tableau((0, 1 / 2), ((), (1 / 2,)), (0, 1), order=2),
    "rk4": Tableau(
        (0, 1 / 2, 1 / 2, 1), ((), (1 / 2,), (0, 1 / 2), (0, 0, 1)),
        (1 / 6, 1 / 3, 1 / 3, 1 / 6), order=4,
    ),
    "bosh3": Tableau(
        (0, 1 / 2, 3 / 4, 1), ((), (1 / 2,), (0, 3 / 4), (2 / 9, 1 / 3, 4 / 9)),
        (2 / 9, 1 / 3, 4 / 9, 0),
        (2 / 9 - 7 / 24, 1 / 3 - 1 / 4, 4 / 9 - 1 / 3, -1 / 8), order=3,
    ),
    "dopri5": Tableau(
        (0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1),
        (
            (),
            (1 / 5,),
            (3 / 40, 9 / 40),
            (44 / 45, -56 / 15, 32 / 9),
            (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
            (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
            (35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
        ),
        (35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0),
        (
            35 / 384 - 5179 / 57600, 0, 500 / 1113 - 7571 / 16695, 125 / 192 - 393 / 640,
            -2187 / 6784 + 92097 / 339200, 11 / 84 - 187 / 2100, -1 / 40,
        ),
        order=5,
    ),
}  # fmt: skip


def odeint(
    f: Callable[..., Any],
    y0: Any,
    t: Any,
    *args: Any,
    method: str = "dopri5",
    rtol: float = 1e-6,
    atol: float = 1e-8,
    dt: float | None = None,
    max_steps: int = 10_000,
    adjoint: bool = False,
) -> Tensor:
    """The solution of y' = f(t, y, *args) from y(t[0]) = y0, at the times `t`.

    `method` is "dopri5" (Dormand and Prince, 1980) or "bosh3" (Bogacki and Shampine, 1989), whose
    steps adapt themselves to `rtol` and `atol`, or one of fixed steps: "rk4", "midpoint", "euler",
    of `dt`, or one for each of the times without it. `max_steps` are the most between two
    times (SolverError). Gradients flow to y0, to `args`, and to what f closes over; with `adjoint`
    they are of the first order alone, and memory does not grow with the number of steps.

    Shape: y0 any and t (T,), ascending or descending -> (T, ...).

    >>> import autograd as ag
    >>> rate = ag.Tensor(2.0, requires_grad=True)
    >>> y = ag.odeint(lambda t, y, rate: -rate * y, 1.0, [0.0, 1.0], rate, method="rk4",
    ...               dt=0.1)
    >>> y[-1].backward()
    >>> round(y[-1].item(), 4), round(rate.grad.item(), 4)  # e⁻², -e⁻²
    (0.1353, -0.1353)
    """
    solver = _Solver(f, method, rtol, atol, dt, max_steps)
    if (capture := capturing()) is not None and (solver.adapts or adjoint):
        capture.refuse(
            "ag.odeint with steps that adapt themselves to numbers, or an adjoint: at another run "
            'or for another example they are others; give method="rk4" and dt=, or solve outside'
        )
    times = _times(t)
    y0 = y0 if type(y0) in tensor_types else Tensor(y0)
    if y0.dtype.kind not in "fc":
        raise ArgumentError(f"odeint: y0 is {y0.dtype}; write it as floats")
    if not adjoint:
        found: Tensor = solver.run(y0, times, args)
        return found
    moving = _differentiated_by(solver, y0, times, args)
    return _Adjoint.apply(solver, times, args, y0, *moving)  # type: ignore[no-any-return]


def _differentiated_by(solver: _Solver, y0: Any, times: Any, args: Any) -> list[Any]:
    """The Tensors in a graph that f takes as arguments or closes over, by one call of it."""
    start = next_number()
    with enable_grad():
        slope = solver.slope(float(times[0]), y0.detach(), args)
    nodes = boundary([slope], set(), start) if slope._node is not None else []
    return [wrap(np.broadcast_to(np.zeros((), n.dtype), n.shape), n) for n in nodes]


def _times(t: Any) -> np.ndarray[Any, Any]:
    if type(t) in tensor_types and t._node is not None:
        raise ArgumentError(
            "odeint: t requires grad, and there are no gradients of the times here: scale time in "
            "f, or give t.detach()"
        )
    times = np.asarray(raw(t), np.float64)
    steps = np.diff(times) if times.ndim == 1 else np.zeros(1)
    if not times.size or not (np.all(steps > 0) or np.all(steps < 0)):
        raise ArgumentError("odeint: t holds times in ascending or descending order, in one axis")
    return times


class _Solver:
    """Steps of one method."""

    def __init__(
        self, f: Any, method: str, rtol: float, atol: float, dt: Any, max_steps: int
    ) -> None:
        if not callable(f):
            raise ArgumentTypeError(f"odeint: f is a function f(t, y), not {type(f).__name__}")
        if method not in METHODS:
            raise ArgumentError(f"odeint: method is one of {', '.join(METHODS)}, not {method!r}")
        self.f, self.table = f, METHODS[method]
        self.rtol, self.atol, self.dt, self.max_steps = rtol, atol, dt, max_steps
        if dt is not None and not dt > 0:
            raise ArgumentError(f"odeint: dt is above 0, not {dt}")
        self.adapts = self.table.error is not None and dt is None

    def of(self, f: Any) -> _Solver:
        """The same method for another equation."""
        twin = copy(self)
        twin.f = f
        return twin

    def run(self, y: Any, times: Any, args: Any) -> Any:
        """The values at all times."""
        found, size = [y], 0.0
        for start, stop in itertools.pairwise(times):
            y, size = self._between(y, float(start), float(stop), args, size)
            found.append(y)
        if self.adapts:
            note_decision(y, "the size of a step")
        return stack(found)

    def _between(self, y: Any, t: float, stop: float, args: Any, size: float) -> Any:
        if not self.adapts:
            count = 1 if self.dt is None else int(np.ceil(abs(stop - t) / self.dt - 1e-9))
            h = (stop - t) / max(count, 1)
            for k in range(count):
                y = self._step(y, t + k * h, h, args)[0]
            return y, 0.0
        sign = 1.0 if stop > t else -1.0
        size = size or self._first(y, t, sign, args)
        for _ in range(self.max_steps):
            size = min(size, abs(stop - t))
            new, error = self._step(y, t, sign * size, args)
            scale = self.atol + self.rtol * np.maximum(np.abs(raw(y)), np.abs(raw(new)))
            ratio = float(np.sqrt(np.mean(np.abs(raw(error) / scale) ** 2))) if new.size else 0.0
            if ratio <= 1:
                t, y = t + sign * size, new
                if abs(stop - t) <= 1e-12 * max(abs(stop), 1.0):
                    return y, size * self._factor(ratio)
            elif size < 1e-14 * max(abs(t), 1.0) or not np.isfinite(size):
                break
            size *= self._factor(ratio if np.isfinite(ratio) else 1e9)
        raise SolverError(
            f"odeint: the step near t = {t:.6g} became {size:.3g} after {self.max_steps} steps at "
            "most: y may grow without bound, or be stiff; raise rtol, atol or max_steps"
        )

    def _factor(self, ratio: float) -> float:
        """How much longer the next step may be."""
        return float(min(5.0, max(0.2, 0.9 * (ratio + 1e-10) ** (-1 / self.table.order))))

    def _first(self, y: Any, t: float, sign: float, args: Any) -> float:
        """A first step, by the size of the slope (Hairer, Norsett and Wanner, 1993)."""
        with no_grad():
            slope = raw(self.slope(t, y.detach(), args))
        scale = self.atol + self.rtol * np.abs(raw(y))
        one, two = (float(np.sqrt(np.mean(np.abs(v / scale) ** 2))) if v.size else 0.0
                    for v in (np.asarray(raw(y)), np.asarray(slope)))  # fmt: skip
        return 0.01 * one / two if one > 1e-5 and two > 1e-5 else 1e-6

    def slope(self, t: float, y: Any, args: Any) -> Any:
        slope = self.f(t, y, *args)
        if isinstance(slope, (list, tuple)):
            slope = Tensor(slope)  # which joins Tensors, in the graph
        if np.shape(raw(slope)) != y.shape:
            raise ShapeError(
                f"odeint: f(t, y) gave {np.shape(raw(slope))} for y of {y.shape}; the time comes "
                "first, unlike in SciPy's odeint"
            )
        return slope

    def _step(self, y: Any, t: float, h: float, args: Any) -> tuple[Any, Any]:
        """The value after one step, and the error that is made in it."""
        slopes: list[Any] = []
        for c, row in zip(self.table.c, self.table.a, strict=True):
            at = y
            for weight, slope in zip(row, slopes, strict=True):
                at = at + (h * weight) * slope if weight else at
            slopes.append(self.slope(t + c * h, at, args))
        new = y
        for weight, slope in zip(self.table.b, slopes, strict=True):
            new = new + (h * weight) * slope if weight else new
        parts = zip(self.table.error or (), slopes, strict=False)
        return new, sum((h * weight * raw(slope) for weight, slope in parts), 0.0)


class _Adjoint(Function):
    """The solution, whose gradient solves the adjoint equation from the end to the start."""

    @staticmethod
    def forward(ctx: Any, solver: _Solver, times: Any, args: Any, y0: Any, *moving: Any) -> Any:
        found = solver.run(y0, times, [x.detach() if type(x) in tensor_types else x for x in args])
        ctx.solver, ctx.times, ctx.args = solver, times, args
        ctx.save_for_backward(found, *moving)
        return found

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        found, *moving = ctx.saved_tensors
        if g._node is not None:
            raise ArgumentError("odeint: with adjoint there are gradients of first order alone")
        state = _State([found[0], found[0], *moving])
        back = ctx.solver.of(_Augmented(ctx.solver.f, ctx.args, moving, state))
        a, sums = g[-1], [x.detach() * 0 for x in moving]
        for k in range(len(ctx.times) - 1, 0, -1):
            line = back.run(state.line([found[k], a, *sums]), ctx.times[[k, k - 1]], ())
            _, a, *sums = state.parts(line[-1])
            a = a + g[k - 1]
        return (None, None, None, a, *sums)


class _State:
    """Several arrays as one line of numbers."""

    def __init__(self, like: Sequence[Any]) -> None:
        self.shapes = [x.shape for x in like]
        self.ends = np.cumsum([int(np.prod(s, dtype=int)) for s in self.shapes])[:-1]

    def line(self, parts: Sequence[Any]) -> Any:
        return concat([x.detach().reshape((-1,)) for x in parts])

    def parts(self, line: Any) -> list[Any]:
        parts = np.split(raw(line), self.ends)
        return [wrap(p.reshape(s)) for p, s in zip(parts, self.shapes, strict=True)]


class _Augmented(NamedTuple):
    """The slope of y, of its adjoint, and of the gradients of what f takes besides."""

    f: Any
    args: Sequence[Any]
    moving: Sequence[Any]
    state: _State

    def __call__(self, t: float, line: Any) -> Any:
        y, a, *_ = self.state.parts(line)
        with enable_grad():
            slope = self.f(t, y.requires_grad_(), *self.args)
        by = [y, *self.moving]
        slopes: Any = [None] * len(by)
        if slope._node is not None:
            slopes = grad(slope, by, a, allow_unused=True)
        parts = [x.detach() * 0 if s is None else -s for x, s in zip(by, slopes, strict=True)]
        return self.state.line([slope, *parts])
