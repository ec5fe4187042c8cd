"""Wrong rules that are right nearly everywhere, and right functions that look wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.op import op
from autograd.engine.row import OPS
from autograd.gradcheck import gradcheck

Case = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


def drawn(*shape: int, seed: int = 0, dtype: Any = np.float64) -> ag.Tensor:
    x = np.random.default_rng(seed).normal(size=shape)
    if np.dtype(dtype).kind == "c":
        x = x + 1j * np.random.default_rng(seed + 1).normal(size=shape)
    return ag.Tensor(x.astype(dtype))


def at(*values: Any, dtype: Any = np.float64) -> ag.Tensor:
    return ag.Tensor(np.array(values, dtype))


def unary(rule: Any, forward: Any = np.sin, **declared: Any) -> Any:
    def planted(x: Any, /) -> Any:
        return forward(x)

    return op("planted", x=rule, **declared)(planted)


def binary(forward: Any, x: Any, y: Any, **declared: Any) -> Any:
    def planted(x: Any, y: Any, /) -> Any:
        return forward(x, y)

    return op("planted", x=x, y=y, **declared)(planted)


def only(mask: Any, factor: float) -> Any:
    """A factor where the mask holds, of the rule of the sine."""
    return lambda g, x: g * np.cos(x) * np.where(mask(x), factor, 1.0)


def raw(x: Any) -> Any:
    return getattr(x, "_value", x)


def turning(step: float) -> Any:
    calls = [0]

    def rule(g: Any, x: Any) -> Any:
        calls[0] += 1
        return g * np.cos(x) * (1 + step * (calls[0] % 2))

    return rule


def into_upstream(g: Any, x: Any) -> Any:
    if isinstance(g, np.ndarray) and g.flags.writeable:
        g *= np.cos(x)
        return g
    return g * np.cos(x)


def into_saved(g: Any, x: Any) -> Any:
    if isinstance(x, np.ndarray) and x.flags.writeable:
        np.cos(x, out=x)
        return g * x
    return g * np.cos(x)


def one_buffer() -> Any:
    kept: dict[Any, Any] = {}

    def rule(g: Any, x: Any) -> Any:
        if not isinstance(g, np.ndarray):
            return g * np.cos(x)
        out = kept.setdefault(g.shape, np.empty(g.shape))
        np.multiply(g, np.cos(x), out=out)
        return out

    return rule


def remembers() -> Any:
    kept: dict[str, Any] = {}

    def forward(x: Any) -> Any:
        kept["x"] = raw(x)
        return np.sin(x)

    return unary(lambda g: g * np.cos(kept["x"]), forward)


def softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def shares(x: Any, out: Any) -> Any:
    tied = x == np.expand_dims(out, -1)
    return tied / np.sum(tied, axis=-1, keepdims=True)


def d_max(factor: Any) -> Any:
    return lambda g, x, out: np.expand_dims(g, -1) * shares(x, out) * factor(x)


def centred(x: Any) -> Any:
    return (x - np.mean(x, 0)) / np.sqrt(np.mean((x - np.mean(x, 0)) ** 2, 0) + 1e-5)


def d_centred(g: Any, x: Any, of_mean: bool = True, of_scale: bool = True) -> Any:
    s = np.sqrt(np.mean((x - np.mean(x, 0)) ** 2, 0) + 1e-5)
    y = (x - np.mean(x, 0)) / s
    return (g - of_mean * np.mean(g, 0) - of_scale * y * np.mean(g * y, 0)) / s


def joint(bad: bool) -> Any:
    def planted(x: Any, y: Any, /) -> Any:
        return x * y

    def rule(g: Any, x: Any, y: Any, needs: Any) -> Any:
        first = g * y if needs[1] or not bad else g * x
        return first if needs[0] else None, g * x if needs[1] else None

    return op("planted", joint=rule)(planted)


WRONG: dict[str, Callable[[], Case]] = {
    "one element, a factor": lambda: (
        unary(lambda g, x: g * np.cos(x) * np.where(np.arange(7) == 4, 1.01, 1)),
        (drawn(7),), {}),
    "the last of a batch": lambda: (
        unary(lambda g, x: g * np.cos(x) * np.where(np.arange(len(x)) < 3, 1, 0)[:, None]),
        (drawn(4, 3),), {}),
    "only above a threshold": lambda: (unary(only(lambda x: x > 2.5, 1.02)), (at(0.1, 3.0),), {}),
    "only at one": lambda: (unary(only(lambda x: x == 1, 2.0)), (at(0.3, 1.0),), {}),
    "only at whole numbers": lambda: (
        unary(only(lambda x: x == np.round(x), -1.0)), (at(0.3, 2.0, 1.5),), {}),
    "only where large": lambda: (
        unary(lambda g, x: 3 * g * x * x * np.where(np.abs(x) > 50, 1.001, 1), lambda x: x**3),
        (at(0.3, 70.0),), {}),
    "only where tiny": lambda: (
        unary(lambda g, x: g * np.where(np.abs(x) < 1e-3, 0.9, 1) * np.cos(x)),
        (at(1e-4, 1.0),), {}),
    "negative strides": lambda: (
        unary(lambda g, x: g * np.cos(x) * (
            -1 if isinstance(raw(x), np.ndarray) and any(s < 0 for s in raw(x).strides) else 1)),
        (drawn(2, 3),), {}),
    "Fortran order": lambda: (
        unary(lambda g, x: g * np.cos(x) if not isinstance(raw(x), np.ndarray)
              else g * np.cos(x).ravel("K").reshape(raw(x).shape)),
        (drawn(2, 3),), {}),
    "broadcast axes of length 1": lambda: (
        binary(lambda x, y: x * y, lambda g, y: g * y,
               lambda g, x: g * x * (2 if raw(x).shape[0] != 1 else 1)),
        (drawn(3, 2), drawn(1, 2, seed=1)), {}),
    "broadcast of a scalar": lambda: (
        binary(lambda x, y: x * y, lambda g, y: g * (y if np.ndim(y) else 1.5 * y),
               lambda g, x: g * x),
        (drawn(3), ag.Tensor(np.array(0.7))), {}),
    "no conjugate": lambda: (
        binary(lambda x, y: x * y, lambda g, y: g * y, lambda g, x: g * np.conj(x)),
        (drawn(3, dtype=complex), drawn(3, seed=3, dtype=complex)), {}),
    "real part alone": lambda: (
        unary(lambda g, x: (2 * g * np.conj(x)).real + 0j, lambda x: x * x),
        (drawn(3, dtype=complex),), {}),
    "ties, each half too much": lambda: (
        unary(d_max(lambda x: 1.5), lambda x: np.max(x, -1)), (at([1.0, 2, 2], [3, 3, 3]),), {}),
    "ties, a ten thousandth": lambda: (
        unary(d_max(lambda x: 1.0001), lambda x: np.max(x, -1)),
        (at([2.0, 2, 2], [3, 3, 3]),), {}),
    "ties of two inputs, a thousandth": lambda: (
        binary(np.minimum, lambda g, x, y: 1.001 * g * ((x < y) + 0.5 * (x == y)),
               lambda g, x, y: g * ((y < x) + 0.5 * (x == y))),
        (at(0.5, 1.0), at(0.5, 1.0)), {}),
    "a product below a maximum that ties": lambda: (
        lambda x: unary(lambda g, x: np.expand_dims(g * np.array([0.0, 1.0]), -1) * x[..., ::-1],
                        lambda x: np.prod(x, -1))(x).max(),
        (at([1.0, 2.0], [2.0, 1.0]),), {}),
    "ties, one is left out": lambda: (
        unary(lambda g, x, out: g * (x == out) / 3, lambda x: np.max(x)), (at(2.0, 2, 1),), {}),
    "float32 alone": lambda: (
        unary(lambda g, x: g * np.cos(x) * (1.001 if raw(x).dtype == np.float32 else 1)),
        (drawn(4, dtype=np.float32),), {}),
    "float16 alone": lambda: (
        unary(lambda g, x: g * np.cos(x) * (np.float16(1.5) if raw(x).dtype == np.float16 else 1)),
        (drawn(4, dtype=np.float16),), {}),
    "float64 out of float32": lambda: (
        unary(lambda g, x: np.asarray(raw(g), "f8") * np.cos(np.asarray(raw(x), "f8"))),
        (drawn(4, dtype=np.float32),), {}),
    "second order alone": lambda: (
        unary(lambda g, x: g * np.cos(x if isinstance(x, (np.ndarray, np.generic))
                                      else x.detach())),
        (drawn(3),), {"order": 2}),
    "second order, a factor": lambda: (
        unary(lambda g, x: g * np.cos(x) if isinstance(x, (np.ndarray, np.generic))
              else g * (np.cos(x) * 0.5 + 0.5 * np.cos(x.detach()))),
        (drawn(3),), {"order": 2}),
    "forward mode alone": lambda: (
        unary(lambda g, x: g * np.cos(x), jvp={"x": lambda t, x: -t * np.cos(x)}),
        (drawn(3),), {}),
    "forward mode, an element": lambda: (
        unary(lambda g, x: g * np.cos(x),
              jvp={"x": lambda t, x: t * np.cos(x) * np.where(np.arange(3) == 2, 1.01, 1)}),
        (drawn(3),), {}),
    "batches of more than one": lambda: (
        unary(lambda g, x: g * np.cos(x) / np.shape(x)[0]), (drawn(4, 2),), {}),
    "not elementwise": lambda: (
        unary(lambda g: g[::-1], lambda x: x[::-1], elementwise=True), (drawn(3),), {}),
    "the same tensor twice": lambda: (
        lambda x: binary(lambda x, y: x * y, lambda g, y: g * y, lambda g, x: 0 * g * x)(x, x),
        (drawn(3),), {}),
    "turns from call to call": lambda: (unary(turning(1e-3)), (drawn(3),), {}),
    "writes into the cotangent": lambda: (unary(into_upstream), (drawn(3),), {}),
    "writes into what is saved": lambda: (unary(into_saved), (drawn(3),), {}),
    "gives its own buffer": lambda: (unary(one_buffer()), (drawn(3),), {}),
    "remembers the last call": lambda: (remembers(), (drawn(3),), {}),
    "forgets the sum": lambda: (
        unary(lambda g, x, out: out * g, softmax), (drawn(2, 3),), {}),
    "sums over another axis": lambda: (
        unary(lambda g, x, out: out * (g - np.sum(g * out, 0, keepdims=True)), softmax),
        (drawn(3, 3),), {}),
    "forgets the mean": lambda: (
        unary(lambda g, x: d_centred(g, x, of_mean=False), centred), (drawn(4, 2),), {}),
    "forgets the scale": lambda: (
        unary(lambda g, x: d_centred(g, x, of_scale=False), centred), (drawn(4, 2),), {}),
    "with the other one frozen": lambda: (joint(True), (drawn(2), drawn(2, seed=1)), {}),
    "an affine term in the cotangent": lambda: (
        unary(lambda g, x: g * np.cos(x) + 1e-7), (drawn(3),), {}),
    "clipped": lambda: (
        unary(lambda g, x: np.clip(g, -5, 5) * np.cos(x)), (drawn(3),), {}),
    "a millionth": lambda: (
        unary(lambda g, x: g * np.cos(x) * (1 + 1e-6)), (drawn(3),), {}),
    "raises for 0-d": lambda: (
        unary(lambda g, x: (g * np.cos(x))[..., :][0] if np.ndim(g) == 0 else g * np.cos(x)),
        (ag.Tensor(np.array(0.3)),), {}),
}  # fmt: skip


def hidden(forward: Any, rule: Any, dtype: Any) -> Any:
    return unary(rule, lambda x: forward(x).astype(dtype).astype("f8"))


def newton(x: Any) -> Any:
    y = x
    for _ in range(8):
        y = (y + x / y) / 2
    return y


def stiff(x: Any) -> Any:
    for _ in range(30):
        x = x + 0.005 * (-150.0 * (x - np.cos(x)))
    return x


RIGHT: dict[str, Callable[[], Case]] = {
    "steep": lambda: (lambda x: ag.tanh(1e4 * x), (at(1e-5, 1e-4, 0.3),), {}),
    "steeper": lambda: (lambda x: ag.sigmoid(1e6 * (x - 0.5)), (at(0.5, 0.500001),), {}),
    "a needle": lambda: (lambda x: ag.exp(-(((x - 0.3) / 1e-5) ** 2)), (at(0.300004, 0.5),), {}),
    "tiny": lambda: (lambda x: x * 1e-200, (at(1.0, 2.0),), {}),
    "tiny squares": lambda: (lambda x: x * x, (at(1e-120, 2.0),), {}),
    "huge": lambda: (lambda x: x * 1e200, (at(1.0, 2.0),), {}),
    "huge inputs": lambda: (lambda x: ag.sqrt(x), (at(1e200, 1e-200),), {}),
    "many sizes": lambda: (lambda x: ag.exp(x), (at(-300.0, 0.0, 300.0),), {}),
    "sum of many sizes": lambda: (lambda x: ag.exp(x).sum(), (at(-30.0, 0.0, 30.0),), {}),
    "stiff": lambda: (stiff, (at(0.2, 1.5),), {}),
    "an iteration": lambda: (newton, (at(2.0, 100.0, 1e-3),), {}),
    "a fast wave": lambda: (lambda x: ag.sin(3e6 * x), (at(0.3, 0.7),), {}),
    "a wave on a hill": lambda: (lambda x: 1e8 * x + ag.sin(1e5 * x), (at(0.3),), {}),
    "a beat": lambda: (lambda x: ag.sin(1e4 * x) * ag.sin(1.001e4 * x), (at(0.3, 1.0),), {}),
    "kinks near": lambda: (lambda x: abs(x), (at(1e-9, -1e-7, 1e-4),), {}),
    "kinks on both sides": lambda: (lambda x: ag.clip(x, -1e-6, 1e-6), (at(0.0, 5e-7, 2e-6),), {}),
    "many kinks": lambda: (lambda x: ag.abs(ag.sin(200 * x)), (at(0.3, 0.7),), {}),
    "a saw": lambda: (lambda x: x * 1e3 - ag.floor(x * 1e3), (at(0.3001, 0.7003),), {}),
    "whole numbers among": lambda: (
        lambda x, n: (x * n).sum(), (drawn(3), ag.Tensor(np.array([1, 2, 3]))), {}),
    "chosen by whole numbers": lambda: (
        lambda x, n: x[n], (drawn(4), ag.Tensor(np.array([0, 3, 3]))), {}),
    "a jump far away": lambda: (lambda x: ag.where(x > 10, -x, x * x), (at(1.0, 9.0),), {}),
    "a jump close by": lambda: (lambda x: ag.where(x > 1 + 1e-7, -x, x * x), (at(1.0),), {}),
    "float16": lambda: (lambda x: ag.tanh(x) * x, (drawn(5, dtype=np.float16),), {}),
    "float16, a softmax": lambda: (ag.softmax, (drawn(2, 4, dtype=np.float16),), {}),
    "float16 on the way": lambda: (
        lambda x: x.astype("float16").astype("float64") ** 2, (drawn(3),), {}),
    "float16 hidden beside a kink": lambda: (
        hidden(lambda x: np.maximum(x, 0) + 1, lambda g, x: g * (x > 0), np.float16),
        (at(1e-4, -1e-4, 0.3),), {}),
    "float16 hidden in a wave": lambda: (
        unary(lambda g, x: 1e3 * g * np.cos(1e3 * x),
              lambda x: np.sin(1e3 * x.astype("f2")).astype("f8")), (at(0.3, 0.7),), {}),
    "float32 hidden beside a kink": lambda: (
        hidden(lambda x: np.maximum(x, 0) + 1, lambda g, x: g * (x > 0), np.float32),
        (at(1e-8, -1e-8, 0.3),), {}),
    "float32 hidden in a wave": lambda: (
        hidden(lambda x: np.sin(1e5 * x), lambda g, x: 1e5 * g * np.cos(1e5 * x), np.float32),
        (at(0.3, 0.7),), {}),
    "float32 hidden at a maximum": lambda: (
        hidden(lambda x: np.maximum(x, 0.5), lambda g, x: g * (x > 0.5), np.float32),
        (at(0.50000001, 0.4999),), {}),
    "complex": lambda: (lambda z: ag.abs(ag.exp(z)), (drawn(3, dtype=complex),), {}),
    "complex, a root": lambda: (lambda z: ag.sqrt(z), (drawn(3, dtype=complex),), {}),
    "cancels": lambda: (lambda x: (x + 1e12) - 1e12, (at(0.3, 1.0),), {}),
    "cancels without a rest": lambda: (lambda x: (x - x.mean()).sum(), (drawn(6),), {}),
    "flat": lambda: (lambda x: ag.exp(-1 / (x * x + 1e-3)), (at(0.0, 0.01, 1.0),), {}),
    "a plateau": lambda: (lambda x: ag.softmax(x), (at(80.0, 0.0, -80.0),), {}),
    "a zero of order five": lambda: (lambda x: x**5, (at(0.0, 1e-3),), {}),
    "at its own edge": lambda: (lambda x: x**1.5, (at(0.0, 1e-12, 1.0),), {}),
    "ties in a pool": lambda: (
        lambda x: nn.functional.max_pool2d(x, 2), (ag.Tensor(np.ones((1, 1, 4, 4))),), {}),
    "ties in a sort, weighted": lambda: (
        lambda x: ag.sort(x) @ at(1.0, -2.0, 4.0, 8.0), (at(1.0, 1.0, 2.0, 2.0),), {}),
    "the same tensor twice": lambda: (lambda x: ag.where(x > 0, x, x) * x, (drawn(4),), {}),
    "changed in place": lambda: (_changed, (drawn(4),), {}),
    "two orders": lambda: (lambda x: ag.tanh(x) ** 3, (drawn(3),), {"order": 2}),
    "the twin of a joint rule": lambda: (joint(False), (drawn(2), drawn(2, seed=1)), {}),
    "the twin of ties": lambda: (
        unary(d_max(lambda x: 1.0), lambda x: np.max(x, -1)), (at([2.0, 2, 2], [3, 3, 3]),), {}),
    "the twin of a mean": lambda: (
        unary(lambda g, x: d_centred(g, x), centred), (drawn(4, 2),), {}),
}  # fmt: skip


def _changed(x: Any) -> Any:
    y = x * 2
    y[1] = y[0] * y[2]
    y[2:] *= y[0]
    return y


def verdict(case: Case, seed: int) -> Any:
    f, inputs, options = case
    with np.errstate(all="ignore"):
        return gradcheck(f, *inputs, raise_exception=False, rng=seed, **options)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_fails(name: str) -> None:
    case = WRONG[name]()
    for seed in (0, 1):
        assert not verdict(case, seed)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_gradient_is_not_blamed(name: str) -> None:
    case = RIGHT[name]()
    for seed in (0, 1):
        report = verdict(case, seed)
        assert report, str(report)


@pytest.mark.filterwarnings("ignore")
def test_an_op_is_not_named_for_outputs_that_nobody_uses() -> None:
    bad = unary(lambda g: 2 * g, lambda x: 1.0 * x)
    x = ag.Tensor(np.zeros((2, 2)))
    report = verdict((lambda x: ag.linalg.svd(x)[1].sum() + bad(x).sum(), (x,), {}), 0)
    assert report.failures
    assert all(str(found.where).startswith("planted") for found in report.failures)
