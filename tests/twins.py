"""Wrong rules and their repaired twins: how tests plant them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd as ag
from autograd.engine.op import op
from autograd.gradcheck import gradcheck

__all__ = ["SEEDS", "Pair", "Pairs", "Rule", "one", "tensor", "two", "verdicts"]

SEEDS = range(5)
Rule = Callable[..., Any]
Pair = tuple[Callable[[], Any], Callable[[], Any], tuple[Any, ...], dict[str, Any]]


def one(rule: Rule, forward: Rule = np.sin, **declared: Any) -> Any:
    def planted(x: Any, /) -> Any:
        return forward(x)

    return op("planted", x=rule, **declared)(planted)


def two(forward: Rule, x: Rule | None = None, y: Rule | None = None, **declared: Any) -> Any:
    rules = {} if x is None else {"x": x, "y": y}

    def planted(x: Any, y: Any, /) -> Any:
        return forward(x, y)

    return op("planted", **rules, **declared)(planted)


def tensor(*x: Any, dtype: str = "float64") -> ag.Tensor:
    return ag.Tensor(np.array(x, dtype))


class Pairs(dict[str, Pair]):
    """A table of pairs: what is wrong, what is right, and where."""

    def add(self, name: str, wrong: Any, right: Any, *inputs: Any, **options: Any) -> None:
        """Enter a pair of makers of functions."""
        assert name not in self, name
        self[name] = wrong, right, inputs, options

    def rules(
        self, name: str, wrong: Rule, right: Rule, *inputs: Any, forward: Rule = np.sin, **more: Any
    ) -> None:
        """Enter a pair of rules of one op."""
        self.add(name, lambda: one(wrong, forward), lambda: one(right, forward), *inputs, **more)

    def declared(self, name: str, forward: Rule, rule: Rule, false: str, *inputs: Any) -> None:
        """Enter an op with a false declaration, and without it."""
        self.add(
            f"{name} is no {false}", lambda: one(rule, forward, **{false: True}),
            lambda: one(rule, forward), *inputs,
        )  # fmt: skip


def verdicts(f: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> list[tuple[bool, str]]:
    """Whether a function passes, and the report, at every seed."""
    reports = [gradcheck(f, *inputs, rng=s, raise_exception=False, **options) for s in SEEDS]
    return [(bool(report), str(report)) for report in reports]
