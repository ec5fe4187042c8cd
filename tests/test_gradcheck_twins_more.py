"""More wrong rules and their repaired twins: other dtypes, layouts, sizes, and forms of ops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.op import op
from autograd.engine.row import OPS
from autograd.engine.samples import draw
from autograd.gradcheck import gradcheck_module
from nn.module.module import Module
from nn.module.parameter import Parameter
from tests.twins import Pairs, Rule, one, tensor, two, verdicts

PAIRS = Pairs()
pair, rules, declared = PAIRS.add, PAIRS.rules, PAIRS.declared
COS = lambda g, x: g * np.cos(x)  # noqa: E731


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def last_axis(x: Any) -> Any:
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def summed(f: Any) -> Any:
    return lambda x: f(x).sum()


def logsumexp(x: Any) -> Any:
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


# ---- not finite in low precision alone -----------------------------------------------------------

rules(
    "shares without the shift", lambda g, x: g * np.exp(x) / np.sum(np.exp(x)),
    lambda g, x, out: g * np.exp(x - out), tensor(89.5, 91.0, 3.0, dtype="float32"),
    forward=logsumexp,
)  # fmt: skip
rules(
    "a quotient of squares", lambda g, x: g * 2 * x / np.square(1 + x * x),
    lambda g, x: g * 2 / (1 + x * x) * (x / (1 + x * x)), tensor(3e10, dtype="float32"),
    forward=lambda x: -1 / (1 + x * x),
)  # fmt: skip
rules(
    "a complex modulus overflows", lambda g, x: g * np.conj(x) / (x * np.conj(x)),
    lambda g, x: g / x, tensor(3e19 + 1e19j, dtype="c8"), forward=np.log,
)  # fmt: skip
rules(
    "a half's square overflows", lambda g, x: g * x / (x * x) * 0.5, lambda g, x: g * 0.5 / x,
    tensor(300.0, dtype="float16"), forward=lambda x: 0.5 * np.log(x),
)  # fmt: skip
rules(
    "zero over zero where it underflows", lambda g, x: g * x**3 / (x * x) * 2,
    lambda g, x: g * 2 * x, tensor(1e-25, 0.5, dtype="float32"), forward=lambda x: x * x,
)  # fmt: skip

# ---- any order, any place ------------------------------------------------------------------------

for where, x in {"top": [[-12.0, 3], [12, 12]], "bottom": [[12.0, 12], [3, -12]]}.items():
    rules(
        f"a hyperbolic sine, negative at the {where}", lambda g, x: g * np.cosh(x) * np.sign(x),
        lambda g, x: g * np.cosh(x), tensor(*x), forward=np.sinh,
    )  # fmt: skip
    rules(
        f"strided, negative at the {where}", lambda g, x: g * np.exp(x) * np.where(x < -5, 2, 1),
        lambda g, x: g * np.exp(x), ag.Tensor(np.array(x)[::-1].T), forward=np.exp,
    )  # fmt: skip
pair(
    "a small one below a sum with a large one",
    lambda: summed(one(lambda g, x: g * np.exp(x) * np.sign(x), np.exp)),
    lambda: summed(one(lambda g, x: g * np.exp(x), np.exp)), tensor(18.0, -18.0),
)  # fmt: skip
rules(
    "the small one of a complex pair", lambda g, x: g * np.exp(x) * np.where(np.real(x) < 0, -1, 1),
    lambda g, x: g * np.exp(x), tensor(15 + 1j, -15 + 2j, dtype="c16"), forward=np.exp,
)  # fmt: skip

# ---- seen through noise --------------------------------------------------------------------------


rules(
    "a sign below halves", lambda g, x: -g * np.exp(x), lambda g, x: g * np.exp(x), tensor(0.3),
    forward=lambda x: np.exp(x).astype("f2").astype("f8"),
)  # fmt: skip
rules(
    "nothing below single precision", lambda g, x: 0 * g, COS, tensor(0.8),
    forward=lambda x: (np.sin(x).astype("f4") + np.float32(3e3)).astype("f8"),
)  # fmt: skip
rules(
    "a sign below an offset of 1e5", lambda g, x: -g * np.cos(x), COS, tensor(0.8),
    forward=lambda x: (np.sin(x).astype("f4") + np.float32(1e5)).astype("f8"),
)  # fmt: skip
rules(
    "twice below a ripple", lambda g, x: 2 * g * np.cos(x), COS, tensor(0.8, 0.2),
    forward=lambda x: np.sin(x) + 1e-9 * np.sin(1e7 * x) * 0,
)  # fmt: skip

# ---- with create_graph another gradient ----------------------------------------------------------


def times(part: Rule) -> Rule:
    return lambda g, x: g * np.cos(x) * part(g, x)


for name, part in {
    "a method that Tensors have": lambda g, x: 1 if not hasattr(x, "detach") else 3,
    "the name of a class": lambda g, x: 1 if "Tensor" not in type(x).__name__ else 0.5,
    "a cotangent that needs a gradient": lambda g, x: (
        -1 if getattr(g, "requires_grad", False) else 1
    ),
    "a plain scalar": lambda g, x: 1 if isinstance(x * 1.0, (np.ndarray, np.generic)) else 1.01,
}.items():
    rules(name, times(part), COS, tensor(0.3, -0.5))


def jointly(wrong: Any) -> Any:
    def rule(g: Any, x: Any, y: Any) -> Any:
        return g * y * wrong(g), g * x

    return lambda: two(lambda x, y: x * y, joint=rule)


pair(
    "a joint rule that asks what it gets",
    jointly(lambda g: 1 if isinstance(g, (np.ndarray, np.generic)) else 2), jointly(lambda g: 1),
    tensor(1.0, 2), tensor(3.0, 4), order=2,
)  # fmt: skip

# ---- declared, and not so ------------------------------------------------------------------------

declared("softmax by rows", last_axis,
         lambda g, out: out * (g - np.sum(g * out, -1, keepdims=True)),
         "elementwise", tensor([1.0, 2, 4], [0.0, 3, 1]))  # fmt: skip
declared("a square's transpose", lambda x: x.T, lambda g: g.T, "elementwise",
         tensor([1.0, 2], [3.0, 5]))  # fmt: skip
declared("a share of the whole", lambda x: x / np.sum(x),
         lambda g, x: (g - np.sum(g * x) / np.sum(x)) / np.sum(x), "elementwise",
         tensor(1.0, 2, 4))  # fmt: skip
declared("a ramp", lambda x: np.maximum(x, 0), lambda g, x: g * (x > 0), "linear", tensor(1.0, -2))
declared("a unit vector's length", lambda x: x / np.sqrt(np.sum(x * x)),
         lambda g, x, out: (g - out * np.sum(g * out)) / np.sqrt(np.sum(x * x)), "linear",
         tensor(1.0, -2))  # fmt: skip
declared("a complex conjugate's square", lambda x: x * x, lambda g, x: 2 * g * x, "linear",
         tensor(1 + 2j, 3 - 1j, dtype="c16"))  # fmt: skip
for name, laws in {
    "a product and a square": (
        lambda x, y: x * y * y, lambda g, y: g * y * y, lambda g, x, y: 2 * g * x * y,
    ),
    "a product plus one": (lambda x, y: x * y + 1, lambda g, y: g * y, lambda g, x: g * x),
    "a difference": (lambda x, y: x - y, lambda g: g, lambda g: -g),
}.items():  # fmt: skip
    pair(
        f"{name} is not multilinear", lambda laws=laws: two(*laws, multilinear=True),
        lambda laws=laws: two(*laws), tensor(1.0, 2), tensor(3.0, 4),
    )  # fmt: skip

# ---- linear at one scale alone -------------------------------------------------------------------


def bent(how: Rule) -> Rule:
    return lambda g, x: how(g) * np.cos(x)


for name, how in {
    "rounded to six places": lambda g: np.round(g, 6),
    "scaled down to a length": lambda g: g * np.minimum(1, 1e4 / np.sqrt(np.sum(g * g))),
    "through float16": lambda g: g.astype("float16").astype("float64"),
    "with a soft sign": lambda g: np.sqrt(g * g + 1e-12) * np.sign(g),
    "infinite where large": lambda g: np.where(np.abs(g) > 1e5, np.inf, g),
    "lost in one element": lambda g: np.where((np.abs(g) > 1e3) & (np.arange(2) == 1), 0, g),
}.items():
    rules(name, bent(how), COS, tensor(0.3, -0.4))

# ---- wrong where others need no gradient ---------------------------------------------------------


def three(wrong: Any) -> Any:
    def planted(x: Any, y: Any, z: Any, /) -> Any:
        return x * y + z

    def rule(g: Any, x: Any, y: Any, needs: Any) -> Any:
        found = wrong(tuple(needs), [g * y, g * x, g])
        return tuple(part if need else None for part, need in zip(found, needs, strict=True))

    return lambda: op("planted", joint=rule)(planted)


def when(*needs: bool) -> Any:
    """The first that is needed is wrong where these alone are."""
    first = needs.index(True)
    return lambda given, found: [
        -part if given == needs and n == first else part for n, part in enumerate(found)
    ]


for name, needs in {
    "the last": (True, True, False), "the first": (False, True, True),
    "all but the first": (True, False, False), "all but the last": (False, False, True),
    "all but the middle": (False, True, False),
}.items():  # fmt: skip
    pair(
        f"wrong where {name} is frozen", three(when(*needs)), three(lambda _, found: found),
        tensor(1.0, 2), tensor(3.0, 4), tensor(5.0, 6),
    )  # fmt: skip

# ---- at kinks ------------------------------------------------------------------------------------

rules("a clip's bounds", lambda g, x: g * np.where(np.abs(x) == 1, 1.5, np.abs(x) < 1),
      lambda g, x: g * np.where(np.abs(x) == 1, 0.5, np.abs(x) < 1), tensor(-1.0, 1.0, 0.3),
      forward=lambda x: np.clip(x, -1, 1))  # fmt: skip


def unit_vector(at_zero: float) -> Rule:
    return lambda g, x, out: g * (x / out if np.any(out) else np.full_like(x, at_zero))


rules("a length at zero", unit_vector(1.0), unit_vector(0.5), tensor(0.0, 0.0, 0.0),
      forward=lambda x: np.sqrt(np.sum(x * x)))  # fmt: skip
rules("largest of rows", lambda g, x, out: g[:, None] * (x == out[:, None]),
      lambda g, x, out: g[:, None] * (x == out[:, None])
      / np.sum(x == out[:, None], axis=1, keepdims=True),
      tensor([2.0, 2, 1], [3.0, 3, 3]), forward=lambda x: np.max(x, axis=1))  # fmt: skip
rules("shares that sum to too much",
      lambda g, x, out: g * (x == out) * 1.05 / np.sum(x == out),
      lambda g, x, out: g * (x == out) / np.sum(x == out), tensor(4.0, 4, 4, 1),
      forward=np.max)  # fmt: skip
rules(
    "an absolute value of a zero",
    lambda g, x: g * np.where(x == 0, -1.2, np.sign(x)),
    lambda g, x: g * np.where(x == 0, -0.9, np.sign(x)),
    tensor(0.0, 2),
    forward=np.abs,
)
rules("the middle one", lambda g, x, out: g * (x == out),
      lambda g, x, out: g * (x == out) / np.sum(x == out), tensor(2.0, 2, 2, 0, 5),
      forward=np.median)  # fmt: skip
rules("ties among many", lambda g, x, out: g * (x == out),
      lambda g, x, out: g * (x == out) / np.sum(x == out),
      ag.Tensor(np.where(np.arange(600) % 200 == 7, 9.0, draw(600))), forward=np.max)  # fmt: skip

# ---- whatever raises -----------------------------------------------------------------------------


class OwnError(Exception):
    """An error that nothing else knows."""


def raising(when: Any) -> Rule:
    def rule(g: Any, x: Any) -> Any:
        if when(g, x):
            raise OwnError("here")
        return g * np.cos(x)

    return rule


for name, asked, x in (
    ("a layout", lambda g, x: np.ndim(x) == 2 and not x.flags["C_CONTIGUOUS"],
     tensor([1.0, 2], [3, 4])),
    ("a cotangent of zeros", lambda g, x: not np.any(np.asarray(g)), tensor(0.3, 0.4)),
    ("low precision", lambda g, x: x.dtype == np.float32, tensor(0.3, dtype="float32")),
    ("a large cotangent", lambda g, x: np.any(np.abs(np.asarray(g)) > 1e3), tensor(0.3, 0.4)),
):  # fmt: skip
    rules(f"raised for {name}", raising(asked), COS, x)
rules("nothing is given", lambda g, x: None, COS, tensor(0.3))
rules("a text is given", lambda g, x: "cos", COS, tensor(0.3))
rules("a list is given", lambda g, x: [1, 2, 3], COS, tensor(0.3, 0.4))
rules("a number is given for an array", lambda g, x: 1.5, COS, tensor(0.3, 0.4))


# ---- low precision, element by element -----------------------------------------------------------


def low_at_last(part: float) -> Rule:
    def rule(g: Any, x: Any) -> Any:
        found = g * np.cos(x)
        mask = np.arange(np.size(x)).reshape(np.shape(x)) == np.size(x) - 1
        wide = x.dtype in (np.float64, np.complex128)
        return found * (1 + (0 if wide else part) * mask).astype(x.real.dtype)

    return rule


for dtype, part in (("float32", 1e-4), ("float16", 0.5), ("complex64", 1e-4), ("complex64", 1e-3)):
    rules(
        f"the last by {part:g} in {dtype}", low_at_last(part), COS,
        tensor(0.3, 0.4, -1.0, dtype=dtype),
    )  # fmt: skip
pair(
    "a product in low precision",
    lambda: two(
        lambda x, y: x @ y, lambda g, y: (g @ y.T) * g.dtype.type(1 + 1e-4 * (g.dtype == "f4")),
        lambda g, x: x.T @ g,
    ),
    lambda: two(lambda x, y: x @ y, lambda g, y: g @ y.T, lambda g, x: x.T @ g),
    ag.Tensor(draw(3, 4).astype("f4")), ag.Tensor(draw(4, 2).astype("f4")),
)  # fmt: skip

# ---- other forms ---------------------------------------------------------------------------------


def powers(wrong: float) -> Any:
    """Several outputs, a keyword, an integer input."""

    def planted(x: Any, n: Any, /, *, scale: float = 1.0) -> Any:
        return scale * x**n, x + n

    def rule(g: Any, x: Any, n: Any, scale: float, needs: Any) -> Any:
        first, second = g
        return wrong * first * scale * n * x ** (n - 1) + second, None

    made = op("planted", joint=rule, outputs=2)(planted)
    return lambda x: made(x, np.array([2, 3]), scale=2.0)


def scaled(part: float) -> Any:
    OPS.pop("planted", None)
    law = two(lambda x, y: x * y, lambda g, y: g * y, lambda g, x: part * g * x)

    class Scaled(Module):
        """A layer with a rule of its own."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = Parameter(np.array([0.5, 2.0]))

        def forward(self, x: Any) -> Any:
            return law(x, self.weight)

    return Scaled()


