"""A library under test, by the few names that the workloads use; and how time is taken."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np

LOSSES: list[float] = []  # of the first step: libraries that start alike must agree


def open_library(name: str) -> Any:
    """The few names that the workloads use, from one of the libraries; None for NumPy by hand."""
    if name == "chaingrad":
        import autograd as ag
        import nn
        import optim

        return SimpleNamespace(
            leaf=lambda data: ag.Tensor(data, requires_grad=True), constant=ag.Tensor,
            tanh=ag.tanh, relu=ag.relu, sigmoid=ag.sigmoid, exp=ag.exp, no_grad=ag.no_grad,
            grad=ag.grad, nn=nn, optim=optim, functional=nn.functional, stack=ag.stack,
            gradcheck=lambda f, inputs, options: ag.gradcheck(f, *inputs, **options),
        )  # fmt: skip
    if name == "torch":
        import torch

        torch.set_num_threads(2)
        return SimpleNamespace(
            leaf=lambda data: torch.tensor(data, requires_grad=True), constant=torch.tensor,
            tanh=torch.tanh, relu=torch.relu, sigmoid=torch.sigmoid, exp=torch.exp,
            no_grad=torch.no_grad, grad=torch.autograd.grad, nn=torch.nn, optim=torch.optim,
            functional=torch.nn.functional, stack=torch.stack,
            gradcheck=lambda f, inputs, options: torch.autograd.gradcheck(f, inputs, **options),
        )  # fmt: skip
    return None


def seconds(run: Callable[[], Any], least: float = 0.5) -> float:
    """Median time of one call, over calls that together take at least `least` seconds."""
    for _ in range(3):
        run()
    times: list[float] = []
    while sum(times) < least or len(times) < 5:
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return median(times)


def fill(library: Any, model: Any, seed: int = 0) -> Any:
    """Give a model weights that depend on their names alone, the same in every library."""
    state = {}
    for name, value in model.state_dict().items():
        old = np.asarray(value.numpy())
        if old.ndim < 2 or old.dtype.kind != "f":  # biases, norms and counts stay as they start
            state[name] = old if "bias" not in name else np.zeros_like(old)
        else:
            rng = np.random.default_rng([seed, *name.encode()])
            bound = 1 / np.sqrt(old[0].size)
            state[name] = rng.uniform(-bound, bound, old.shape).astype(old.dtype)
    model.load_state_dict({name: library.constant(value) for name, value in state.items()})
    return model


def step_time(library: Any, loss_of: Callable[[], Any], optimizer: Any) -> float:
    """A step of training - forward, loss, backward, optimizer - in ms."""

    def step() -> None:
        optimizer.zero_grad()
        loss = loss_of()
        if not LOSSES:
            LOSSES.append(loss.item())
        loss.backward()
        optimizer.step()

    return seconds(step) * 1e3
