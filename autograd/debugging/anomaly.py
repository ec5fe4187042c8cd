"""`detect_anomaly`: a Watch that stops at the first NaN or infinity, forward or backward."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from autograd.debugging.words import described, found_in
from autograd.engine.callers import caller
from autograd.engine.modes import ModeChange, current_mode, set_mode
from autograd.engine.node import Node
from autograd.engine.operands import raw
from autograd.engine.row import Op
from autograd.engine.trail import written_outside
from autograd.engine.watch import Watch, see_forwards
from autograd.errors import NaNError
from autograd.sweep.pull import input_name

__all__ = ["detect_anomaly"]


class _Inside(threading.local):
    """Of each thread: how many rules run, and the cotangent that the last of them was given."""

    depth = 0
    given: Any = None


_inside = _Inside()


class _Anomaly(Watch):
    def __init__(self, nan: bool, inf: bool, forward: bool) -> None:
        self.sees_forward = forward
        self.tests = [
            (kind, test)
            for kind, test, asked in (("NaN", np.isnan, nan), ("infinity", np.isinf, inf))
            if asked
        ]

    def forward(self, op: Op, run: Callable[..., Any], /, *values: Any, **params: Any) -> Any:
        out = run(*values, **params)
        if (
            self.sees_forward and not _inside.depth
        ):  # else it is a rule's own, whose result is looked at
            for kind, test in self.tests:
                for number in _bad(out, test):
                    self._forward_told(op, values, params, number, kind, test)
        return out

    def _forward_told(
        self, op: Op, values: Any, params: Any, out: Any, kind: str, test: Callable[..., Any]
    ) -> None:
        names = [f"{op.inputs[0]}[{i}]" if op.variadic else op.inputs[i]
                 for i in range(len(values))]  # fmt: skip
        given = {n: v for n, v in zip(names, values, strict=True) if v is not None}
        came = [name for name, value in (given | params).items() if [*_bad(value, test)]]
        if came and kind == "infinity":
            return  # such as a mask of -inf: it was meant, or has been told
        what = f"the forward gave {found_in(out, kind, test)}"
        if came:
            value = (given | params)[came[0]]
            what = (
                f"{came[0]} had {kind} already ({found_in(value, kind, test)}): it was in what "
                "this block was given, and no op of the block made it"
            )
        mode = current_mode()
        place = (f" in {mode.scope!r}" if mode.scope is not None else "") + f" at {caller()}"
        lines = [*(f"{n}: {described(v)}" for n, v in given.items()), f"out: {described(out)}"]
        raise NaNError("\n  ".join([f"{op.name}: {what},{place}", *lines]))

    def rule(self, node: Node, position: int | None, rule: Any, /, g: Any, *saved: Any) -> Any:
        _inside.depth += 1
        try:
            return rule(g, *saved)
        finally:
            _inside.depth -= 1
            _inside.given = g, saved

    def passed(self, node: Node, position: int, g: Any) -> None:
        for kind, test in self.tests:
            if [*_bad(g, test)]:
                self._backward_told(node, position, g, kind, test)

    def _backward_told(self, node: Node, position: int, g: Any, kind: str, test: Any) -> None:
        name, (given, saved) = input_name(node, position), _inside.given
        what = f"the rule for {name} gave {kind}"
        if [*_bad(given, test)]:
            what = (
                f"the cotangent had {kind} already: it came with backward's gradient, or from "
                "adding up the uses of this value"
            )
        lines = [f"cotangent: {described(given)}"]
        lines += [f"{n}: {described(v)}" for n, v in _kept(node, saved)]
        lines.append(f"gradient of {name}: {described(g)} ({found_in(g, kind, test)})")
        place = node.place() if node.where is None else f", recorded{node.place()}"
        if node.op.name == "compiled":
            place = "; call the compiled function in this block, which then runs it op by op"
        raise NaNError("\n  ".join([f"{node.op.name}: {what}{place}", *lines]) + node.calls())

    def pushed(self, node: Node, sources: Sequence[Any], t: Any) -> None:
        for kind, test in self.tests:
            if [*_bad(t, test)] and not any([*_bad(s, test)] for s in sources):
                names = [input_name(node, i) for i in range(len(sources))]
                lines = [f"tangent of {n}: {described(s)}"
                         for n, s in zip(names, sources, strict=True) if s is not None]  # fmt: skip
                lines.append(f"tangent of out: {described(t)}")
                place = node.place() if node.where is None else f", recorded{node.place()}"
                raise NaNError(
                    "\n  ".join([f"{node.op.name}: the derivative gave {kind}{place}", *lines])
                    + node.calls()
                )

    def arrived(self, node: Node, g: Any) -> None:
        for kind, test in self.tests:
            if [*_bad(g, test)]:
                hooks = node.extra is not None and node.extra.hooks
                cause = "a hook on it" if hooks else "backward's gradient, or adding up its uses"
                line = node.place() if node.where is None else f", recorded{node.place()}"
                raise NaNError(
                    f"the gradient of {node.label()} has {found_in(g, kind, test)}, and no rule "
                    f"gave that: it comes from {cause}{line}\n"
                    f"  gradient: {described(g)}{node.calls()}"
                )


def _bad(value: Any, test: Callable[..., Any]) -> Iterator[Any]:
    """Those of one or several values that have numbers which a test finds."""
    for part in value if isinstance(value, (tuple, list)) else (value,):
        number = raw(part)
        kind = getattr(getattr(number, "dtype", None), "kind", "f" if type(number) is float else "")
        if kind in ("f", "c") and test(number).any():
            yield number


def _kept(node: Node, saved: Any) -> Iterable[tuple[str, Any]]:
    """What the rule read beside the cotangent, by name, where it is numbers."""
    op = node.op
    names = (*op.inputs, "out") if not op.variadic else ("inputs", "out")
    kept = node.saved or ()
    for value in saved:
        number = raw(value)
        if isinstance(number, (np.ndarray, np.generic)) and number.dtype.kind in "fc":
            found = (n for n, k in zip(names, kept, strict=False) if k is number)
            yield next(found, "read"), number


class detect_anomaly(ModeChange):
    """Raise at the first NaN or infinity, forward or backward: a context manager and decorator.

    A NaNError tells the op, what went in and came out in numbers, the module, and the line; NaN
    that was in the data or the parameters already is told as such. While it is on, nodes keep
    their source lines, so that any error in backward names the line that was recorded. `check_nan`
    looks for NaN; without it only lines are kept, as in PyTorch. `check_inf`, which is as
    `check_nan` where it is left out, looks for infinities that an op makes of finite numbers:
    those that go in, as in a mask of -inf, are meant. Without `forward` gradients alone are looked
    at, as in PyTorch. It is of its thread, as all modes are, and of several the innermost counts.

    >>> import autograd as ag
    >>> x = ag.Tensor(0.0, requires_grad=True, name="x")
    >>> import numpy as np
    >>> with ag.detect_anomaly(), np.errstate(all="ignore"):
    ...     (ag.sqrt(x) * 0.0).backward()
    Traceback (most recent call last):
    ...
    autograd.errors.NaNError: sqrt: the rule for x gave NaN...
    """

    __slots__ = ("_watch",)

    def __init__(
        self, check_nan: bool = True, check_inf: bool | None = None, forward: bool = True
    ) -> None:
        super().__init__(traces=True)
        self._watch = _Anomaly(check_nan, check_nan if check_inf is None else check_inf, forward)

    def __enter__(self) -> None:
        written_outside("a block of detect_anomaly: open it around the call that is compiled")
        super().__enter__()
        mode = current_mode()
        others = tuple(w for w in mode.watches if type(w) is not _Anomaly)
        watches = (*others, self._watch) if self._watch.tests else others
        set_mode(mode.replace(watches=watches))
        see_forwards(self._watch, True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, traceback)
        see_forwards(self._watch, False)
