"""Rules that are wrong only where some of the others need no gradient, and their repaired twins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.op import op
from autograd.engine.row import OPS
from tests.twins import Pairs, tensor, two, verdicts

PAIRS = Pairs()
pair = PAIRS.add


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def four(wrong: Any) -> Any:
    """(a b + c d) by a joint rule; `wrong` is the factor of the first part that is needed."""

    def planted(a: Any, b: Any, c: Any, d: Any, /) -> Any:
        return a * b + c * d

    def rule(g: Any, a: Any, b: Any, c: Any, d: Any, needs: Any) -> Any:
        found = [g * b, g * a, g * d, g * c]
        found[needs.index(True)] = found[needs.index(True)] * wrong(needs)
        return tuple(part if need else None for part, need in zip(found, needs, strict=True))

    return lambda: op("planted", joint=rule)(planted)


FOUR = tuple(tensor(1.0 + n, 2.0 - n) for n in range(4))
for name, group in {
    "the first two": (False, False, True, True), "the outer two": (False, True, True, False),
    "every second": (True, False, True, False), "all but the third": (False, False, True, False),
}.items():  # fmt: skip
    pair(
        f"twice where {name} are frozen", four(lambda needs, g=group: 1 + (needs == g)),
        four(lambda needs: 1), *FOUR,
    )  # fmt: skip
pair(
    "right one by one, and not by halves",
    four(lambda needs: 1.5 if sum(needs) == 2 else 1), four(lambda needs: 1), *FOUR,
)  # fmt: skip


def many(wrong: Any) -> Any:
    """Twenty inputs in five products of four."""

    def make() -> Any:
        law = four(wrong)()
        return lambda *xs: sum(law(*xs[n : n + 4]) for n in range(0, 20, 4))

    return make


pair(
    "of twenty inputs", many(lambda needs: 1 + (needs == (True, False, False, True))),
    many(lambda needs: 1), *(tensor(1.0 + n, 2.0) for n in range(20)),
)  # fmt: skip


def squares(law: Any) -> Any:
    def rule(g: Any, x: Any, y: Any, needs: Any) -> Any:
        dx, dy = law(g, x, y, needs)
        return (dx if needs[0] else None), (dy if needs[1] else None)

    return lambda: two(lambda x, y: x * x * y, joint=rule)


def cut(x: Any) -> Any:
    return x.detach() if isinstance(x, ag.Tensor) else x


RIGHT = squares(lambda g, x, y, needs: (g * 2 * x * y, g * x * x))
for name, law in {
    "a second derivative lost where y is frozen": lambda g, x, y, needs: (
        g * 2 * (x if needs[1] else cut(x)) * y, g * x * x,
    ),
    "one of the cotangent's lost where x is frozen": lambda g, x, y, needs: (
        g * 2 * x * y, (g if needs[0] else cut(g)) * x * x,
    ),
    "another one for cotangents that are constant": lambda g, x, y, needs: (
        g * 2 * (x if getattr(g, "requires_grad", True) else cut(x)) * y, g * x * x,
    ),
    "recorded, another one where y is frozen": lambda g, x, y, needs: (
        g * 2 * x * y * (1 + (isinstance(g, ag.Tensor) and not needs[1])), g * x * x,
    ),
}.items():  # fmt: skip
    pair(name, squares(law), RIGHT, tensor(1.5, -2.0), tensor(3.0, 0.5), order=2)


def halves(wrong: float) -> Any:
    """Two outputs; what comes back from the second is wrong where y is frozen."""

    def planted(x: Any, y: Any, /) -> Any:
        return x * y, x - y

    def rule(g: Any, x: Any, y: Any, needs: Any) -> Any:
        first, second = g
        part = 1 if needs[1] else wrong
        return first * y + part * second, first * x - second

    return lambda: op("planted", joint=rule, outputs=2)(planted)


pair("from the second output", halves(-1), halves(1), tensor(1.0, 2), tensor(3.0, 4))


def asked(slope: float) -> Any:
    """A function that looks whether its weights are trained."""

    def f(x: Any, w: Any, b: Any) -> Any:
        if w.requires_grad or b.requires_grad:
            return ag.tanh(x * w + b)
        return ag.tanh(ag.Tensor(w.numpy() * x.numpy()) + b + 0 * x + slope * (x - cut(x)) * w)

    return lambda: f


pair("a function for weights that are not trained", asked(0.9), asked(1.0),
     tensor(1.0, 2), tensor(0.3, 0.4), tensor(0.1, 0.2))  # fmt: skip


def function(wrong: float) -> Any:
    def make() -> Any:
        class Product(ag.Function):
            @staticmethod
            def forward(ctx: Any, x: Any, y: Any) -> Any:
                ctx.save_for_backward(x, y)
                return x * y

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                x, y = ctx.saved_tensors
                return g * y * (1 if ctx.needs_input_grad[1] else wrong), g * x

        return Product.apply

    return make


pair("a Function that asks its context", function(0.5), function(1),
     tensor(1.0, 2), tensor(3.0, 4))  # fmt: skip


def complexes(wrong: Any) -> Any:
    def rule(g: Any, x: Any, y: Any, needs: Any) -> Any:
        return g * (y if needs[1] else wrong(y)), g * x

    return lambda: two(lambda x, y: x * y, joint=rule)


for dtype in ("complex64", "complex128"):
    pair(f"a conjugate where y is frozen, {dtype}", complexes(np.conj), complexes(lambda y: y),
         tensor(1 + 2j, 3j, dtype=dtype), tensor(2 - 1j, 1 + 1j, dtype=dtype))  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_a_rule_wrong_where_others_are_frozen_is_caught_at_every_seed(name: str) -> None:
    wrong, _, inputs, options = PAIRS[name]
    for passes, text in verdicts(wrong(), inputs, options):
        assert not passes, text


@pytest.mark.parametrize("name", PAIRS)
def test_its_repaired_twin_is_blamed_at_no_seed(name: str) -> None:
    _, right, inputs, options = PAIRS[name]
    for passes, text in verdicts(right(), inputs, options):
        assert passes, text
