"""Right derivatives of nasty functions: gradcheck blames none of them.

Where a number cannot be decided the report says so (inconclusive, or a kink), and does not fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.samples import draw
from autograd.gradcheck import gradcheck


def tensor(*data: Any, dtype: Any = np.float64) -> ag.Tensor:
    return ag.Tensor(np.array(data), dtype=dtype)


def drawn(*shape: int, dtype: Any = np.float64, **options: Any) -> ag.Tensor:
    return ag.Tensor(draw(*shape, **options).astype(dtype))


def piecewise(x: Any) -> Any:
    return ag.where(x < 1, x * x, 2 * x - 1) + ag.where(x > 2, (x - 2) ** 3, 0.0)


def branching(x: Any) -> Any:
    return x * x if x > 0 else -3 * x


def seeded(x: Any) -> Any:
    return x * np.random.default_rng(3).standard_normal(x.shape)


def noisy() -> Callable[[Any], Any]:
    """Rounding that changes from run to run, as sums by several threads have it."""
    rng = np.random.default_rng(0)
    return lambda x: x.sin() * (1 + 1e-15 * rng.standard_normal())


def raises_below_zero(x: Any) -> Any:
    if np.any(x.numpy() < 0):
        raise ValueError("negative")
    return x.sqrt()


def mlp(x: Any, w1: Any, b1: Any, w2: Any) -> Any:
    return ag.relu(ag.linear(x, w1, b1)) @ w2


def invariants_of_eigh(x: Any) -> Any:
    symmetric = x + x.mT
    values, vectors = ag.linalg.eigh(symmetric)
    return values.exp().sum(), (vectors * values.exp()) @ vectors.mT


def through_float32(x: Any) -> Any:
    return (x.astype("float32") * 2.0).astype("float64").sin()


ZEROS = np.where(np.arange(1000) % 250 == 0, 0.0, draw(1000))
NEARLY_TIED = np.random.default_rng(5).uniform(-2, 2, 1000)
SINGULAR = tensor([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, -1.0, 0.5])
NASTY: dict[str, tuple[Any, ...]] = {
    # kinks, and points beside them
    "relu at its kink": (ag.relu, tensor(-1.0, 0.0, 2.0)),
    "relu beside its kink": (ag.relu, tensor(1e-9, -1e-9, 1e-3, -1e-5)),
    "relu of a 0-d zero": (ag.relu, tensor(0.0).sum().detach()),
    "abs at its kink": (ag.abs, tensor(-1.0, 0.0, 2.0)),
    "abs beside its kink": (ag.abs, tensor(1e-8, -1e-4)),
    "max with a tie": (lambda x: x.max(), tensor(1.0, 3.0, 3.0, 2.0)),
    "max with a near tie": (lambda x: x.max(), tensor(3.0, 3.0 + 1e-7, 1.0)),
    "max with three ties in rows": (
        lambda x: x.max(axis=1),
        tensor([1.0, 1.0, 1.0], [0.0, 2.0, 2.0]),
    ),
    "maximum of equals": (ag.maximum, tensor(1.0, 2.0), tensor(1.0, 0.0)),
    "minimum of a thing with itself": (lambda x: ag.minimum(x, x), tensor(1.0, 2.0)),
    "clip at its bounds": (lambda x: x.clip(-1, 1), tensor(-1.0, 0.3, 1.0, 2.0)),
    "where at its border": (lambda x: ag.where(x > 0, x * x, -x), tensor(0.0, 1.0, -1.0)),
    "leaky relu at its kink": (ag.leaky_relu, tensor(0.0, -0.5, 0.5)),
    "median of an even number": (lambda x: ag.median(x), tensor(1.0, 4.0, 2.0, 8.0)),
    "sort": (lambda x: ag.sort(x), tensor(3.0, -1.0, 2.0, 0.5)),
    "sort with a tie": (lambda x: ag.sort(x), tensor(3.0, 1.0, 1.0, 0.5)),
    "norm at zero": (ag.linalg.norm, tensor(0.0, 0.0, 0.0)),
    "norm beside zero": (ag.linalg.norm, tensor(1e-9, -2e-9)),
    "piecewise, with breaks of three orders": (piecewise, tensor(0.0, 1.0, 2.0, 3.0)),
    "a branch in Python": (branching, tensor(0.7).sum().detach()),
    # jumps and constants
    "floor": (ag.floor, tensor(0.3, 1.7, -2.5)),
    "floor at an integer": (ag.floor, tensor(1.0, 0.3)),
    "sign at its jump": (ag.sign, tensor(-1.0, 0.0, 2.0)),
    "round at a half": (ag.round, tensor(0.5, 0.2)),
    "a constant": (lambda x: x * 0.0 + 4.0, tensor(1.0, 2.0)),
    "remainder": (lambda x: x % 1.0, tensor(0.5, 1.25, -0.25)),
    # singular points, and edges of a domain
    "sqrt near zero": (ag.sqrt, tensor(1e-6, 1e-3, 1.0)),
    "sqrt very near zero": (ag.sqrt, tensor(1e-14, 1.0)),
    "a domain that ends": (raises_below_zero, tensor(1e-3, 1.0)),
    "log near zero": (ag.log, tensor(1e-8, 1e-2, 10.0)),
    "acos near one": (ag.acos, tensor(1 - 1e-6, 0.0)),
    "cube root near zero": (ag.cbrt, tensor(1e-6, -1e-3, 8.0)),
    "division by small numbers": (lambda x, y: x / y, tensor(1.0, 2.0), tensor(1e-5, -1e-7)),
    "atan2 near the origin": (ag.atan2, tensor(1e-6, 1.0), tensor(-1e-6, 1e-4)),
    "x to the x": (lambda x: x**x, tensor(0.01, 1.0, 3.0)),
    "sqrt at zero": (ag.sqrt, tensor(0.0, 1.0)),
    "sqrt at zeros among a thousand": (ag.sqrt, ag.Tensor(np.arange(1000.0) % 300)),
    "a power at the edge of its domain": (lambda x: x**1.5, tensor(0.0, 1.0)),
    "cube root at zero": (ag.cbrt, tensor(0.0, 8.0)),
    "cube root at zero among a thousand": (ag.cbrt, ag.Tensor(np.arange(1000.0))),
    "acos at one": (ag.acos, tensor(1.0, 0.5)),
    "nothing on one side": (lambda x: ag.where(x.numpy() < 0, np.nan, 2 * x), tensor(0.0, 1.0)),
    # cancellation, fast change, and scales
    "a cube on a million": (lambda x: x**3 + 1e6, tensor(0.5, 1.0, -2.0)),
    "fifty turns": (lambda x: ag.sin(50 * x), tensor(0.1, 1.0, 3.0)),
    "a thousand turns": (lambda x: ag.sin(1000 * x), tensor(0.1, 1.0, 3.0)),
    "a narrow bump": (lambda x: ag.exp(-((x - 1) ** 2) * 1e4), tensor(1.001, 0.99)),
    "very large": (lambda x: x * x, tensor(1e100, -3e80)),
    "very small": (lambda x: x * x, tensor(1e-100, -3e-80)),
    "large and small together": (lambda x: x * x, tensor(1e12, 1e-12, 1.0)),
    "tiny slope": (lambda x: 1e-200 * x.tanh(), tensor(0.3, 0.7)),
    "saturated tanh": (ag.tanh, tensor(20.0, -30.0, 400.0)),
    "logsumexp of large values": (lambda x: ag.logsumexp(x), tensor(1000.0, 1001.0, -1000.0)),
    "softmax far apart": (lambda x: ag.softmax(x, axis=-1), tensor(0.0, 100.0, -100.0)),
    "log1p of nearly nothing": (ag.log1p, tensor(1e-12, 1e-5)),
    "variance of nearly equals": (lambda x: ag.var(x), tensor(1e4, 1e4 + 1e-3, 1e4 - 1e-3)),
    # products and matrices
    "prod with a zero": (lambda x: x.prod(), tensor(2.0, 0.0, 3.0)),
    "prod with two zeros": (lambda x: x.prod(), tensor(2.0, 0.0, 3.0, 0.0)),
    "cumprod with zeros": (lambda x: ag.cumprod(x), tensor(2.0, 0.0, 3.0, 0.0, 1.5)),
    "det of a singular matrix": (ag.linalg.det, SINGULAR),
    "an inverse, badly conditioned": (ag.linalg.inv, tensor([1.0, 2.0], [3.0, 6.001])),
    "invariants of eigh": (invariants_of_eigh, drawn(3, 3)),
    "einsum": (
        lambda x, y: ag.einsum("bij,bjk->ik", x, y), drawn(2, 3, 4), drawn(2, 4, 2),
    ),
    "a network with relu": (mlp, drawn(4, 5), drawn(6, 5), drawn(6), drawn(6, 2)),
    "a thousand elements": (lambda x: x.sin() * x, drawn(1000)),
    "a thousand elements below a sum": (lambda x: (x.sin() * x).sum(), drawn(1000)),
    "hundreds of elements, some at a kink": (ag.relu, ag.Tensor(np.arange(-260.0, 260.0))),
    "a larger network": (
        mlp, drawn(4, 20), drawn(32, 20, low=-0.3, high=0.3), drawn(32), drawn(32, 5),
    ),
    "a thousand elements at a kink below a sum": (lambda x: ag.relu(x).sum(), ag.Tensor(ZEROS)),
    "hundreds of elements at jumps": (ag.round, ag.Tensor(np.arange(520) / 2.0)),
    "a thousand elements sorted, some nearly tied": (
        lambda x: ag.sort(x) * np.arange(1000.0), ag.Tensor(NEARLY_TIED),
    ),
    "hundreds of elements through float32": (through_float32, drawn(520)),
    "a thousand elements with ties": (ag.maximum, ag.Tensor(ZEROS), ag.Tensor(-ZEROS)),
    # indices, shapes, inputs and outputs
    "indices that repeat": (lambda x, i: x[i] * x[i], tensor(1.0, 2.0, 3.0), np.array([0, 0, 2])),
    "pad": (lambda x: ag.pad(x, ((1, 2), (0, 1))), drawn(2, 3)),
    "0-d": (lambda x, y: x * y.exp(), tensor(0.5).sum().detach(), 2.0),
    "broadcasting": (lambda x, y, z: x * y + z, drawn(3, 1), drawn(1, 4), drawn(2, 1, 1)),
    "an empty input among others": (lambda x, y: x.sum() + y, drawn(0, 3), tensor(1.0, 2.0)),
    "an integer among the inputs": (lambda x, n: x**n, tensor(1.5, -2.0), 3),
    "an integer array among the inputs": (lambda x, k: x * k, tensor(1.5, 2.0), np.array([2, -3])),
    "an input without use": (lambda x, y: x.sin(), tensor(1.0), tensor(2.0)),
    "several outputs": (lambda x: (x.sin(), x.sum(), [1, 2] * x), tensor(1.0, 2.0)),
    "an integer output beside a floating one": (
        lambda x: (x.sin(), ag.argsort(x)),
        tensor(2.0, 1.0),
    ),
    "random numbers from a fixed seed": (seeded, drawn(5)),
    "rounding that changes from run to run": (noisy(), tensor(0.5, 1.0)),
    "a transposed input": (lambda x: ag.exp(x), ag.Tensor(draw(3, 4).T)),
    "keys of an attention shifted alike": (
        lambda q, k, b: ag.softmax(q @ (k + b).mT, axis=-1) @ k, drawn(1, 3), drawn(3, 3, seed=1),
        drawn(3, seed=2),
    ),
    # dtypes
    "float32": (lambda x: x.tanh() * x.exp(), drawn(2, 3, dtype=np.float32)),
    "float32 at a kink": (ag.relu, tensor(-1.0, 0.0, 2.0, dtype=np.float32)),
    "float32, a cube on a million": (lambda x: x**3 + 1e6, drawn(3, dtype=np.float32)),
    "float32, a long sum": (lambda x: ag.square(x).sum(), drawn(300, dtype=np.float32)),
    "float32 cast on the way": (lambda x: (x.astype("float32") * 3).sin(), tensor(1.0, 2.0)),
    "complex": (lambda z: z * z.exp(), ag.Tensor(draw(3, complex_=True))),
    "complex to real": (lambda z: ag.abs(z), ag.Tensor(draw(3, complex_=True))),
    "complex abs at zero": (lambda z: ag.abs(z), tensor(0.0j, 1 + 1j, dtype=np.complex128)),
    "complex, not holomorphic": (lambda z: ag.conj(z) * z * z, ag.Tensor(draw(3, complex_=True))),
    "real to complex": (lambda x: ag.exp(1j * x), drawn(3)),
    "complex64": (lambda z: z * z, ag.Tensor(draw(3, complex_=True).astype(np.complex64))),
}  # fmt: skip

# Smooth where they are asked, so that nothing is left undecided.
TWICE = (
    "a cube on a million", "fifty turns", "prod with two zeros", "cumprod with zeros", "einsum",
    "det of a singular matrix", "large and small together", "complex", "complex, not holomorphic",
    "an input without use", "indices that repeat", "broadcasting", "float32", "a constant",
    "a thousand elements", "a thousand elements below a sum", "a larger network",
    "hundreds of elements through float32",
    "invariants of eigh", "keys of an attention shifted alike", "relu beside its kink",
    "real to complex",
)  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_a_right_derivative_is_not_blamed(name: str) -> None:
    f, *inputs = NASTY[name]
    report = gradcheck(f, *inputs, raise_exception=False)
    assert report, str(report)
    assert report.failures == ()


@pytest.mark.parametrize("name", TWICE)
def test_a_right_second_derivative_is_not_blamed(name: str) -> None:
    f, *inputs = NASTY[name]
    report = gradcheck(f, *inputs, order=2, raise_exception=False)
    assert report, str(report)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["relu at its kink", "a network with relu", "sqrt near zero"])
def test_no_seed_makes_a_right_derivative_wrong(name: str, seed: int) -> None:
    f, *inputs = NASTY[name]
    assert gradcheck(f, *inputs, rng=seed)


@pytest.mark.parametrize(
    "name", ["relu at its kink", "abs at its kink", "max with a tie", "maximum of equals",
             "norm at zero", "complex abs at zero"],
)  # fmt: skip
def test_a_kink_is_reported(name: str) -> None:
    f, *inputs = NASTY[name]
    report = gradcheck(f, *inputs)
    assert report.kinks, str(report)


def test_the_table_is_long() -> None:
    assert len(NASTY) >= 90


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (ag.log, [1e-8, 1e-2, 10.0]),  # a pole nearer than the widest steps
        (lambda x: ag.softmax(x), [0.0, 100.0, -100.0]),  # slopes of 1e-44
    ],
    ids=["log near its pole", "a saturated softmax"],
)
def test_what_is_very_steep_or_very_flat_is_not_blamed(f: Any, x: Any, seed: int) -> None:
    report = ag.gradcheck(f, ag.Tensor(np.array(x)), order=2, rng=seed, raise_exception=False)
    assert report, str(report)


@pytest.mark.parametrize("f", [ag.sqrt, ag.cbrt])
def test_a_slope_that_is_infinite_ends_the_check_of_higher_orders(f: Any) -> None:
    report = gradcheck(f, tensor(0.0, 1.0), order=2)
    assert "order 2 not checked: the derivative of order 1 is not finite everywhere" in str(report)
    assert "no finite slope" in str(report)


def test_the_kinks_among_many_elements_are_found_one_by_one() -> None:
    report = gradcheck(lambda x: ag.relu(x).sum(), ag.Tensor(ZEROS))
    (kink,) = report.kinks
    assert {entry.index for entry in kink.entries} == {(0,), (250,), (500,), (750,)}
    assert all(entry.sides == pytest.approx((0.0, 1.0), abs=1e-6) for entry in kink.entries)
    assert not kink.least
    (many,) = gradcheck(ag.relu, ag.Tensor(np.zeros(700))).kinks
    assert many.least
    assert "at least 64 of 700 elements at a kink" in many.text("KINK")
