"""One node of a sweep, checked at the values that it sees: the inputs and the cotangent."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from autograd.engine.generators import generator
from autograd.engine.modes import Mode, as_given, current_mode, set_mode
from autograd.engine.node import Node
from autograd.engine.row import OUTPUT
from autograd.errors import GradcheckError
from autograd.gradcheck.check import check
from autograd.gradcheck.inputs import value_of
from autograd.gradcheck.legs.precision import apart
from autograd.gradcheck.legs.weighted import weighted
from autograd.gradcheck.naming.nodes import function_of, input_name, looking_at, place_of
from autograd.gradcheck.numeric.decisions import FAILS, KINK, UNKNOWN
from autograd.gradcheck.numeric.function import Function, flat
from autograd.gradcheck.report.finding import Entry, Finding
from autograd.gradcheck.report.merge import merged
from autograd.gradcheck.report.report import Report
from autograd.graph.graph import Graph
from autograd.tensors.tensor import Tensor

__all__ = ["Rules", "Sample", "can_be_checked", "values_of"]

_T = TypeVar("_T", Report, str)
_FEW = 4000  # elements of a node whose choice at a kink is judged, however short the time is
_ROUNDINGS = 8.0  # of the largest element: what needs no closer look
_PLANS = "autograd.compiler.face.outside"  # whose op stands for a compiled call


class _Late(BaseException):  # no error: it passes by what catches those
    """The time for a check is over."""


def can_be_checked(node: Node) -> bool:
    """Whether the node's op can be run again as a function of what needs a gradient."""
    if node.is_leaf or node.op is OUTPUT or not node.op.differentiable or 0 in node.shape:
        return False
    is_linked = node.extra is not None and node.extra.is_linked
    return not is_linked and node.op.forward.__module__ != _PLANS


