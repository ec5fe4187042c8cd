"""L-BFGS: quasi-Newton steps from a short history of gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor, asarray, enable_grad, no_grad
from autograd.engine.diagnose import check_choice
from autograd.engine.trail import written_outside
from autograd.errors import ArgumentError, ArgumentTypeError
from autograd.extend import raw
from autograd.tensors.inplace import write
from optim.base.checks import Params, options_in
from optim.base.chunk import as_real
from optim.base.entries import owned
from optim.base.line_search import Point, strong_wolfe
from optim.optimizer import Group, Optimizer

ARRAYS, LISTS = ("d", "prev_flat_grad"), ("old_dirs", "old_stps")
COUNTS, NUMBERS = ("func_evals", "n_iter"), ("t", "H_diag", "prev_loss")
_OUTSIDE = (
    "a step of LBFGS, which evaluates the loss as often as its values ask for (take the step "
    "outside, and compile what its closure calls)"
)


class LBFGS(Optimizer):
    """Steps along the gradient times an inverse Hessian estimated from the last few of them.

    A call of `step` makes up to `max_iter` iterations, and needs a closure that clears the
    gradients, computes the loss, calls backward and returns the loss. It ends when no element of
    the gradient is above `tolerance_grad`, when loss and parameters change by less than
    `tolerance_change`, or after `max_eval` evaluations (by default 5/4 of `max_iter`). The length
    of a step is lr (the first is shorter), or searched with `line_search_fn="strong_wolfe"`, which
    starts at lr. All parameters are in one group; the state is kept with the first of them.

    Source: Liu and Nocedal, On the limited memory BFGS method for large scale optimization (1989).

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([3.0, 1.0], requires_grad=True)
    >>> optimizer = optim.LBFGS([w], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((w - ag.Tensor([1.0, 2.0])) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure).item()
    5.0
    >>> w.detach().round(3)
    Tensor([1., 2.], dtype=float32)
    """

    _in_order = True

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        max_eval = max_iter * 5 // 4 if max_eval is None else max_eval
        super().__init__(params, options_in(locals()))

    def _check_options(self, group: Group) -> None:
        super()._check_options(group)
        check_choice("line_search_fn", group["line_search_fn"], (None, "strong_wolfe"))

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Take the one group that there may be."""
        if self.param_groups:
            raise ArgumentError(
                "LBFGS takes one group: its step is one direction of all parameters"
            )
        super().add_param_group(param_group)

    # ---- stepping ------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to `max_iter` iterations; returns the loss of the first evaluation."""
        if closure is None:
            raise ArgumentTypeError(
                "LBFGS evaluates the loss several times a step, so it needs a closure: write "
                "step(closure),\n  where closure() clears the gradients, computes the loss, calls "
                "backward and returns the loss"
            )
        written_outside(_OUTSIDE, self._remembered)
        entry = self.state.setdefault(self.param_groups[0]["params"][0], {})
        for name in COUNTS:
            entry.setdefault(name, 0)
        loss, grad, shown = self._evaluated(closure)
        self._iterate(closure, entry, loss, grad)
        return shown

    def _iterate(
        self, closure: Callable[[], Any], entry: dict[str, Any], loss: float, grad: Any
    ) -> None:
        """Iterate from a loss and its gradient; what goes on at the next step is in the entry."""
        group, before = self.param_groups[0], entry["func_evals"]
        entry["func_evals"] += 1
        for left in reversed(range(group["max_iter"])):
            if _greatest(grad) <= group["tolerance_grad"]:
                break
            entry["n_iter"] += 1
            d, t = _direction(entry, grad, group["history_size"]), float(group["lr"])
            if entry["n_iter"] == 1:
                t *= min(1.0, 1.0 / float(np.sum(np.abs(grad))))
            entry.update(d=asarray(d), t=t, prev_flat_grad=asarray(grad), prev_loss=loss)
            start = Point(0.0, loss, grad, float(np.dot(grad, d)))
            if start.slope > -group["tolerance_change"]:
                break
            spare = group["max_eval"] - (entry["func_evals"] - before)
            point, calls = self._moved(closure, start, d, t, left > 0, spare)
            entry["func_evals"] += calls
            entry["t"], loss, grad = point.t, point.loss, point.grad
            if calls >= spare or _greatest(d) * abs(point.t) <= group["tolerance_change"]:
                break
            if abs(loss - start.loss) < group["tolerance_change"]:
                break

    def _moved(
        self, closure: Callable[[], Any], start: Point, d: Any, t: float, look: bool, limit: int
    ) -> tuple[Point, int]:
        """Move the parameters along d; the point there, and how often the closure was called."""
        group, origin = self.param_groups[0], self._flat(map(raw, self._all_params()))

        def at(t: float) -> Point:
            self._place(origin + t * d)
            loss, grad, _ = self._evaluated(closure)
            return Point(t, loss, grad, float(np.dot(grad, d)))

        if group["line_search_fn"] is not None:
            point, calls = strong_wolfe(at, t, start, _greatest(d), 1e-9, limit)
            self._place(origin + point.t * d)
            return point, calls
        if look:
            return at(t), 1
        self._place(origin + t * d)  # nobody asks for the loss after the last step
        return start._replace(t=t), 0

    def _evaluated(self, closure: Callable[[], Any]) -> tuple[float, Any, Any]:
        """The loss, the gradient of all parameters in one array, and what the closure returned."""
        with enable_grad():
            shown = closure()
        grads = (np.zeros(p.shape, p.dtype) if p.grad is None else raw(p.grad)
                 for p in self._all_params())  # fmt: skip
        with no_grad():
            return float(shown), self._flat(grads), shown

    def _flat(self, values: Iterable[Any]) -> Any:
        return np.concatenate([as_real(np.ravel(value)) for value in values])

    def _place(self, flat: Any) -> None:
        """Write the elements of one array into the parameters, in order."""
        start = 0
        for p in self._all_params():
            real = np.empty(0, p.dtype).real.dtype
            stop = start + p.size * (p.dtype.itemsize // real.itemsize)
            part = flat[start:stop].astype(real).view(p.dtype)
            write(p, part.reshape(p.shape)[()])
            start = stop

    # ---- saving and loading --------------------------------------------------------------------

    def _entry_faults(
        self, entry: dict[str, Any], p: Tensor, group: Group, label: str
    ) -> list[str]:
        if entry and not entry.keys() >= {*COUNTS}:
            return [f"state of {label} lacks func_evals, n_iter: of another optimizer?"]
        size = len(self._flat(map(raw, self._all_params())))
        arrays = [(name, entry[name]) for name in ARRAYS if name in entry]
        arrays += [(name, part) for name in LISTS for part in entry.get(name, ())]
        shapes = {name: np.shape(a) for name, a in arrays if np.shape(a) != (size,)}
        faults = [f"{name} is {shape}, and should be {(size,)}" for name, shape in shapes.items()]
        dtypes = {name: dtype for name, a in arrays if (dtype := np.asarray(a).dtype).kind != "f"}
        return faults + [f"{name} is {dtype}, and no floats" for name, dtype in dtypes.items()]

    def _restored(self, entry: Mapping[str, Any], group: Group) -> dict[str, Any]:
        found = {name: entry[name] for name in entry if entry[name] is not None}
        ways: list[tuple[tuple[str, ...], Callable[[Any], Any]]] = [
            (COUNTS, int),
            (NUMBERS, float),
            (ARRAYS, owned),
            (LISTS, lambda parts: [owned(part) for part in parts]),
            (("ro",), lambda parts: [float(part) for part in parts]),
        ]
        return {name: way(found[name]) for names, way in ways for name in names if name in found}


def _greatest(x: Any) -> float:
    return float(np.max(np.abs(x), initial=0.0))


def _direction(entry: dict[str, Any], grad: Any, history_size: int) -> Any:
    """Minus the inverse Hessian times the gradient, by the two-loop recursion.

    Before that the last step and the change of the gradient join the history, if the curvature
    that they show is positive.
    """
    if entry["n_iter"] == 1:
        entry.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
        return -grad
    changes, steps, ro = entry["old_dirs"], entry["old_stps"], entry["ro"]
    y, s = grad - raw(entry["prev_flat_grad"]), raw(entry["d"]) * entry["t"]
    curvature = float(np.dot(y, s))
    if curvature > 1e-10:
        for history, item in ((changes, asarray(y)), (steps, asarray(s)), (ro, 1 / curvature)):
            history.append(item)
            del history[:-history_size]
        entry["H_diag"] = curvature / float(np.dot(y, y))
    d, shares = -grad, []
    for change, step, r in zip(reversed(changes), reversed(steps), reversed(ro), strict=True):
        shares.append(r * float(np.dot(raw(step), d)))
        d -= shares[-1] * raw(change)
    d *= entry["H_diag"]
    for change, step, r in zip(changes, steps, ro, strict=True):
        d += (shares.pop() - r * float(np.dot(raw(change), d))) * raw(step)
    return d
