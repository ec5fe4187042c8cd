"""A library under test, by the few names that the workloads use."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from data import initial

Step = Callable[[], Any]  # what is timed; its mean is compared between libraries


def open_library(name: str) -> Any:
    """The names of chaingrad or PyTorch; None for a library that has workloads of its own."""
    if name in ("chaingrad", "compiled"):
        import autograd as ag
        import nn
        import optim

        return SimpleNamespace(
            leaf=lambda data: ag.Tensor(data, requires_grad=True), constant=ag.Tensor,
            tanh=ag.tanh, relu=ag.relu, sigmoid=ag.sigmoid, exp=ag.exp, no_grad=ag.no_grad,
            grad=ag.grad, nn=nn, optim=optim, functional=nn.functional, numpy=ag.Tensor.numpy,
            gradcheck=lambda f, inputs, options: ag.gradcheck(f, *inputs, **options),
            compiled=ag.compile if name == "compiled" else lambda step: step, ops=ag, is_own=True,
            func=SimpleNamespace(
                grad=ag.functional.grad, vmap=ag.vmap, jacobian=ag.functional.jacobian,
                hessian=ag.functional.hessian, hvp=lambda f, x, v: ag.functional.hvp(f, x, v)[1],
            ),
        )  # fmt: skip
    if name in ("torch", "compile"):
        import torch

        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 2)))
        return SimpleNamespace(
            leaf=lambda data: torch.tensor(data, requires_grad=True), constant=torch.tensor,
            tanh=torch.tanh, relu=torch.relu, sigmoid=torch.sigmoid, exp=torch.exp,
            no_grad=torch.no_grad, grad=torch.autograd.grad, nn=torch.nn, optim=torch.optim,
            functional=torch.nn.functional, numpy=lambda x: x.detach().numpy(),
            gradcheck=lambda f, inputs, options: torch.autograd.gradcheck(f, inputs, **options),
            compiled=torch.compile if name == "compile" else lambda step: step,
            ops=torch, is_own=False,
            func=SimpleNamespace(
                grad=torch.func.grad, vmap=torch.func.vmap, jacobian=torch.func.jacrev,
                hessian=torch.func.hessian,
                hvp=lambda f, x, v: torch.func.jvp(torch.func.grad(f), (x,), (v,))[1],
            ),
        )  # fmt: skip
    return None


def fill(library: Any, model: Any) -> Any:
    """Give a model the weights of `initial`."""
    state = {}
    for name, value in model.state_dict().items():
        old = np.asarray(value.numpy())
        state[name] = old if old.dtype.kind != "f" else initial(name, old.shape)
    model.load_state_dict({name: library.constant(value) for name, value in state.items()})
    return model


def training(library: Any, optimizer: Any, loss_of: Step) -> Step:
    """A step of training: forward, loss, backward, optimizer."""

    def step() -> Any:
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        return loss

    return step