class Sample:
    """One node, with the values of its inputs and of its output."""

    def __init__(self, node: Node, values: dict[Node, Any], rng: np.random.Generator) -> None:
        self.node, self.rng = node, rng
        self.tracked = [p for p, source in enumerate(node.inputs) if type(source) is Node]
        self.values = [np.asarray(values[node.inputs[p]]) for p in self.tracked]
        self.out = values[node]
        self.run = function_of(node, self.tracked)
        self.deadline = np.inf  # of the clock
        self.is_checked = self.is_late = False
        self.has_formula = False  # whether the rules have been run in double precision
        self.is_beside = False  # only beside a kink

    def f(self, *xs: Any) -> Any:
        """The node's op as far as its outputs are used, as long as there is time."""
        if perf_counter() > self.deadline:
            raise _Late
        found = _listed(self.run(*xs))
        return tuple(found[n] for n in self.used)

    def at(self, g: Any, seconds: float) -> Report | str | None:
        """Check the rules for a cotangent: a report where one is wrong, or why nothing is known."""
        self.is_checked, self.deadline = True, perf_counter() + seconds
        try:
            return self._at(g)
        except _Late:
            self.is_late = True
            return None

    def _at(self, g: Any) -> Report | str | None:
        g = _listed(g)
        if not all(map(_is_finite, [*self.values, *g])):
            return "its values are not finite"
        parts = [(n, np.conj(u)) for n, u in enumerate(g) if np.asarray(u).dtype.kind in "fc"]
        self.g = {n: u for n, u in parts if len(g) == 1 or np.any(u)}
        self.used = list(self.g)  # vectors that nothing depends on may have no derivative
        if not self.used or not any(x.size for x in self.values):
            return None
        with _apart():
            names = [input_name(self.node, p) for p in self.tracked]
            values = [value_of(x) for x in self.values]
            self.function = Function(self.f, values, range(len(values)), names)
            try:
                self.recording = self.function.record()
                self.u = np.concatenate([flat(u) for u in self.g.values()])
                self.expected = self.recording.vjp(self.u)
                chooses = self.function.size <= _FEW or np.isinf(self.deadline)
                status = weighted(self.function, self.recording, self.u, self.rng, chooses)
            except Exception as error:  # noqa: BLE001 - of a rule that is wrong, or what has no slope
                said = f"{type(error).__name__}: {error}"
                is_of_f = error is self.function.raised  # as it does in double precision, here
                return said if is_of_f else self._reported(said)
            self.has_formula = True
            if status == FAILS:
                return self._reported("one direction disagrees, and no element does")
            self.is_beside = status == KINK and not chooses
            return "the numeric slope is not known" if status == UNKNOWN else None

    def passes(self, position: int, g: Any) -> Report | None:
        """Compare what the sweep got for an input with what the checked formula gives."""
        number = self.tracked.index(position)
        start, stop = self.function.stops[number : number + 2]
        found, expected = flat(np.conj(g)), self.expected[start:stop]
        eps = max(float(np.finfo(x.dtype).eps) for x in [*self.values, *self._floating()])
        near = _ROUNDINGS * eps * np.max(np.abs(self.expected), initial=0.0)
        if np.all(np.abs(found - expected) <= near):
            return None
        every = self.expected.copy()
        every[start:stop] = found
        with _apart():
            value = np.concatenate([flat(y) for y in self._floating()])
            about = (self.function, self.recording, self.u)
            seen = apart(*about, value, every, eps, self.values, self.rng)
            if not np.any(seen.wrong):
                return None
            return self._reported(self._as_seen(number, every, seen))

    def _floating(self) -> list[Any]:
        return [np.asarray(_listed(self.out)[n]) for n in self.used]

    def _reported(self, otherwise: _T) -> Report | _T | None:
        """What all of gradcheck finds; first for any cotangent, then for this one alone."""

        def by_cotangent(*xs: Any) -> Any:
            pairs = zip(self.f(*xs), self.g.values(), strict=True)
            parts = [(y * np.conj(u).astype(_wide(u))).real.sum() for y, u in pairs]
            return sum(parts[1:], parts[0])

        def alone(*xs: Any) -> Any:
            return self.f(*xs)

        self.deadline = np.inf  # a suspicion is followed to its end
        undecided = 0
        for f in (alone, by_cotangent):
            f.__name__ = self.node.op.name
            inputs = [
                Tensor(x, name=input_name(self.node, p))
                for p, x in zip(self.tracked, self.values, strict=True)
            ]
            try:
                with looking_at():
                    report = check(f, inputs)
            except GradcheckError:  # which says that it cannot be checked
                undecided += 1
                continue
            if not report:
                return merged([(place_of(None, self.node), report)])
            undecided += len(report.inconclusive)
        return otherwise if undecided or isinstance(otherwise, Report) else None

    def _as_seen(self, number: int, every: Any, seen: Any) -> Report:
        """Elements that the sweep got otherwise than the rule, run again, gives them."""
        like, start = self.values[number], int(self.function.stops[number])
        width = 2 if like.dtype.kind == "c" else 1
        mine = np.flatnonzero(seen.wrong)
        worst = mine[np.argsort(-np.nan_to_num(seen.gap[mine]), kind="stable")]
        entries = tuple(
            Entry(
                tuple(int(k) for k in np.unravel_index((i - start) // width, like.shape)),
                float(every[i]),
                float(seen.expected[i]),
                float(seen.error[i]),
            )
            for i in worst
        )
        finding = Finding(
            "as it ran",
            input_name(self.node, self.tracked[number]),
            "out",
            1,
            str(like.dtype),
            entries,
            wrong=len({entry.index for entry in entries}),
            total=like.size,
            pattern="the same rule, run again in float64, gives what stands as numeric",
            function=place_of(None, self.node),
        )
        return Report([finding], checked=self.function.size)


class Rules:
    """Those of one op in one module: how often they were checked, and what that takes."""

    def __init__(self) -> None:
        self.checks = 0
        self.spent = 0.0
        self.price: float | None = None  # of a check, in seconds
        self.is_wrong = self.is_beside = False
        self.undecided: str | None = None

    def paid(self, seconds: float, sample: Sample) -> None:
        self.spent += seconds
        if sample.is_late:
            self.price = 2 * seconds
            return
        self.price = max(seconds, self.price or 0.0) if self.checks else seconds
        self.checks += 1
        self.is_beside |= sample.is_beside


def values_of(nodes: Sequence[Node]) -> tuple[dict[Node, Any], dict[Node, float]]:
    """The values on the way to some nodes, and the seconds that each of them took."""
    seconds: dict[Node, float] = {}
    last = perf_counter()

    def timed(node: Node, value: Any) -> Any:
        nonlocal last
        now = perf_counter()
        seconds[node], last = now - last, now
        return value

    return Graph(*nodes).values(change=timed), seconds


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _is_finite(value: Any) -> bool:
    return bool(np.all(np.isfinite(value)))


def _wide(u: Any) -> Any:
    return np.complex128 if np.asarray(u).dtype.kind == "c" else np.float64


@contextmanager
def _apart() -> Iterator[None]:
    """As if nothing ran around: no Watch, no module, and random numbers as they were."""
    before, bits = current_mode(), generator().bit_generator
    states = bits.state, np.random.get_state(), random.getstate()  # noqa: NPY002 - of the user's ops
    token = as_given.set(True)
    set_mode(Mode())
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        set_mode(before)
        as_given.reset(token)
        bits.state = states[0]
        np.random.set_state(states[1])  # noqa: NPY002
        random.setstate(states[2])
