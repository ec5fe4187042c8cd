"""One table of schedules, read by tests/test_lr_scheduler.py and, beside PyTorch, by the
differential tests.

A row says how a schedule is made, for any library that has these names, and what its rates are:
a function written from the definition, which shares nothing with the implementation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.scheduler_rates import (
    EPOCHS,
    LRS,
    METRICS,
    Rates,
    at_each,
    between,
    chained,
    cosine_way,
    cycle,
    damped,
    growing,
    half_cosine,
    halved_each_ten,
    inverse,
    joined,
    one_cycle,
    plateau,
    product,
    restarts,
    shrinking,
    steps,
    swa,
    triangle,
)


@dataclass(frozen=True)
class Row:
    """A schedule: `name(optimizer, **options)`, with rows among the options made first."""

    name: str
    options: dict[str, Any]
    rates: Rates
    momenta: Callable[[], Sequence[float]] | None = None  # of epochs 0 … EPOCHS, in every group
    optimizer: tuple[str, dict[str, Any]] = ("SGD", {"momentum": 0.9})
    metrics: list[float] | None = None  # what step() is given, epoch by epoch
    parts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # schedules inside

    def __str__(self) -> str:
        shown = ",".join(f"{n}={_shown(v)}" for n, v in self.options.items())
        inside = "+".join(name for name, _ in self.parts)
        return f"{self.name}({inside or shown})"

    def make(self, library: Any, swa: Any, optimizer: Any) -> Any:
        """The schedule, from the classes of `library` (and SWALR from `swa`)."""
        kind = getattr(swa if self.name == "SWALR" else library, self.name)
        if not self.parts:
            return kind(optimizer, **self.options)
        parts = [getattr(library, name)(optimizer, **options) for name, options in self.parts]
        if self.name == "ChainedScheduler":
            return kind(parts, **self.options)
        return kind(optimizer, parts, **self.options)

    def step(self, schedule: Any, epoch: int) -> None:
        """Step to `epoch`, with the metric where there is one."""
        schedule.step(*([] if self.metrics is None else [self.metrics[epoch - 1]]))


def _shown(value: Any) -> str:
    """Functions by name, also in lists: an address would differ between two processes."""
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return str(getattr(value, "__name__", value))


ADAM = ("Adam", {"betas": (0.9, 0.99)})
PLAIN = ("SGD", {})
TWO_PHASES = (0.25 * 40 - 1, 39)
THREE_PHASES = (0.25 * 40 - 1, 2 * (0.25 * 40 - 1), 39)

ROWS = [
    Row("LambdaLR", {"lr_lambda": halved_each_ten}, at_each(lambda e, b: b * 0.5 ** (e // 10))),
    Row("LambdaLR", {"lr_lambda": inverse}, at_each(lambda e, b: b / (e + 1))),
    Row(
        "LambdaLR",
        {"lr_lambda": [inverse, halved_each_ten]},
        at_each(lambda e, b: b / (e + 1) if b == LRS[0] else b * 0.5 ** (e // 10)),
    ),
    Row(
        "MultiplicativeLR",
        {"lr_lambda": shrinking},
        at_each(lambda e, b: b * product(lambda k: (k + 0.5) / (k + 1), e)),
    ),
    Row(
        "MultiplicativeLR",
        {"lr_lambda": [shrinking, growing]},
        at_each(lambda e, b: b * product(shrinking if b == LRS[0] else growing, e)),
    ),
    Row(
        "StepLR",
        {"step_size": 7},
        at_each(lambda e, b: steps(b, 0.1, range(7, 99, 7), e)),
    ),
    Row(
        "StepLR",
        {"step_size": 1, "gamma": 0.9},
        at_each(lambda e, b: steps(b, 0.9, range(1, 99), e)),
        optimizer=ADAM,
    ),
    Row(
        "MultiStepLR",
        {"milestones": [3, 10, 11, 30]},
        at_each(lambda e, b: steps(b, 0.1, [3, 10, 11, 30], e)),
    ),
    Row(
        "MultiStepLR",
        {"milestones": [4, 8, 8, 20], "gamma": 0.5},
        at_each(lambda e, b: steps(b, 0.5, [4, 8, 8, 20], e)),
    ),
    Row("ConstantLR", {}, at_each(lambda e, b: b / 3 if e < 5 else b)),
    Row(
        "ConstantLR",
        {"factor": 0.25, "total_iters": 12},
        at_each(lambda e, b: b / 4 if e < 12 else b),
    ),
    Row("LinearLR", {}, at_each(lambda e, b: b * between(1 / 3, 1, min(e, 5) / 5))),
    Row(
        "LinearLR",
        {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 20},
        at_each(lambda e, b: b * between(1, 0, min(e, 20) / 20)),
    ),
    Row("ExponentialLR", {"gamma": 0.9}, at_each(lambda e, b: b * math.exp(e * math.log(0.9)))),
    Row("PolynomialLR", {}, at_each(lambda e, b: b * max(0, 5 - e) / 5)),
    Row(
        "PolynomialLR",
        {"total_iters": 25, "power": 2.5},
        at_each(lambda e, b: b * (max(0, 25 - e) / 25) ** 2.5),
    ),
    Row("CosineAnnealingLR", {"T_max": 36}, at_each(lambda e, b: half_cosine(b, 0, e / 36))),
    Row(
        "CosineAnnealingLR",
        {"T_max": 7, "eta_min": 0.001},
        at_each(lambda e, b: half_cosine(b, 0.001, e / 7)),
    ),
    Row(
        "CosineAnnealingLR",
        {"T_max": 1, "eta_min": 0.001},
        at_each(lambda e, b: half_cosine(b, 0.001, e)),
    ),
    Row("CosineAnnealingWarmRestarts", {"T_0": 5}, lambda b: restarts(b, 0, 5, 1)),
    Row(
        "CosineAnnealingWarmRestarts",
        {"T_0": 3, "T_mult": 2, "eta_min": 0.001},
        lambda b: restarts(b, 0.001, 3, 2),
    ),
    Row(
        "CyclicLR",
        {"base_lr": 0.1, "max_lr": 0.4, "step_size_up": 4, "step_size_down": 6},
        at_each(lambda e, b: between(0.1, 0.4, triangle(e, 4, 6))),
        momenta=lambda: at_each(lambda e, b: between(0.9, 0.8, triangle(e, 4, 6)))(0),
    ),
    Row(
        "CyclicLR",
        {
            "base_lr": [0.1, 0.01], "max_lr": [0.4, 0.02], "step_size_up": 5,
            "mode": "triangular2", "base_momentum": 0.7, "max_momentum": 0.95,
        },
        at_each(
            lambda e, b: between(
                *((0.1, 0.4) if b == LRS[0] else (0.01, 0.02)),
                triangle(e, 5, 5) / 2 ** (cycle(e, 10) - 1),
            )
        ),
        momenta=lambda: at_each(
            lambda e, b: between(0.95, 0.7, triangle(e, 5, 5) / 2 ** (cycle(e, 10) - 1))
        )(0),
        optimizer=ADAM,
    ),
    Row(
        "CyclicLR",
        {
            "base_lr": 0.1, "max_lr": 0.4, "step_size_up": 3, "mode": "exp_range",
            "gamma": 0.95, "cycle_momentum": False,
        },
        at_each(lambda e, b: between(0.1, 0.4, triangle(e, 3, 3) * 0.95**e)),
        optimizer=PLAIN,
    ),
    Row(
        "CyclicLR",
        {
            "base_lr": 0.1, "max_lr": 0.4, "step_size_up": 3, "scale_fn": damped,
            "scale_mode": "iterations",
        },
        at_each(lambda e, b: between(0.1, 0.4, triangle(e, 3, 3) / (1 + e))),
        momenta=lambda: at_each(lambda e, b: between(0.9, 0.8, triangle(e, 3, 3) / (1 + e)))(0),
    ),
    Row(
        "CyclicLR",
        {"base_lr": 0.1, "max_lr": 0.4, "step_size_up": 4, "scale_fn": damped},
        at_each(lambda e, b: between(0.1, 0.4, triangle(e, 4, 4) / (1 + cycle(e, 8)))),
        momenta=lambda: at_each(
            lambda e, b: between(0.9, 0.8, triangle(e, 4, 4) / (1 + cycle(e, 8)))
        )(0),
    ),
    Row(
        "OneCycleLR",
        {"max_lr": 1.0, "total_steps": 40, "pct_start": 0.25},
        at_each(lambda e, b: one_cycle(TWO_PHASES, [0.04, 1, 4e-6], cosine_way, e)),
        momenta=lambda: at_each(
            lambda e, b: one_cycle(TWO_PHASES, [0.95, 0.85, 0.95], cosine_way, e)
        )(0),
    ),
    Row(
        "OneCycleLR",
        {
            "max_lr": [1.0, 0.1], "epochs": 10, "steps_per_epoch": 4, "pct_start": 0.25,
            "anneal_strategy": "linear", "div_factor": 10.0, "final_div_factor": 100.0,
            "three_phase": True,
        },
        at_each(
            lambda e, b: (1 if b == LRS[0] else 0.1)
            * one_cycle(THREE_PHASES, [0.1, 1, 0.1, 0.001], between, e)
        ),
        momenta=lambda: at_each(
            lambda e, b: one_cycle(THREE_PHASES, [0.95, 0.85, 0.95, 0.95], between, e)
        )(0),
        optimizer=ADAM,
    ),
    Row(
        "OneCycleLR",
        {"max_lr": 1.0, "total_steps": 40, "pct_start": 0.25, "cycle_momentum": False},
        at_each(lambda e, b: one_cycle(TWO_PHASES, [0.04, 1, 4e-6], cosine_way, e)),
        optimizer=PLAIN,
    ),
    Row(
        "ReduceLROnPlateau",
        {"patience": 2, "factor": 0.5, "cooldown": 1, "min_lr": [0.05, 0.01]},
        lambda b: plateau(
            b, 0.5, 2, lambda m, best: m < best * (1 - 1e-4), math.inf, 1,
            0.05 if b == LRS[0] else 0.01,
        ),
        metrics=METRICS,
    ),
    Row(
        "ReduceLROnPlateau",
        {"patience": 4, "threshold": 0.02, "threshold_mode": "abs"},
        lambda b: plateau(b, 0.1, 4, lambda m, best: m < best - 0.02, math.inf),
        metrics=METRICS,
    ),
    Row(
        "ReduceLROnPlateau",
        {"mode": "max", "patience": 3, "factor": 0.5},
        lambda b: plateau(b, 0.5, 3, lambda m, best: m > best * (1 + 1e-4), -math.inf),
        metrics=METRICS,
    ),
    Row(
        "ReduceLROnPlateau",
        {"mode": "max", "patience": 3, "threshold": 0.01, "threshold_mode": "abs"},
        lambda b: plateau(b, 0.1, 3, lambda m, best: m > best + 0.01, -math.inf),
        metrics=METRICS,
    ),
    Row("SWALR", {"swa_lr": 0.05}, lambda b: swa(b, 0.05, 10, cosine_way)),
    Row(
        "SWALR",
        {"swa_lr": [0.05, 0.1], "anneal_epochs": 20, "anneal_strategy": "linear"},
        lambda b: swa(b, 0.05 if b == LRS[0] else 0.1, 20, between),
    ),
    Row("SWALR", {"swa_lr": 0.05, "anneal_epochs": 0}, lambda b: [0.05] * (EPOCHS + 1)),
    Row(
        "SequentialLR",
        {"milestones": [5, 20]},
        joined,
        parts=[
            ("LinearLR", {"start_factor": 0.25, "total_iters": 5}),
            ("ExponentialLR", {"gamma": 0.9}),
            ("CosineAnnealingLR", {"T_max": 20}),
        ],
    ),
    Row(
        "SequentialLR",
        {"milestones": [4]},
        lambda b: [b / 3] * 4 + restarts(b, 0, 5, 2)[: EPOCHS - 3],
        parts=[
            ("ConstantLR", {"total_iters": 4}),
            ("CosineAnnealingWarmRestarts", {"T_0": 5, "T_mult": 2}),
        ],
    ),
    Row(
        "SequentialLR",
        {"milestones": [10, 16]},
        lambda b: [b * 0.9**e for e in range(10)]
        + [b * 0.5 ** (e // 2) for e in range(6)]
        + [b / (e + 1) for e in range(21)],
        parts=[
            ("ExponentialLR", {"gamma": 0.9}),
            ("StepLR", {"step_size": 2, "gamma": 0.5}),
            ("LambdaLR", {"lr_lambda": inverse}),
        ],
    ),
    Row(
        "ChainedScheduler",
        {},
        chained,
        parts=[
            ("ConstantLR", {"factor": 0.5, "total_iters": 4}),
            ("ExponentialLR", {"gamma": 0.95}),
            ("StepLR", {"step_size": 10, "gamma": 0.5}),
        ],
    ),
    Row(
        "ChainedScheduler",
        {},
        at_each(lambda e, b: b * between(0.2, 1, min(e, 6) / 6) * half_cosine(1, 0, e / 50)),
        parts=[
            ("LinearLR", {"start_factor": 0.2, "total_iters": 6}),
            ("CosineAnnealingLR", {"T_max": 50}),
        ],
    ),
]  # fmt: skip
NAMES = sorted({row.name for row in ROWS})
