"""Configurations of optimizers: one table, for the tests against formulas and those beside PyTorch.

A row is an optimizer's name and its options; `second` are the options of the second of two groups.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import optim
from autograd import Tensor

__all__ = ["BY_NAME", "PUBLIC", "ROWS", "SHAPES", "Row", "gradients", "run", "start", "tensors"]

PUBLIC = [
    name for name in optim.__all__
    if isinstance(getattr(optim, name), type) and issubclass(getattr(optim, name), optim.Optimizer)
    and name not in ("Optimizer", "ZeroRedundancyOptimizer")  # what is shared out is another one
]  # fmt: skip

# packed with others, 0-d, empty, with three axes, alone, alone in several blocks
SHAPES = [(3, 4), (5,), (), (0,), (2, 3, 4), (60, 80), (150, 140)]
MATRICES = [(3, 4), (4, 3), (1, 5), (6, 1), (30, 40), (0, 3)]


class Row(NamedTuple):
    """How an optimizer of two groups is made."""

    name: str
    options: dict[str, Any]
    second: dict[str, Any]

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value}" for name, value in self.options.items())
        return f"{self.name}({given})"

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        if self.name == "Adafactor":  # which PyTorch's divides by zero for an empty parameter
            return [shape for shape in SHAPES if 0 not in shape]
        return MATRICES if self.name == "Muon" else SHAPES

    @property
    def in_torch(self) -> bool:
        return self.name != "Lion"

    def groups(self, params: list[Any]) -> list[dict[str, Any]]:
        """The parameters in two groups, the second of which has options of its own."""
        half = len(params) // 2
        return [{"params": params[:half]}, {"params": params[half:], **self.second}]

    def make(self, params: list[Any], module: Any = optim) -> Any:
        return getattr(module, self.name)(self.groups(params), **self.options)


def row(name: str, second: dict[str, Any] | None = None, **options: Any) -> Row:
    return Row(name, options, {"lr": 0.02} if second is None else second)


ROWS = [
    row("SGD"),
    row("SGD", lr=0.1, weight_decay=0.3, maximize=True),
    row("SGD", {"lr": 0.02, "momentum": 0.0}, lr=0.1, momentum=0.9),
    row("SGD", {"dampening": 0.0}, lr=0.1, momentum=0.9, dampening=0.4, weight_decay=0.1),
    row("SGD", {"momentum": 0.5}, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    row("Adagrad"),
    row("Adagrad", lr=0.1, lr_decay=0.2, initial_accumulator_value=0.5, eps=1e-3),
    row("Adagrad", {"lr_decay": 0.1}, lr=0.1, weight_decay=0.3, maximize=True),
    row("Adadelta"),
    row("Adadelta", {"rho": 0.5}, lr=0.7, rho=0.8, eps=1e-3, weight_decay=0.3, maximize=True),
    row("RMSprop"),
    row("RMSprop", {"alpha": 0.5}, lr=0.1, alpha=0.8, eps=1e-2, weight_decay=0.3, maximize=True),
    row("RMSprop", {"momentum": 0.0}, lr=0.01, momentum=0.9, weight_decay=0.1),
    row("RMSprop", {"centered": False}, centered=True, alpha=0.9),
    row("RMSprop", {"lr": 0.01}, centered=True, momentum=0.8, maximize=True),
    row("Adam"),
    row("Adam", {"eps": 1e-3}, lr=0.1, betas=(0.7, 0.8), eps=1e-2, weight_decay=0.3),
    row("Adam", {"amsgrad": False}, lr=0.1, amsgrad=True, betas=(0.9, 0.5), maximize=True),
    row("Adam", lr=0.1, weight_decay=0.3, decoupled_weight_decay=True, betas=(0.0, 0.0)),
    row("AdamW"),
    row("AdamW", {"weight_decay": 0.0}, lr=0.1, weight_decay=0.3, amsgrad=True, maximize=True),
    row("Adamax"),
    row("Adamax", {"betas": (0.5, 0.5)}, betas=(0.8, 0.9), weight_decay=0.3, maximize=True),
    row("NAdam"),
    row("NAdam", {"betas": (0.5, 0.5)}, weight_decay=0.3, momentum_decay=0.1, maximize=True),
    row("NAdam", {"weight_decay": 0.0}, lr=0.1, weight_decay=0.3, decoupled_weight_decay=True),
    row("RAdam"),
    row("RAdam", {"betas": (0.5, 0.9)}, betas=(0.8, 0.99), weight_decay=0.3, maximize=True),
    row("RAdam", {"weight_decay": 0.0}, lr=0.1, weight_decay=0.3, decoupled_weight_decay=True),
    row("RAdam", lr=0.1, betas=(0.9, 0.5)),  # never rectified
    row("ASGD"),
    row("ASGD", {"t0": 2.0}, lr=0.1, lambd=0.1, alpha=0.5, t0=4.0, weight_decay=0.3),
    row("ASGD", lr=0.1, t0=0.0, maximize=True),
    row("Rprop", {}),
    row("Rprop", {"etas": (0.3, 1.5)}, lr=0.1, step_sizes=(0.05, 0.15), maximize=True),
    row("Lion"),
    row("Lion", {"betas": (0.5, 0.5)}, lr=0.1, betas=(0.8, 0.9), weight_decay=0.3, maximize=True),
    row("Adafactor"),
    row("Adafactor", {"d": 2.0}, lr=0.5, beta2_decay=-0.5, weight_decay=0.3, maximize=True),
    row("Adafactor", {"eps": (None, 1e-2)}, lr=0.5, eps=(1e-1, 2.0)),
    row("Muon"),
    row("Muon", {"nesterov": True}, lr=0.1, momentum=0.8, nesterov=False, weight_decay=0.3),
    row("Muon", {"adjust_lr_fn": None}, lr=0.1, adjust_lr_fn="match_rms_adamw", ns_steps=3),
    row("Muon", {"ns_coefficients": (2.0, -1.5, 0.5)}, adjust_lr_fn="original", eps=10.0),
]
BY_NAME = list({row.name: row for row in reversed(ROWS)}.values())[::-1]  # the first of each name


def start(shapes: Any, seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [np.asarray(rng.standard_normal(shape)) for shape in shapes]


def gradients(shapes: Any, step: int) -> list[Any]:
    return start(shapes, 100 + step)


def tensors(arrays: Any, dtype: Any = np.float64) -> list[Tensor]:
    return [Tensor(a.astype(dtype), requires_grad=True, name=f"p{i}") for i, a in enumerate(arrays)]


def run(optimizer: Any, params: list[Tensor], steps: Any) -> None:
    """Take steps, each with gradients drawn from its number."""
    for step in steps:
        for p, g in zip(params, gradients([p.shape for p in params], step), strict=True):
            p.grad = Tensor(g.astype(p.dtype))
        optimizer.step()
