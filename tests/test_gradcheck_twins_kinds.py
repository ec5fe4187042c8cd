"""Wrong rules and their repaired twins once more: gathers, windows, solvers, roots, gates, sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.row import OPS
from tests.twins import Pairs, one, tensor, two, verdicts

PAIRS = Pairs()
pair, rules, declared = PAIRS.add, PAIRS.rules, PAIRS.declared
COS = lambda g, x: g * np.cos(x)  # noqa: E731
F = nn.functional


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def below(f: Callable[[Any], Any], wrong: Any, right: Any, forward: Any) -> tuple[Any, Any]:
    """Makers of f of an op."""
    return (lambda: f(one(wrong, forward))), (lambda: f(one(right, forward)))


# ---- not finite in low precision alone, or lost in it --------------------------------------------

rules(
    "a cube that overflows", lambda g, x: g * (x * x * x) / (x * x) * 2, lambda g, x: g * 2 * x,
    tensor(2e13, 3.0, dtype="float32"), forward=np.square,
)  # fmt: skip
rules(
    "a power of a half", lambda g, x: g * np.exp(3 * x) / np.exp(2 * x), lambda g, x, out: g * out,
    tensor(5.0, 1.0, dtype="float16"), forward=np.exp,
)  # fmt: skip
rules(
    "a tanh of exponentials",
    lambda g, x: g * (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    lambda g, x: g * np.tanh(x), tensor(-91.0, 2.0, 0.3, dtype="float32"),
    forward=lambda x: np.logaddexp(x, -x),
)  # fmt: skip
pair(
    "a hypotenuse by squares",
    lambda: two(
        np.hypot, lambda g, x, y: g * x / np.sqrt(x * x + y * y),
        lambda g, x, y: g * y / np.sqrt(x * x + y * y),
    ),
    lambda: two(np.hypot, lambda g, x, out: g * x / out, lambda g, y, out: g * y / out),
    tensor(1e25, 3.0, dtype="float32"), tensor(2e25, 1.0, dtype="float32"),
)  # fmt: skip

# ---- any order, any place ------------------------------------------------------------------------


def _off_at(place: int) -> Any:
    spot = np.eye(1, 8, place)[0]
    return lambda g, x: g * np.exp(x) * (1 + 0.01 * spot)


for place in (0, 3, 7):
    rules(
        f"a factor in element {place} of eight", _off_at(place), lambda g, x: g * np.exp(x),
        tensor(*np.linspace(-14, 14, 8)), forward=np.exp,
    )  # fmt: skip
rules(
    "wrong for what is least", lambda g, x: g * np.exp(x) * np.where(x == np.min(x), 1.5, 1),
    lambda g, x: g * np.exp(x), tensor([3.0, -17, 12], [11, 16, -2]), forward=np.exp,
)  # fmt: skip

# ---- seen through noise --------------------------------------------------------------------------

pair(
    "a sign below a large mean",
    *below(lambda f: lambda x: (f(x) + 1e7).mean(), lambda g, x: -g * np.cos(x), COS, np.sin),
    tensor(0.3, 0.8, 1.1),
)
rules(
    "thrice below single precision", lambda g, x: 3 * g * np.cos(x), COS, tensor(0.4, -0.9),
    forward=lambda x: np.sin(x).astype("f4").astype("f8"),
)  # fmt: skip

# ---- not linear in the cotangent -----------------------------------------------------------------

rules(
    "a cotangent flushed to zero", lambda g, x: np.where(np.abs(g) < 1e-5, 0, g) * np.cos(x), COS,
    tensor(0.3, 1.1),
)  # fmt: skip
rules(
    "a clipped norm of cotangents",
    lambda g, x: g * np.cos(x) / np.maximum(1, np.sqrt(np.sum(g * g)) / 50), COS,
    tensor(0.3, 1.1),
)  # fmt: skip

# ---- with create_graph another gradient ----------------------------------------------------------

rules(
    "a list of numbers", lambda g, x: g * np.cos(x) * (1 if isinstance(x.tolist(), list) and
    type(x).__module__ == "numpy" else 1.5), COS, tensor(0.3, -0.5),
)  # fmt: skip
rules(
    "a cotangent that can be written to",
    lambda g, x: g * np.cos(x) * (1 if getattr(g, "flags", None) is not None else 0.9), COS,
    tensor(0.3, -0.5),
)  # fmt: skip

# ---- false declarations --------------------------------------------------------------------------

declared("a reversed array", lambda x: x[::-1] * 2, lambda g: g[::-1] * 2, "elementwise",
         tensor(1.0, 2, 4, 5))  # fmt: skip
declared(
    "a product with its sum", lambda x: x * np.sum(x),
    lambda g, x: g * np.sum(x) + np.sum(g * x), "elementwise", tensor(1.0, 2, 4),
)  # fmt: skip
declared("an affine map", lambda x: 2 * x + 1, lambda g: 2 * g, "linear", tensor(1.0, 2))
declared("a square", np.square, lambda g, x: g * 2 * x, "linear", tensor(1.0, 2))

# ---- the cotangent ------------------------------------------------------------------------------


def _changed(change: Any) -> Any:
    return lambda g, x: change(g) * np.cos(x)


for name, change in {
    "halved where it is large": lambda g: g * np.where(np.abs(g) > 1e4, 0.5, 1),
    "no more than a thousand long": lambda g: g / np.maximum(1, np.sqrt(np.sum(g * g)) / 1e3),
    "quantised": lambda g: np.round(g * 2**10) / 2**10,
    "positive alone": lambda g: np.where(g > 0, g, 0),
}.items():
    rules(f"a cotangent {name}", _changed(change), COS, tensor(0.3, -0.5))

# ---- joint rules, and others that are frozen -----------------------------------------------------

for name, (dx, dy) in {
    "both": (lambda needs: 1 if all(needs) else 2, lambda needs: 1),
    "the second": (lambda needs: 1, lambda needs: 1 if all(needs) else 0.5),
}.items():

    def _joint(dx: Any, dy: Any) -> Any:
        return lambda g, x, y, needs: (g * y * dx(needs), g * x * dy(needs))

    pair(
        f"a product, wrong for {name} alone",
        lambda dx=dx, dy=dy: two(lambda x, y: x * y, joint=_joint(dx, dy)),
        lambda: two(lambda x, y: x * y, joint=_joint(lambda n: 1, lambda n: 1)),
        tensor(1.0, 2), tensor(3.0, -1),
    )  # fmt: skip

# ---- choices at kinks ----------------------------------------------------------------------------


def _all_ties(x: Any) -> Any:
    return x == np.max(x)


rules(
    "a minimum that gives to all", lambda g, x: g * (x == np.min(x)),
    lambda g, x: g * (x == np.min(x)) / np.sum(x == np.min(x)),
    tensor(2.0, 2, 2, 5), forward=np.min,
)  # fmt: skip
rules(
    "a largest in size, to all", lambda g, x: g * np.sign(x) * _all_ties(np.abs(x)),
    lambda g, x: g * np.sign(x) * _all_ties(np.abs(x)) / np.sum(_all_ties(np.abs(x))),
    tensor(-3.0, 3, 1), forward=lambda x: np.max(np.abs(x)),
)  # fmt: skip
rules(
    "a leak twice too steep at its corner",
    lambda g, x: g * np.where(x > 0, 1, np.where(x < 0, 0.1, 2)),
    lambda g, x: g * np.where(x > 0, 1, 0.1), tensor(0.0, 1, -1),
    forward=lambda x: np.where(x > 0, x, 0.1 * x),
)  # fmt: skip

# ---- gathers, windows, solvers -------------------------------------------------------------------

INDEX = np.array([2, 0, 2, 2])


def _scatter(g: Any, x: Any) -> Any:
    found = np.zeros_like(x)
    return found + sum(g[k] * (np.arange(4) == i) for k, i in enumerate(INDEX))


rules(
    "a gather that keeps the last of each", lambda g, x: sum(
        g[k] * (np.arange(4) == i) for k, i in enumerate(INDEX) if i not in INDEX[k + 1 :]),
    _scatter, tensor(1.0, 2, 3, 4), forward=lambda x: x[INDEX],
)  # fmt: skip
rules(
    "a moving mean without its edge", lambda g: np.concatenate([g, g[-1:]]) / 2,
    lambda g: (np.concatenate([g, 0 * g[:1]]) + np.concatenate([0 * g[:1], g])) / 2,
    tensor(1.0, 2, 4, 8), forward=lambda x: (x[1:] + x[:-1]) / 2,
)  # fmt: skip
rules(
    "an inverse not transposed", lambda g, out: -out @ g @ out, lambda g, out: -out.T @ g @ out.T,
    tensor([2.0, 1], [0, 3]), forward=np.linalg.inv,
)  # fmt: skip
rules(
    "a determinant of the transpose's cofactors", lambda g, x, out: g * out * np.linalg.inv(x),
    lambda g, x, out: g * out * np.linalg.inv(x).T, tensor([2.0, 1], [0.5, 3]),
    forward=np.linalg.det,
)  # fmt: skip
rules(
    "a variance by n - 1", lambda g, x: g * 2 * (x - np.mean(x)) / (np.size(x) - 1),
    lambda g, x: g * 2 * (x - np.mean(x)) / np.size(x), tensor(1.0, 2, 5, 7), forward=np.var,
)  # fmt: skip
pair(
    "a norm below a network",
    *below(lambda f: lambda x: ag.tanh(f(ag.tanh(x) + 0.5) * x).sum(),
           lambda g, x, out: g * x / (out + 1e-3), lambda g, x, out: g * x / out,
           lambda x: np.sqrt(np.sum(x * x))),
    tensor(1.0, 2, -1),
)  # fmt: skip
pair(
    "right, but its second derivative forgets x",
    lambda: one(lambda g, x: g * np.cos(np.asarray(getattr(x, "_value", x)))), lambda: one(COS),
    tensor(0.3, 0.9), order=2,
)  # fmt: skip
rules(
    "the conjugate of a square", lambda g, x: g * 2 * np.conj(x), lambda g, x: g * 2 * x,
    tensor(1 + 2j, -1j, dtype="c16"), forward=np.square,
)  # fmt: skip


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


def _henon(x: Any) -> Any:
    a, b = x, 0.3 * x
    for _ in range(60):
        a, b = 1 - 1.4 * a * a + b, 0.3 * a
    return a


RIGHT: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "softmin of far logits": (F.softmin, (tensor(90.0, -20, 35),)),
    "cross entropy of sure logits": (
        lambda x: F.cross_entropy(x, ag.Tensor(np.array([0, 1]))),
        (tensor([60.0, 0, -60], [9, 80, 2]),),
    ),
    "a hinge of zeros": (
        lambda x: ag.maximum(0, x @ np.ones((2, 3))).sum(), (tensor([0.0, 0], [1, 2]),)
    ),
    "a step far out": (lambda x: ag.trunc(x) + ag.sign(x - 5e6), (tensor(5e6 + 0.3, -7e5 - 0.6),)),
    "a chirp": (lambda x: ag.sin(x * x), (tensor(3e5, -2e4),)),
    "an attractor": (_henon, (tensor(0.1),)),
    "a tangent near its pole": (ag.tan, (tensor(np.pi / 2 - 1e-7),)),
    "a reciprocal root near zero": (lambda x: x**-0.5, (tensor(1e-9, 2.0),)),
    "log1p at its edge": (ag.log1p, (tensor(-1 + 1e-11),)),
    "arcsin at its edge": (ag.arcsin, (tensor(1 - 1e-10, -1 + 1e-9),)),
    "quantiles of equals": (lambda x: ag.quantile(x, 0.25), (tensor(2.0, 2, 2, 7, 1),)),
    "partitions of equals": (lambda x: ag.sort(x)[::-1][:2].sum(), (tensor(1.0, 1, 0, 1),)),
    "two of three ignored": (lambda x, y, z: ag.exp(y), (tensor(1.0), tensor(2.0, 1), tensor(3.0))),
    "roots that meet beside": (ag.linalg.eigvals, (tensor([1.0, 0.02], [0.02, 1.1]),)),
    "roots that turn complex": (ag.roots, (tensor(1.0, -2.0, 0.96),)),
    "complex roots that turn real": (
        lambda x: ag.abs(ag.linalg.eigvals(x)), (tensor([1.0, -0.02], [0.02, 1.01]),)
    ),
    "nearly singular solving": (
        lambda a: ag.linalg.solve(a, np.ones(2)), (tensor([1.0, 1], [1, 1 + 1e-7]),)
    ),
    "pools of zeros": (lambda x: F.max_pool2d(x, 2), (ag.Tensor(np.zeros((1, 1, 4, 4))),)),
    "a gradient that cancels": (lambda x: (x - x.mean()).sum() + 1e3, (tensor(1e3, 2e3, -5.0),)),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_blamed_at_no_seed(name: str) -> None:
    f, inputs = RIGHT[name]
    for passes, text in verdicts(f, inputs, {}):
        assert passes, text
