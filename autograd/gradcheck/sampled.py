"""One node of a sweep, checked at the values that it sees: the inputs and the cotangent."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd.engine.generators import generator
from autograd.engine.modes import Mode, as_given, current_mode, set_mode
from autograd.engine.node import Node
from autograd.engine.operands import raw
from autograd.engine.row import OUTPUT
from autograd.errors import GradcheckError
from autograd.gradcheck.check import check
from autograd.gradcheck.inputs import value_of
from autograd.gradcheck.legs.precision import apart
from autograd.gradcheck.legs.weighted import weighted
from autograd.gradcheck.naming.nodes import function_of, input_name, looking_at, place_of
from autograd.gradcheck.numeric.function import Function, flat
from autograd.gradcheck.numeric.judge import FAILS, UNKNOWN
from autograd.gradcheck.report.finding import Entry, Finding
from autograd.gradcheck.report.merge import merged
from autograd.gradcheck.report.report import Report
from autograd.tensors.tensor import Tensor

__all__ = ["Sample", "can_be_checked"]

_ROUNDINGS = 8.0  # of the largest element: what needs no closer look
_PLANS = "autograd.compiler.face.outside"  # whose op stands for a compiled call


def can_be_checked(node: Node) -> bool:
    """Whether the node's op can be run again as a function of what needs a gradient."""
    if node.is_leaf or node.op is OUTPUT or not node.op.differentiable:
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
        self.f = function_of(node, self.tracked)
        self.is_checked = False

    def at(self, g: Any) -> Report | str | None:
        """Check the rules for a cotangent: a report where one is wrong, or why nothing is known."""
        self.is_checked = True
        if not all(map(_is_finite, self.values)) or not all(map(_is_finite, _listed(g))):
            return "its values are not finite"
        with _apart():
            names = [input_name(self.node, p) for p in self.tracked]
            values = [value_of(x) for x in self.values]
            self.function = Function(self.f, values, range(len(values)), names)
            try:
                self.recording = self.function.record()
                self.u = self._flat(g)
                self.expected = self.recording.vjp(self.u)
                status = weighted(self.function, self.recording, self.u, self.rng)
            except Exception as error:  # noqa: BLE001 - of a rule that is wrong, or of what has no slope
                return self._report(g) or f"{type(error).__name__}: {error}"
            if status == FAILS:
                return self._report(g) or "one direction disagrees, and no element does"
            return "the numeric slope is not known" if status == UNKNOWN else None

    def passes(self, position: int, g: Any, cotangent: Any) -> Report | None:
        """Compare what the sweep got for an input with what the checked formula gives."""
        number = self.tracked.index(position)
        start, stop = self.function.stops[number : number + 2]
        found, expected = flat(np.conj(g)), self.expected[start:stop]
        eps = max(float(np.finfo(x.dtype).eps) for x in [*self.values, *self._floating()])
        near = _ROUNDINGS * eps * np.max(np.abs(expected), initial=0.0)
        if np.all(np.abs(found - expected) <= near):
            return None
        every = self.expected.copy()
        every[start:stop] = found
        with _apart():
            value = np.concatenate([flat(y) for y in self._floating()])
            kinds = [x.dtype for x in self.values]
            seen = apart(
                self.function, self.recording, self.u, value, every, eps, kinds, self.rng
            )
            if not np.any(seen.wrong):
                return None
            return self._report(cotangent) or self._as_seen(number, every, seen)

    def _floating(self) -> list[Any]:
        return [np.asarray(y) for y in _listed(self.out) if np.asarray(y).dtype.kind in "fc"]

    def _flat(self, g: Any) -> Any:
        """The cotangents of the floating outputs, as users give them, in one vector."""
        pairs = zip(_listed(g), _listed(self.out), strict=True)
        return np.concatenate(
            [flat(np.conj(u)) for u, y in pairs if np.asarray(y).dtype.kind in "fc"]
        )

    def _report(self, g: Any) -> Report | None:
        """What all of gradcheck says; first for any cotangent, then for this one alone."""

        def by_cotangent(*xs: Any) -> Any:
            pairs = zip(_listed(self.f(*xs)), _listed(g), strict=True)
            parts = [(y * np.asarray(u, _wide(u))).real.sum() for y, u in pairs if _is_wide(y)]
            return sum(parts[1:], parts[0])

        by_cotangent.__name__ = self.f.__name__
        for f in (self.f, by_cotangent):
            inputs = [
                Tensor(x, name=input_name(self.node, p))
                for p, x in zip(self.tracked, self.values, strict=True)
            ]
            try:
                with looking_at():
                    report = check(f, inputs)
            except GradcheckError:
                continue
            if not report:
                return merged([(place_of(None, self.node), report)])
        return None

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


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _is_finite(value: Any) -> bool:
    return bool(np.all(np.isfinite(value)))


def _is_wide(y: Any) -> bool:
    return y.dtype.kind in "fc"


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
