"""`gradcheck(f, x, grad=...)` of networks by hand, as courses write them on plain NumPy.

Each has its wrong twin: a mistake that such classes are made with, which must be found by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd.engine.samples import draw
from autograd.errors import GradcheckError
from autograd.gradcheck import gradcheck

Params = dict[str, Any]


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class Perceptron:
    """One neuron with the perceptron's loss: max(0, -t (x w + b)), summed over the batch."""

    x, t = draw(6, 3), np.array([1, -1, 1, 1, -1, -1])

    def __init__(self, wrong: bool = False) -> None:
        self.wrong = wrong

    def loss(self, w: Any, b: Any) -> Any:
        return np.maximum(0, -self.t * (self.x @ w + b)).sum()

    def grad(self, w: Any, b: Any) -> Any:
        missed = self.t * (self.x @ w + b) < 0
        push = -self.t * (1 if self.wrong else missed)  # learns from all, not from mistakes alone
        return push @ self.x, push.sum()

    inputs: tuple[Any, ...] = (draw(3, seed=1), 0.1)


class Xor:
    """2-3-1 with sigmoids and squared errors; its parameters and gradients are dicts."""

    x, t = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0.0]])

    def __init__(self, wrong: bool = False) -> None:
        self.wrong = wrong

    def loss(self, p: Params) -> Any:
        self.h = sigmoid(self.x @ p["W1"] + p["b1"])
        self.y = sigmoid(self.h @ p["W2"] + p["b2"])
        return 0.5 * np.sum((self.y - self.t) ** 2)

    def grad(self, p: Params) -> Params:
        self.loss(p)
        d2 = (self.y - self.t) * (1 if self.wrong else self.y * (1 - self.y))  # sigmoid' left out
        d1 = d2 @ p["W2"].T * self.h * (1 - self.h)
        return {
            "dW2": self.h.T @ d2, "db2": d2.sum(0), "dW1": self.x.T @ d1, "db1": d1.sum(0),
        }  # fmt: skip

    inputs: tuple[Any, ...] = (
        {"W1": draw(2, 3), "b1": draw(3, seed=2), "W2": draw(3, 1, seed=3), "b2": draw(1, seed=4)},
    )


class Mlp:
    """Two layers, relu, softmax and cross-entropy over a batch; parameters in lists of pairs."""

    x, t = draw(5, 4), np.array([0, 2, 1, 1, 0])

    def __init__(self, wrong: bool = False) -> None:
        self.wrong = wrong

    def loss(self, layers: Any) -> Any:
        (w1, b1), (w2, b2) = layers
        self.z = self.x @ w1 + b1
        self.p = softmax(np.maximum(self.z, 0) @ w2 + b2)
        return -np.log(self.p[np.arange(5), self.t]).mean()

    def grad(self, layers: Any) -> Any:
        self.loss(layers)
        (_, _), (w2, _) = layers
        d = self.p.copy()
        d[np.arange(5), self.t] -= 1
        d /= 1 if self.wrong else 5  # the mean forgotten
        back = d @ w2.T * (self.z > 0)
        first = (self.x.T @ back, back.sum(0))
        return [first, (np.maximum(self.z, 0).T @ d, d.sum(0))]

    inputs: tuple[Any, ...] = (
        [(draw(4, 3), draw(3, seed=2)), (draw(3, 3, seed=3), draw(3, seed=4))],
    )


class Filters(NamedTuple):
    kernel: Any
    bias: Any


class Cnn:
    """A convolution by loops, relu, the mean over places; its parameters are a named tuple."""

    images = draw(2, 5, 5)

    def __init__(self, wrong: bool = False) -> None:
        self.wrong = wrong

    def loss(self, f: Filters) -> Any:
        self.out = np.zeros((2, 3, 3)) + f.bias
        for i in range(3):
            for j in range(3):
                self.out[:, i, j] += np.sum(self.images[:, i : i + 3, j : j + 3] * f.kernel, (1, 2))
        return np.maximum(self.out, 0).mean()

    def grad(self, f: Filters) -> Filters:
        self.loss(f)
        d = (self.out > 0) / self.out.size
        kernel = np.zeros((3, 3))
        for i in range(3):
            for j in range(3):
                kernel += np.einsum("n,nab->ab", d[:, i, j], self.images[:, i : i + 3, j : j + 3])
        return Filters(kernel[::-1, ::-1] if self.wrong else kernel, d.sum())  # turned round

    inputs: tuple[Any, ...] = (Filters(draw(3, 3, seed=1), 0.3),)