def seventh(f: Any) -> Any:
    return lambda *xs: sum((f if n == 6 else ag.sin)(x) for n, x in enumerate(xs))


def beside(f: Any) -> Any:
    return lambda x, y: (f(x), y * 2)


pair("a keyword, whole numbers, two outputs", lambda: powers(1.01), lambda: powers(1),
     tensor(1.5, 2.0))  # fmt: skip
pair(
    "right, and its derivative is not",
    lambda: one(lambda g, x: g * (np.cos(x.detach()) if hasattr(x, "detach") else np.cos(x))),
    lambda: one(COS), tensor(0.3, 0.4), order=2,
)  # fmt: skip
pair(
    "of many inputs the seventh", lambda: seventh(one(lambda g, x: -g * np.cos(x))),
    lambda: seventh(ag.sin), *(tensor(0.1 * n, 1.0) for n in range(1, 9)),
)  # fmt: skip
pair(
    "empty beside a wrong one", lambda: beside(one(lambda g, x: 2 * g * np.cos(x))),
    lambda: beside(ag.sin), tensor(0.3), ag.Tensor(np.zeros((0, 3))),
)  # fmt: skip
rules("huge numbers", lambda g, x: g * 2.001 * x, lambda g, x: g * 2 * x, tensor(1e150, 3e120),
      forward=lambda x: x * x)  # fmt: skip
rules("tiny numbers", lambda g, x: g * 2.001 * x, lambda g, x: g * 2 * x, tensor(1e-120, 3e-100),
      forward=lambda x: x * x)  # fmt: skip


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


def test_a_layer_s_own_rule_is_judged_as_any_other() -> None:
    for seed in range(5):
        x = tensor([1.0, 2.0], [3.0, -1.0])
        assert gradcheck_module(scaled(1.0), x, rng=seed, raise_exception=False)
        assert not gradcheck_module(scaled(1.01), x, rng=seed, raise_exception=False)
