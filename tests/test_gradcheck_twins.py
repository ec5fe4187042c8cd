"""Wrong rules and their repaired twins, side by side: no verdict hangs on a seed or an order.

Each kind of mistake that a check may miss has members that differ in nothing but the mistake; the
functions that a check may blame stand alone, or with a wrong rule beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS
from autograd.engine.samples import draw
from autograd.gradcheck import gradcheck
from tests.broken_rules import CannotBeMadeError, broken
from tests.twins import SEEDS, Pairs, Rule, one, tensor, two, verdicts


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


# ---- pairs: what is wrong, what is right, and where ------------------------------------------

PAIRS = Pairs()
pair, by_rule, declared = PAIRS.add, PAIRS.rules, PAIRS.declared


# Not finite in low precision alone.
by_rule(
    "logistic overflows", lambda g, x: g * np.exp(-x) / (1 + np.exp(-x)) ** 2,
    lambda g, out: g * out * (1 - out), tensor(-95.0, 0.5, dtype="float32"),
    forward=lambda x: 1 / (1 + np.exp(-x)),
)  # fmt: skip
by_rule(
    "log cosh overflows", lambda g, x: g * np.sinh(x) / np.cosh(x), lambda g, x: g * np.tanh(x),
    tensor(-92.0, 1.0, dtype="float32"), forward=lambda x: np.logaddexp(x, -x) - np.log(2),
)  # fmt: skip
by_rule(
    "a square overflows on its way", lambda g, x: g * x * x / np.square(x * x) * x,
    lambda g, x: g / x, tensor(1e20, 2.0, dtype="float32"), forward=np.log,
)  # fmt: skip
by_rule(
    "a hypotenuse overflows", lambda g, x: g * x / np.sqrt(np.square(x) + 1),
    lambda g, x: g * x / np.hypot(x, 1), tensor(2e19, 1.0, dtype="float32"),
    forward=lambda x: np.hypot(x, 1),
)  # fmt: skip

# The same at any place, in any order.
for where, x in {"first": (9.0, -9.0), "last": (-9.0, 9.0), "amid": (9.0, -9.0, 4.0)}.items():
    by_rule(
        f"ten to a power, negative {where}", lambda g, out, x: g * out * np.log(10) * np.sign(x),
        lambda g, out: g * out * np.log(10), tensor(*x), forward=lambda x: 10.0**x,
    )  # fmt: skip
    by_rule(
        f"a fifth power, small ones doubled {where}",
        lambda g, x: g * 5 * x**4 * np.where(x < 0, 2, 1), lambda g, x: g * 5 * x**4,
        tensor(*(300 * a if a > 0 else a / 30 for a in x)), forward=lambda x: x**5,
    )  # fmt: skip

# Far beyond the error, though the slope is not known to 1 %.
for offset in (2e3, 2e4):
    by_rule(
        f"a sign below {offset:g} in float32", lambda g, x: -g / np.cosh(x) ** 2,
        lambda g, x: g / np.cosh(x) ** 2, tensor(0.4, -0.2),
        forward=lambda x, c=offset: (np.tanh(x).astype("f4") + np.float32(c)).astype("f8"),
    )  # fmt: skip
    by_rule(
        f"a third too much below {offset:g} in float32", lambda g, x: 1.5 * g * np.exp(x),
        lambda g, x: g * np.exp(x), tensor(0.9),
        forward=lambda x, c=offset / 4: (np.exp(x).astype("f4") + np.float32(c)).astype("f8"),
    )  # fmt: skip

# With create_graph another gradient.
RAW = (np.ndarray, np.generic)
by_rule(
    "a Tensor is asked for", lambda g, x: g * np.cos(x) * (2 if isinstance(x, ag.Tensor) else 1),
    lambda g, x: g * np.cos(x), tensor(0.3, -0.5),
)  # fmt: skip
by_rule(
    "a cotangent is no array", lambda g, x: g * np.cos(x) * (1 if type(g) in RAW else -1),
    lambda g, x: g * np.cos(x), tensor(0.3, -0.5), order=2,
)  # fmt: skip
by_rule(
    "a float is asked for", lambda g, x: g * np.cos(x) + (0 if isinstance(x, RAW) else x),
    lambda g, x: g * np.cos(x), tensor(0.3),
)  # fmt: skip
by_rule(
    "a flag of the array", lambda g, x: g * np.cos(x) * (1 if hasattr(x, "flags") else 0.5),
    lambda g, x: g * np.cos(x), tensor(0.3, 0.7), order=2,
)  # fmt: skip


# Declared, and not so.
declared(
    "a running sum", np.cumsum, lambda g: np.cumsum(g[::-1])[::-1], "elementwise", tensor(1.0, 2, 3)
)
declared(
    "a roll", lambda x: np.roll(x, 1), lambda g: np.roll(g, -1), "elementwise", tensor(1.0, 2, 3)
)
declared(
    "a thing less its mean", lambda x: x - np.mean(x), lambda g: g - np.mean(g), "elementwise",
    tensor(1.0, 2, 4),
)  # fmt: skip
declared(
    "a sorted array",
    np.sort,
    lambda g, x: g[np.argsort(np.argsort(x))],
    "elementwise",
    tensor(3.0, 1, 2),
)
declared("a shift by two", lambda x: x + 2.0, lambda g: g, "linear", tensor(1.0, 2))
declared("an absolute value", np.abs, lambda g, x: g * np.sign(x), "linear", tensor(1.0, -2))
declared("a cube", lambda x: x**3, lambda g, x: 3 * g * x * x, "linear", tensor(1.0, -2))
SUM_AND_PRODUCT = (
    lambda x, y: x * y + y, lambda g, y: g * y, lambda g, x: g * (x + 1),
)  # fmt: skip
pair(
    "a sum and a product are not multilinear",
    lambda: two(*SUM_AND_PRODUCT, multilinear=True), lambda: two(*SUM_AND_PRODUCT),
    tensor(1.0, 2), tensor(3.0, 4),
)  # fmt: skip


# Linear at one scale alone.
def bent(how: Rule) -> Rule:
    return lambda g, x: how(g) / (1 + x * x)


for name, how in {
    "clipped at a hundred": lambda g: np.clip(g, -100, 100),
    "lost below a ten thousandth": lambda g: g * (np.abs(g) > 1e-4),
    "bent by an arcsinh": lambda g: 1e2 * np.arcsinh(g / 1e2),
    "rounded to single precision's range": lambda g: np.clip(g, -1e5, 1e5),
    "with a little added": lambda g: g + 1e-8,
}.items():
    by_rule(
        name, bent(how),
        lambda g, x: g / (1 + x * x), tensor(0.3, -0.4), forward=np.arctan,
    )  # fmt: skip


# Wrong where another input needs no gradient.
def jointly(forward: Rule, both: Rule, wrong: Rule) -> tuple[Any, Any]:
    def frozen(g: Any, x: Any, y: Any, needs: Any) -> Any:
        found = both(g, x, y) if all(needs) else wrong(g, x, y, needs)
        return tuple(part if need else None for part, need in zip(found, needs, strict=True))

    def whole(g: Any, x: Any, y: Any, needs: Any) -> Any:
        return tuple(p if need else None for p, need in zip(both(g, x, y), needs, strict=True))

    return lambda: two(forward, joint=frozen), lambda: two(forward, joint=whole)


PRODUCT = (lambda x, y: x * y, lambda g, x, y: (g * y, g * x))
QUOTIENT = (lambda x, y: x / y, lambda g, x, y: (g / y, -g * x / (y * y)))
for name, (law, wrong) in {
    "swapped where y is frozen": (
        PRODUCT, lambda g, x, y, needs: (g * x, g * x) if needs[0] else (g * y, g * x),
    ),
    "swapped where x is frozen": (
        PRODUCT, lambda g, x, y, needs: (g * y, g * y) if needs[1] else (g * y, g * x),
    ),
    "a sign where x is frozen": (QUOTIENT, lambda g, x, y, needs: (g / y, g * x / (y * y))),
    "a square where y is frozen": (QUOTIENT, lambda g, x, y, needs: (g / y**2, -g * x / y**2)),
}.items():  # fmt: skip
    pair(name, *jointly(*law, wrong), tensor(1.0, 2.0), tensor(3.0, 5.0))


# At a kink each tie gets the whole.
def share(x: Any, out: Any) -> Any:
    return (x == out) / np.sum(x == out)


for name, x in {"two": (1.0, 4.0, 4.0), "four": (2.0, 2.0, 2.0, 2.0)}.items():
    by_rule(
        f"{name} equal largest magnitudes", lambda g, x, out: g * np.sign(x) * (np.abs(x) == out),
        lambda g, x, out: g * np.sign(x) * share(np.abs(x), out), tensor(*x),
        forward=lambda x: np.max(np.abs(x)),
    )  # fmt: skip
    by_rule(
        f"{name} equal smallest of negatives", lambda g, x, out: g * (x == out),
        lambda g, x, out: g * share(x, out), tensor(*(-a for a in x)), forward=np.min,
    )  # fmt: skip
by_rule(
    "a ramp's kink", lambda g, x: g * np.where(x == 0, -1.0, x > 0),
    lambda g, x: g * np.where(x == 0, 0.3, x > 0), tensor(0.0, 1.0, -1.0),
    forward=lambda x: np.maximum(x, 0),
)  # fmt: skip
pair(
    "a minimum of two",
    lambda: two(np.minimum, lambda g, x, y: g * (x <= y), lambda g, x, y: g * (y <= x)),
    lambda: two(np.minimum, lambda g, x, y: g * (x <= y), lambda g, x, y: g * (y < x)),
    tensor(2.0, 1.0), tensor(2.0, 5.0),
)  # fmt: skip


# Whatever raises is a finding.
class OwnError(Exception):
    """An error that nothing else knows."""


def raising(error: Any, after: int = 0) -> Rule:
    calls = [0]

    def rule(g: Any, x: Any) -> Any:
        calls[0] += 1
        if calls[0] > after:
            raise error
        return g * np.cos(x)

    return rule


for name, make in {
    "an attribute": lambda: one(lambda g, x: g * np.cos(x) * x.ctypes.nothing),
    "an error of its own": lambda: one(raising(OwnError("own"))),
    "an index": lambda: one(lambda g, x: g * np.cos(x)[99]),
    "a late one": lambda: one(raising(OwnError("late"), 4)),
    "a text": lambda: one(raising(UnicodeError("text"), 1)),
}.items():
    pair(f"raised: {name}", make, lambda: one(lambda g, x: g * np.cos(x)), tensor(0.3, 0.4))


# Low precision, element by element.
def off_by(part: float) -> tuple[Any, Any]:
    def rule(g: Any, x: Any) -> Any:
        c = np.cos(x)
        return g * (c * x.dtype.type(1 + part * (x.dtype != np.float64)))

    return rule, lambda g, x: g * np.cos(x)


for dtype, part in (("float32", 1e-4), ("float32", 1e-3), ("float16", 0.5), ("float16", -0.4)):
    by_rule(f"{part:g} in {dtype}", *off_by(part), tensor(0.3, 0.4, -1.0, dtype=dtype))


@pytest.mark.parametrize("name", PAIRS)
def test_a_wrong_rule_is_caught_at_every_seed(name: str) -> None:
    wrong, _, inputs, options = PAIRS[name]
    found = verdicts(wrong(), inputs, options)
    assert not any(passes for passes, _ in found), found


@pytest.mark.parametrize("name", PAIRS)
def test_its_repaired_twin_is_blamed_at_no_seed(name: str) -> None:
    _, right, inputs, options = PAIRS[name]
    for passes, text in verdicts(right(), inputs, options):
        assert passes, text


# ---- right, and hard to judge ----------------------------------------------------------------


def iterated(x: Any) -> Any:
    for _ in range(45):
        x = 1 - 1.9 * x * x
    return x


def rough(x: Any) -> Any:
    return sum(0.6**k * ag.sin(5.0**k * x) for k in range(28))


def network(x: Any, w: Any, b: Any) -> Any:
    return ag.relu(ag.relu(x @ w + b) @ w.T).sum(axis=0)


def zero_row() -> Any:
    x = draw(3, 3)
    x[0] = 0
    return ag.Tensor(x)


NEARLY = np.array([[2.0, 2.0], [2.0, 2.0 + 1e-10]])
HARD: dict[str, tuple[Any, ...]] = {
    # cancellation inside of a rule
    "softmax of far logits": (ag.softmax, tensor(40.0, -3.0, 0.0)),
    "log_softmax of far logits": (ag.log_softmax, tensor(-80.0, 3.0, 71.0)),
    "two rows of softmax": (lambda x: ag.softmax(x, axis=1), tensor([50.0, 1], [-20.0, 20])),
    "a gate of large numbers": (lambda x: x * ag.sigmoid(x), tensor(60.0, -60.0, 15.0)),
    # many kinks at once
    "two layers on a row of zeros": (
        network, zero_row(), ag.Tensor(draw(3, 4)), tensor(0.0, 0, 0, 0),
    ),
    "a sum of absolute zeros": (lambda x: ag.abs(x).sum() + (x * x).sum(), tensor(0.0, 0, 0, 0)),
    "a maximum of zeros, weighted": (
        lambda x: ag.maximum(x, 0) @ np.arange(4.0), tensor(0.0, 0, 0, 1),
    ),
    "a hinge at its corner": (lambda x: ag.relu(1 - x).mean(), tensor(1.0, 1.0, 2.0)),
    # steps that reach over many jumps
    "floor far out": (ag.floor, tensor(3e6 + 0.4)),
    "rint far out": (ag.rint, tensor(-2e7 - 0.2, 0.1)),
    "ceil of many": (lambda x: ag.ceil(1e5 * x), tensor(0.1234567)),
    "a saw tooth": (lambda x: x % 0.5, tensor(4e6 + 0.2)),
    # faster than any step
    "cos at 1e10": (ag.cos, tensor(1e10 + 0.7)),
    "a fast wave": (lambda x: ag.cos(2 * np.pi * 2**22 * x), tensor(0.3, 0.71)),
    "an iterated map": (iterated, tensor(0.31)),
    "a rough sum": (rough, tensor(0.4)),
    "a wave of a wave": (lambda x: ag.sin(1e6 * ag.sin(1e3 * x)), tensor(0.2)),
    # a pole nearer than the steps
    "a pole of order three": (lambda x: 1 / (x - 3) ** 3, tensor(3 + 1e-6)),
    "log at the edge of one": (lambda x: ag.log(1 - x), tensor(1 - 1e-11)),
    "arccosh at its edge": (ag.arccosh, tensor(1 + 1e-9)),
    "a logit of both ends": (lambda x: ag.log(x) - ag.log(1 - x), tensor(1e-9, 1 - 1e-9)),
    "a root close to zero": (ag.sqrt, tensor(3e-13)),
    # one of the gradients that there are
    "sorted triples": (lambda x: ag.sort(x) @ np.arange(6.0), tensor(1.0, 1, 1, 2, 2, 2)),
    "a middle of five": (ag.median, tensor(4.0, 4, 4, 1, 9)),
    "a spread of equals": (lambda x: x.max() - x.min(), tensor(5.0, 5, 5)),
    "the three largest": (lambda x: ag.topk(x, 3)[0].sum(), tensor(2.0, 2, 2, 2, 1)),
    "running largest": (lambda x: ag.cummax(x, axis=0), tensor(3.0, 3, 1, 3)),
    # inputs that nothing reads
    "one input ignored": (lambda x, y: ag.tanh(x), tensor(1.0, 2), tensor(3.0)),
    "all but a scalar ignored": (lambda x, y, z: z * z, tensor(1.0), tensor([2.0, 3]), tensor(4.0)),
    "a product with zero": (lambda x, y: x + 0 * y, tensor(1.0, 2), tensor(3.0, 4)),
    "multiplied by nothing": (lambda x, y: ag.where(x > 0, x, y), tensor(1.0, 2), tensor(3.0, 4)),
    # nearly singular
    "a nearly singular factor": (lambda a: ag.linalg.cholesky((a + a.T) / 2), ag.Tensor(NEARLY)),
    "its inverse": (ag.linalg.inv, ag.Tensor(NEARLY)),
    "its determinant": (ag.linalg.det, ag.Tensor(NEARLY)),
    "its logarithm": (lambda a: ag.linalg.slogdet(a)[1], ag.Tensor(NEARLY)),
}  # fmt: skip


@pytest.mark.parametrize("name", HARD)
def test_a_right_gradient_is_blamed_at_no_seed(name: str) -> None:
    f, *inputs = HARD[name]
    verdicts = [gradcheck(f, *inputs, rng=seed, raise_exception=False) for seed in SEEDS]
    assert all(verdicts), next(str(report) for report in verdicts if not report)


def first_that_counts(f: Any, inputs: tuple[Any, ...]) -> tuple[Any, int]:
    """An op of a function, and an input of it, whose rule shows when it gives twice as much."""
    leaves = [x.detach().requires_grad_() for x in inputs]
    y = f(*leaves)
    u = ag.Tensor(np.linspace(0.5, 1.5, y.size).reshape(y.shape))

    def gradients() -> list[Any]:
        found = ag.grad(y, leaves, u, retain_graph=True, allow_unused=True)
        return [g.numpy() for g in found if g is not None]

    right = gradients()
    for node in ag.Graph(y).nodes:
        for position in range(0 if node.is_leaf else len(node.inputs)):
            with suppress(CannotBeMadeError), broken(node.op, position, "twice"):
                wrong = gradients()
                if any(np.any(a != b) for a, b in zip(right, wrong, strict=True)):
                    return node.op, position
    raise AssertionError("no rule shows")


FLAT = {  # all zero, and twice as much is so too
    "floor far out", "rint far out", "ceil of many", "a sum of absolute zeros",
    "a hinge at its corner",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in HARD if name not in FLAT])
def test_a_wrong_gradient_of_the_same_function_is_not_passed(name: str) -> None:
    f, *inputs = HARD[name]
    op, position = first_that_counts(f, tuple(inputs))
    with broken(op, position, "twice"):
        report = gradcheck(f, *inputs, rng=len(name) % 5, raise_exception=False)
    assert not report, str(report)


@pytest.mark.parametrize("name", sorted(FLAT))
def test_a_slope_where_there_is_none_is_not_passed(name: str) -> None:
    f, *inputs = HARD[name]
    op = next(node.op for node in ag.Graph(f(*(x.detach().requires_grad_() for x in inputs))).nodes
              if node.op.name in ("floor", "rint", "ceil", "abs", "relu"))  # fmt: skip
    with broken(op, 0, "added"):
        report = gradcheck(f, *inputs, raise_exception=False)
    assert not report, str(report)


# ---- names -----------------------------------------------------------------------------------


def off_at(indices: list[int], size: int, by: Any) -> Any:
    change = np.zeros(size)
    change[indices] = by
    return lambda g, x: g * (np.cos(x) + change)


def summed(f: Any) -> Any:
    return lambda x: f(x).sum()


def complex_tensor(n: int) -> ag.Tensor:
    return ag.Tensor(draw(n, complex_=True))


NAMES: dict[str, tuple[Callable[[], Any], tuple[Any, ...], str, str]] = {
    "five of five hundred": (
        lambda: one(off_at([3, 77, 200, 401, 509], 510, 0.5)), (ag.Tensor(draw(510)),), "",
        "permuted",
    ),
    "two of five hundred": (
        lambda: one(off_at([3, 477], 510, [0.5, 0.7])), (ag.Tensor(draw(510)),), "", "permuted",
    ),
    "an elementwise one off by a little": (
        lambda: one(lambda g, x: g * np.cos(x) * np.linspace(1.00002, 1.00009, 5)),
        (ag.Tensor(draw(5)),), "", "transposed",
    ),
    "a matrix of elements off by a little": (
        lambda: one(lambda g, x: g * np.cos(x) * (1 + 5e-5 * (x > 0))),
        (ag.Tensor(draw(4, 4)),), "", "transposed",
    ),
    "permuted": (
        lambda: one(lambda g, x: (g * np.cos(x))[[2, 0, 1, 3]]), (ag.Tensor(draw(4)),),
        "permuted", "transposed",
    ),
    "transposed factor": (
        lambda: two(lambda x, y: x @ y, lambda g, y: g @ y, lambda g, x: x.T @ g),
        (ag.Tensor(draw(3, 3)), ag.Tensor(draw(3, 3, seed=1))), "transposed factor", "permuted",
    ),
    "two that cancel": (
        lambda: summed(one(off_at([5, 500], 510, [0.3, -0.3]))),
        (ag.Tensor(draw(510)),), r"2 of 510 elements wrong", "no single element",
    ),
    "four that cancel": (
        lambda: summed(one(off_at([5, 6, 7, 8], 510, [1, -1, 1, -1]))),
        (ag.Tensor(draw(510)),), r"4 of 510 elements wrong", "no single element",
    ),
    "an imaginary part lost": (
        lambda: one(lambda g, x: (g * np.cos(x)).real + 0j), (complex_tensor(4),),
        "imaginary part of the gradient lost", "block of zeros",
    ),
    "a real part lost": (
        lambda: one(lambda g, x: 1j * (g * np.exp(x)).imag, np.exp), (complex_tensor(3),),
        "real part of the gradient lost", "block of zeros",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_given_where_undoing_the_mistake_makes_it_right(name: str) -> None:
    make, inputs, said, never = NAMES[name]
    f = make()
    for seed in SEEDS:
        text = str(gradcheck(f, *inputs, rng=seed, raise_exception=False))
        assert text.count("FAIL"), text
        assert said in text, text
        assert never not in text, text