@dataclass
class Norm:
    gain: Any
    shift: Any


class BatchNorm:
    """Normalization over a batch, with all three paths to the input."""

    weights = draw(6, 3, seed=9)

    def __init__(self, wrong: bool = False) -> None:
        self.wrong = wrong

    def loss(self, x: Any, p: Norm) -> Any:
        self.spread = np.sqrt(x.var(0) + 1e-5)
        self.h = (x - x.mean(0)) / self.spread
        return np.sum(self.weights * (self.h * p.gain + p.shift))

    def grad(self, x: Any, p: Norm) -> Any:
        self.loss(x, p)
        g = self.weights * p.gain
        inner = g if self.wrong else g - g.mean(0) - self.h * (g * self.h).mean(0)
        own = Norm((self.weights * self.h).sum(0), self.weights.sum(0))
        return inner / self.spread, own

    inputs: tuple[Any, ...] = (draw(6, 3), Norm(draw(3, seed=1), draw(3, seed=2)))


class Recurrent:
    """Backpropagation through five steps, as in a hundred lines of characters."""

    xs = draw(5, 2)

    def __init__(self, wrong: bool = False) -> None:
        self.wrong = wrong

    def loss(self, p: Params) -> Any:
        self.hs = [np.zeros(3)]
        for x in self.xs:
            self.hs.append(np.tanh(p["Wxh"] @ x + p["Whh"] @ self.hs[-1] + p["bh"]))
        return sum(np.sum(h**2) for h in self.hs)

    def grad(self, p: Params) -> Params:
        self.loss(p)
        found = {name: np.zeros_like(value) for name, value in p.items()}
        later = np.zeros(3)
        for t in reversed(range(5)):
            h = self.hs[t + 1]
            raw = (2 * h + later) * (1 - h * h)
            found["bh"] += raw
            found["Wxh"] += np.outer(raw, self.xs[t])
            found["Whh"] += np.outer(raw, self.hs[t])
            later = p["Whh"] @ raw if self.wrong else p["Whh"].T @ raw
        return found

    inputs: tuple[Any, ...] = (
        {"Wxh": draw(3, 2), "Whh": draw(3, 3, seed=1), "bh": draw(3, seed=2)},
    )


