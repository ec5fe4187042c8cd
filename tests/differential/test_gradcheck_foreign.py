"""Gradients that PyTorch computes, checked by `gradcheck(f, x, grad=...)` through NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from autograd.gradcheck import gradcheck
from autograd.gradcheck.report.report import Report

X = np.random.default_rng(0).normal(size=(3, 4))


def both(f: Any, off: float = 0.0) -> tuple[Any, Any]:
    """A function of PyTorch's tensors as one of arrays, and its gradient by PyTorch."""

    def value(x: Any) -> Any:
        return f(torch.tensor(x))  # a tensor of PyTorch comes back

    def grad(x: Any) -> Any:
        leaf = torch.tensor(x, requires_grad=True)
        (found,) = torch.autograd.grad(f(leaf).sum(), leaf)
        return found * (1 + off)

    return value, grad


class Doubled(torch.autograd.Function):
    """x² with a backward pass by hand, which forgets the 2."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (x,) = ctx.saved_tensors
        return g * x


FUNCTIONS: dict[str, Any] = {
    "a layer and its loss": lambda x: torch.nn.functional.gelu(x).pow(2).sum(),
    "elementwise": torch.tanh,
    "samples of a batch": lambda x: torch.logsumexp(x, dim=1),
    "a matrix function": lambda x: torch.linalg.svdvals(x)[0],
}


def check(f: Any, grad: Any, x: Any = X) -> Report:
    return gradcheck(f, x, grad=grad, raise_exception=False)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_pytorchs_gradient_passes_and_fails_when_it_is_off(name: str) -> None:
    assert check(*both(FUNCTIONS[name]))
    assert not check(*both(FUNCTIONS[name], 1e-4))


def test_a_backward_by_hand_that_is_wrong_is_found() -> None:
    report = check(*both(Doubled.apply))
    assert "pattern: constant factor 0.5" in str(report)


def test_in_single_precision() -> None:
    f, grad = both(lambda x: torch.nn.functional.softplus(x).sum())
    assert check(f, grad, X.astype("float32"))
    f, grad = both(lambda x: torch.nn.functional.softplus(x).sum(), 1e-2)
    assert not check(f, grad, X.astype("float32"))


def test_a_model_that_computes_in_single_precision_alone_is_never_blamed() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))

    def value(x: Any) -> Any:
        return net(torch.tensor(x, dtype=torch.float32)).sum()

    def grad(x: Any) -> Any:
        leaf = torch.tensor(x, dtype=torch.float32, requires_grad=True)
        return torch.autograd.grad(net(leaf).sum(), leaf)[0]

    assert check(value, grad)
    report = check(value, lambda x: -grad(x))
    assert not report or report.inconclusive


def test_parameters_of_a_module_in_a_dict() -> None:
    net = torch.nn.Linear(4, 2).double()
    x = torch.tensor(X)

    def loss(p: Any) -> Any:
        given = {name: torch.tensor(value) for name, value in p.items()}
        return torch.func.functional_call(net, given, (x,)).pow(2).sum()

    def grad(p: Any) -> Any:
        given = {name: torch.tensor(v, requires_grad=True) for name, v in p.items()}
        out = torch.func.functional_call(net, given, (x,)).pow(2).sum()
        return dict(zip(given, torch.autograd.grad(out, list(given.values())), strict=True))

    p = {name: value.detach().numpy() for name, value in net.named_parameters()}
    assert gradcheck(loss, p, grad=grad).checked == 10
    wrong = lambda p: grad(p) | {"bias": grad(p)["bias"] / 3}  # noqa: E731 - as a mean
    report = gradcheck(loss, p, grad=wrong, raise_exception=False)
    assert [f.input for f in report.failures] == ["p['bias']"]
