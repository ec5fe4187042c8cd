"""What schedules refuse, what they say, and that nothing is changed then."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest

import optim
from autograd.errors import StateDictError
from optim import lr_scheduler as lrs
from optim import swa_utils
from tests.test_lr_scheduler import leaf, run, sgd


def exponential(optimizer: Any) -> lrs.LRScheduler:
    return lrs.ExponentialLR(optimizer, 0.5)


class Short(lrs.LRScheduler):
    def get_lr(self) -> list[float]:
        return []


OPTIONS: list[tuple[Callable[[Any], Any], type[Exception], str]] = [
    (lambda o: lrs.StepLR([o], 1), TypeError, "optimizer must be an Optimizer"),
    (lambda o: lrs.LambdaLR([o], abs), TypeError, "optimizer must be an Optimizer"),
    (lambda o: lrs.CyclicLR(None, 1, 2), TypeError, "optimizer must be an Optimizer"),
    (lambda o: lrs.OneCycleLR(3, 1, 2), TypeError, "optimizer must be an Optimizer"),
    (lambda o: lrs.ReduceLROnPlateau("o"), TypeError, "optimizer must be an Optimizer"),
    (lambda o: swa_utils.SWALR({}, 1.0), TypeError, "optimizer must be an Optimizer"),
    (lambda o: lrs.SequentialLR(1, [], []), TypeError, "optimizer must be an Optimizer"),
    (lambda o: lrs.ChainedScheduler([], 1), TypeError, "optimizer must be an Optimizer"),
    (lambda o: lrs.LRScheduler(o), NotImplementedError, r"LRScheduler has no get_lr\(\): define"),
    (lambda o: Short(o), ValueError, "Short was made for 0 parameter groups"),
    (lambda o: lrs.StepLR(o, 1, last_epoch=3), ValueError, "group 0 has no initial_lr, so there"),
    (lambda o: lrs.StepLR(o, 0), ValueError, "step_size must be at least 1, got 0"),
    (lambda o: lrs.MultiStepLR(o, [3, 2]), ValueError, r"must not decrease, got \[3, 2\]"),
    (lambda o: lrs.ConstantLR(o, 1.5), ValueError, "factor must lie above 0 and not above 1"),
    (lambda o: lrs.ConstantLR(o, total_iters=0), ValueError, "total_iters must be at least 1"),
    (lambda o: lrs.LinearLR(o, 0.0), ValueError, "start_factor must lie above 0 and not above 1"),
    (lambda o: lrs.LinearLR(o, 0.5, 2.0), ValueError, "end_factor must lie between 0 and 1, got 2"),
    (lambda o: lrs.LinearLR(o, total_iters=0), ValueError, "total_iters must be at least 1, got 0"),
    (lambda o: lrs.PolynomialLR(o, 0), ValueError, "total_iters must be at least 1, got 0"),
    (lambda o: lrs.CosineAnnealingLR(o, 0), ValueError, "T_max must be at least 1, got 0"),
    (lambda o: lrs.CosineAnnealingWarmRestarts(o, 0), ValueError, "T_0 must be at least 1, got 0"),
    (lambda o: lrs.CosineAnnealingWarmRestarts(o, 2, 1.5), TypeError, "T_mult must be a whole n"),
    (lambda o: lrs.CosineAnnealingWarmRestarts(o, 2).step(-1), ValueError, "is not negative, got"),
    (lambda o: lrs.LambdaLR(o, 0.5), TypeError, "lr_lambda must be a function or a sequence"),
    (lambda o: lrs.LambdaLR(o, [abs] * 2), ValueError, "lr_lambda has 2 values, and the optimizer"),
    (lambda o: lrs.CyclicLR(o, [1, 2], 2), ValueError, "base_lr has 2 values, .* one for all"),
    (lambda o: lrs.CyclicLR(o, 1, 2, 0), ValueError, "step_size_up must be at least 1, got 0"),
    (lambda o: lrs.CyclicLR(o, 1, 2, 1, -1), ValueError, "step_size_down must not be negative"),
    (
        lambda o: lrs.CyclicLR(o, 1, 2, mode="triangle"),
        ValueError,
        "mode must be 'triangular', .* got 'triangle'; did you mean 'triangular'",
    ),
    (
        lambda o: lrs.CyclicLR(o, 1, 2, scale_fn=abs, scale_mode="cycles"),
        ValueError,
        "scale_mode must be 'cycle' or 'iterations', got 'cycles'; did you mean 'cycle'",
    ),
    (lambda o: lrs.OneCycleLR(o, 1), ValueError, "give total_steps, or both epochs and steps_per"),
    (lambda o: lrs.OneCycleLR(o, 1, 0), ValueError, "total_steps must be at least 1, got 0"),
    (lambda o: lrs.OneCycleLR(o, 1, None, 2, 0.5), TypeError, "steps_per_epoch must be a whole"),
    (lambda o: lrs.OneCycleLR(o, 1, 9, pct_start=30), ValueError, "pct_start must be a number fro"),
    (
        lambda o: lrs.OneCycleLR(o, 1, 9, anneal_strategy="cosine"),
        ValueError,
        "anneal_strategy must be 'cos' or 'linear', got 'cosine'; did you mean 'cos'",
    ),
    (lambda o: lrs.ReduceLROnPlateau(o, factor=1.0), ValueError, "factor must be at least 0 and b"),
    (
        lambda o: lrs.ReduceLROnPlateau(o, "minimum"),
        ValueError,
        "mode must be 'min' or 'max', got 'minimum'; did you mean 'min'",
    ),
    (
        lambda o: lrs.ReduceLROnPlateau(o, threshold_mode="relative"),
        ValueError,
        "threshold_mode must be 'rel' or 'abs', got 'relative'; did you mean 'rel'",
    ),
    (lambda o: lrs.ReduceLROnPlateau(o, min_lr=[0, 0]), ValueError, "min_lr has 2 values, and"),
    (
        lambda o: lrs.ReduceLROnPlateau(o).step(),
        TypeError,
        r"step\(\) needs the number that it watches: schedule.step\(validation_loss\)",
    ),
    (
        lambda o: swa_utils.SWALR(o, 1.0, anneal_strategy="line"),
        ValueError,
        "anneal_strategy must be 'cos' or 'linear', got 'line'; did you mean 'linear'",
    ),
    (lambda o: swa_utils.SWALR(o, 1.0, -1), ValueError, "anneal_epochs must not be negative"),
    (lambda o: swa_utils.SWALR(o, [1, 2]), ValueError, "swa_lr has 2 values, and the optimizer"),
    (lambda o: lrs.SequentialLR(o, [], []), ValueError, "made of at least one schedule, got none"),
    (lambda o: lrs.ChainedScheduler([]), ValueError, "made of at least one schedule, got none"),
    (lambda o: lrs.ChainedScheduler([o]), TypeError, "made of schedules; number 0 is SGD"),
    (
        lambda o: lrs.ChainedScheduler([exponential(o), lrs.ReduceLROnPlateau(o)]),
        ValueError,
        r"steps without a metric, which ReduceLROnPlateau \(number 1\) needs",
    ),
    (
        lambda o: lrs.SequentialLR(o, [exponential(o), exponential(sgd())], [3]),
        ValueError,
        r"one optimizer; schedule number 1 \(ExponentialLR\) belongs to another",
    ),
    (
        lambda o: lrs.ChainedScheduler([exponential(o), exponential(sgd())]),
        ValueError,
        "schedule number 1 .* belongs to another",
    ),
    (
        lambda o: lrs.ChainedScheduler([exponential(o)], sgd()),
        ValueError,
        "schedule number 0 .* belongs to another",
    ),
    (
        lambda o: lrs.SequentialLR(o, [exponential(o), exponential(o)], [1, 2]),
        ValueError,
        "changes over 1 times between 2 schedules, got 2 milestones",
    ),
    (
        lambda o: lrs.SequentialLR(o, [exponential(o)] * 3, [4, 4]),
        ValueError,
        r"milestones must be epochs that increase, got \[4, 4\]",
    ),
    (
        lambda o: lrs.SequentialLR(
            o, [exponential(o), lrs.ChainedScheduler([exponential(o)])], [4]
        ),
        ValueError,
        "schedule number 1 back to its epoch 0 .* which ChainedScheduler cannot",
    ),
]


@pytest.mark.parametrize(("build", "error", "message"), OPTIONS)
def test_schedules_that_make_no_sense(build: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        build(sgd())


@pytest.mark.parametrize("name", ["CyclicLR", "OneCycleLR"])
def test_an_optimizer_without_momentum_has_none_to_cycle(name: str) -> None:
    optimizer = optim.Optimizer([leaf()], {"lr": 0.1, "weight_decay": 0})
    with pytest.raises(ValueError, match="neither momentum nor betas to cycle; give cycle_mom"):
        getattr(lrs, name)(optimizer, 0.1, 2)
    assert optimizer.param_groups[0]["lr"] == 0.1


def test_one_cycle_ends_after_its_steps_and_then_stays_where_it_is() -> None:
    schedule = lrs.OneCycleLR(sgd(momentum=0.9), max_lr=1.0, total_steps=4)
    run(schedule, 4)
    before = schedule.state_dict(), copy.copy(schedule.optimizer.param_groups[0])
    with pytest.raises(ValueError, match=r"for total_steps=4, and they are over; .* batches per"):
        schedule.step()
    assert schedule.state_dict() == before[0]
    assert schedule.optimizer.param_groups[0] == before[1]


@pytest.mark.parametrize(
    "build",
    [
        lambda o: lrs.LambdaLR(o, lambda epoch: 1.0),
        lambda o: lrs.CosineAnnealingWarmRestarts(o, 3),
        lambda o: lrs.CyclicLR(o, 0.1, 0.2, cycle_momentum=False),
        lambda o: lrs.ReduceLROnPlateau(o, patience=0, min_lr=[0.1]),
    ],
)
def test_a_group_that_comes_later_and_has_no_place_is_an_error(build: Any) -> None:
    optimizer = sgd()
    schedule = build(optimizer)
    optimizer.add_param_group({"params": [leaf()]})
    metric = [math.nan] if isinstance(schedule, lrs.ReduceLROnPlateau) else []
    with pytest.raises(ValueError, match="made for 1 parameter groups, and the optimizer has 2"):
        schedule.step(*metric)


STATES: list[tuple[Callable[[Any], Any], Callable[[Any], Any], str]] = [
    (
        lambda o: lrs.StepLR(o, 3),
        lambda o: lrs.CosineAnnealingLR(o, 3),
        r"this StepLR; nothing was loaded:\n  missing     step_size, gamma\n"
        r"  unexpected  T_max, eta_min",
    ),
    (lambda o: lrs.ExponentialLR(o, 0.5), lambda o: lrs.StepLR(o, 3), "unexpected  step_size"),
    (
        lambda o: lrs.ReduceLROnPlateau(o),
        lambda o: lrs.ExponentialLR(o, 0.5),
        "missing     mode, factor",
    ),
    (
        lambda o: lrs.ExponentialLR(o, 0.5),
        lambda o: lrs.ExponentialLR(optim.SGD([{"params": [leaf()]}, {"params": [leaf()]}]), 0.5),
        "base_lrs    of 2 parameter groups in the state, 1 here",
    ),
    (
        lambda o: lrs.ReduceLROnPlateau(o),
        lambda o: lrs.ReduceLROnPlateau(optim.SGD([{"params": [leaf()]}, {"params": [leaf()]}])),
        "min_lrs     of 2 groups in the state, 1 here",
    ),
    (
        lambda o: lrs.ChainedScheduler([lrs.StepLR(o, 3), lrs.StepLR(o, 3)]),
        lambda o: lrs.ChainedScheduler([lrs.StepLR(o, 3)]),
        "1 schedules in the state, 2 here",
    ),
    (
        lambda o: lrs.ChainedScheduler([lrs.StepLR(o, 3), lrs.StepLR(o, 3)]),
        lambda o: lrs.ChainedScheduler([lrs.StepLR(o, 2), lrs.ExponentialLR(o, 0.5)]),
        r"schedule 1 \(StepLR\): missing step_size",
    ),
    (
        lambda o: lrs.SequentialLR(o, [lrs.StepLR(o, 3)], []),
        lambda o: lrs.ChainedScheduler([lrs.StepLR(o, 2)]),
        "missing     _milestones, last_epoch",
    ),
]


@pytest.mark.parametrize(
    ("name", "value"),
    [("step_size", "x"), ("gamma", None), ("last_epoch", []), ("base_lrs", None),
     ("base_lrs", ["x"]), ("_last_lr", "x")],
)  # fmt: skip
def test_a_state_of_values_of_another_kind_changes_nothing(name: str, value: Any) -> None:
    schedule = lrs.StepLR(sgd(), 3)
    before = schedule.state_dict()
    with pytest.raises(StateDictError, match=f"mistyped    {name} is .*, .* here"):
        schedule.load_state_dict(before | {name: value})
    assert schedule.state_dict() == before


@pytest.mark.parametrize(("here", "there", "message"), STATES)
def test_the_state_of_another_schedule_changes_nothing(here: Any, there: Any, message: str) -> None:
    schedule, other = here(sgd()), there(sgd(0.5))
    before = schedule.state_dict()
    with pytest.raises(StateDictError, match=message):
        schedule.load_state_dict(other.state_dict())
    assert schedule.state_dict() == before