NETWORKS: dict[str, tuple[Any, str]] = {
    "perceptron": (Perceptron, "d out / d w"),
    "XOR": (Xor, "d out / d p['W2']"),
    "MLP": (Mlp, "d out / d layers[1][0]"),
    "CNN": (Cnn, "d out / d f.kernel"),
    "batch normalization": (BatchNorm, "d out / d x"),
    "recurrent": (Recurrent, "d out / d p['Wxh']"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_by_hand_passes_and_its_wrong_twin_fails_by_name(name: str) -> None:
    kind, where = NETWORKS[name]
    right, wrong = kind(), kind(wrong=True)
    for seed in range(3):
        report = gradcheck(
            right.loss, *right.inputs, grad=right.grad, rng=seed, raise_exception=False
        )
        assert report, str(report)
        assert not report.inconclusive
        with pytest.raises(GradcheckError) as caught:
            gradcheck(wrong.loss, *wrong.inputs, grad=wrong.grad, rng=seed)
        assert f"loss  {where}" in str(caught.value)


def test_the_mean_that_was_forgotten_is_named() -> None:
    net = Mlp(wrong=True)
    with pytest.raises(GradcheckError, match="pattern: "):
        gradcheck(net.loss, *net.inputs, grad=net.grad)


def single(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: single(value) for name, value in tree.items()}
    return np.asarray(tree, "float32")


def test_parameters_in_single_precision_stay_so() -> None:
    net = Xor()
    p = single(net.inputs[0])
    seen: set[str] = set()

    def grad(p: Params) -> Params:
        seen.update(str(value.dtype) for value in p.values())
        return net.grad(p)

    assert gradcheck(net.loss, p, grad=grad)
    assert seen == {"float32", "float64"}


# ---- shapes of inputs and results ----------------------------------------------------------------

X = draw(4)
TWINS: dict[str, tuple[Callable[..., Any], Any, Any, tuple[Any, ...]]] = {
    "elementwise, as a slope for each element": (np.sin, np.cos, lambda x: -np.cos(x), (X,)),
    "a batch, each sample its own": (
        lambda x: np.sum(x**2, axis=1), lambda x: 2 * x, lambda x: x, (draw(3, 4),),
    ),
    "two outputs": (
        lambda x: (np.sum(x**2), np.sum(x)),
        lambda x: (2 * x, np.ones(4)),
        lambda x: (2 * x, np.zeros(4)),
        (X,),
    ),
    "outputs in a dict, the other way round": (
        lambda x: {"a": np.sum(x**2), "b": np.exp(x)},
        lambda x: {"b": np.diag(np.exp(x)), "a": 2 * x},
        lambda x: {"b": np.diag(np.exp(x)), "a": x},
        (X,),
    ),
    "two outputs of two inputs": (
        lambda x, y: (x @ y, np.sum(x)),
        lambda x, y: ((y, x), (np.ones(4), np.zeros(4))),
        lambda x, y: ((x, y), (np.ones(4), np.zeros(4))),
        (X, draw(4, seed=1)),
    ),
    "a result beside one that is counted": (
        lambda x: (np.sum(x**2), int(np.sum(x > 0))), lambda x: (2 * x, None),
        lambda x: (x, None), (X,),
    ),
    "a dict inside of a list": (
        lambda p: np.sum(p[0]["w"] ** 2) * p[1], lambda p: [{"w": 2 * p[0]["w"] * p[1]},
                                                            np.sum(p[0]["w"] ** 2)],
        lambda p: [{"w": 2 * p[0]["w"]}, np.sum(p[0]["w"] ** 2)], ([{"w": X}, 0.7],),
    ),
    "whole numbers beside": (
        lambda p: np.sum(p["w"] ** p["n"]), lambda p: {"w": p["n"] * p["w"] ** (p["n"] - 1)},
        lambda p: {"w": p["w"] ** (p["n"] - 1)}, ({"w": X, "n": 3},),
    ),
    "a list of numbers": (
        lambda x: np.sum(np.asarray(x) ** 3), lambda x: 3 * np.asarray(x) ** 2,
        lambda x: 3 * np.asarray(x), ([0.5, 1.5, -1.0],),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
def test_nested_inputs_and_results(name: str) -> None:
    f, right, wrong, inputs = TWINS[name]
    report = gradcheck(f, *inputs, grad=right, raise_exception=False)
    assert report, str(report)
    assert report.checked >= 3
    assert not gradcheck(f, *inputs, grad=wrong, raise_exception=False)


def test_samples_that_are_mixed_have_no_slopes_of_their_own() -> None:
    mixed = lambda x: np.cumsum(np.sum(x**2, axis=1))  # noqa: E731
    assert not gradcheck(mixed, draw(3, 4), grad=lambda x: 2 * x, raise_exception=False)


def test_one_of_several_nested_inputs_is_named_by_wrt() -> None:
    f = lambda p, x: np.sum(p["w"] * x)  # noqa: E731
    assert gradcheck(f, {"w": X}, X, grad=lambda p, x: {"w": x}, wrt=0).checked == 4
    assert gradcheck(f, {"w": X}, X, grad=lambda p, x: p["w"], wrt=1).checked == 4


@pytest.mark.parametrize(
    ("grad", "message"),
    [
        (lambda p: {"b": 1.0}, r"nothing for p\['w'\]; it gave 'b'"),
        (lambda p: {"w": None, "b": 1.0}, r"grad gave None for p\['w'\]"),
        (lambda p: np.ones(5), "ndarray for p, which is dict of 2; it must be nested as that is"),
        (lambda p: {"w": np.ones(3), "b": 1.0}, r"the shape \(3,\) for an input of \(4,\) \(p"),
    ],
)
def test_what_is_missing_is_named(grad: Any, message: str) -> None:
    with pytest.raises(GradcheckError, match=message):
        gradcheck(lambda p: np.sum(p["w"]) + p["b"], {"w": X, "b": 0.5}, grad=grad)


def test_scipys_jac_is_checked() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    x = np.array([0.3, -1.2, 2.0])
    assert gradcheck(optimize.rosen, x, grad=optimize.rosen_der)
    with pytest.raises(GradcheckError, match="d out / d x"):
        gradcheck(optimize.rosen, x, grad=lambda x: optimize.rosen_der(x) + 1e-4)
