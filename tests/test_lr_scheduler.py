"""Schedules against their definitions; composed, saved, resumed, copied; and what they refuse."""

from __future__ import annotations

import copy
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor
from optim import lr_scheduler as lrs
from optim import swa_utils
from tests.scheduler_table import EPOCHS, LRS, NAMES, ROWS, Row

ALL = [pytest.param(row, id=f"{n}-{row}") for n, row in enumerate(ROWS)]
STEPPED = [p for p in ALL if p.values[0].metrics is None]  # that step without a metric
PLACED = [p for p in STEPPED if p.values[0].name not in ("SequentialLR", "ChainedScheduler")]
CLOSED = [p for p in PLACED if p.values[0].name not in ("MultiplicativeLR", "SWALR")]
SUM = 1e-15 * EPOCHS * 4  # a rounding or four every epoch


def leaf() -> Tensor:
    return Tensor([1.0], requires_grad=True)


def optimizer_of(row: Row, rates: Any = LRS) -> Any:
    kind, options = row.optimizer
    groups = [{"params": [leaf()], "lr": rate} for rate in rates]
    return getattr(optim, kind)(groups, **options)


def make(row: Row, rates: Any = LRS) -> tuple[Any, Any]:
    optimizer = optimizer_of(row, rates)
    return optimizer, row.make(lrs, swa_utils, optimizer)


def momentum_of(group: Any) -> float:
    return float(group["betas"][0] if "betas" in group else group["momentum"])


def sgd(lr: float = 1.0, **options: Any) -> optim.SGD:
    return optim.SGD([leaf()], lr=lr, **options)


def run(schedule: Any, epochs: int) -> list[float]:
    """The rate of the first group, now and after each of some steps."""
    rates = schedule.get_last_lr()[:1]
    for _ in range(epochs):
        schedule.optimizer.step()
        schedule.step()
        rates += schedule.get_last_lr()[:1]
    return [float(rate) for rate in rates]


# ---- rates -------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ALL)
def test_rates_and_momenta_are_those_of_the_definition(row: Row) -> None:
    optimizer, schedule = make(row)
    rates, momenta = [], []
    for epoch in range(EPOCHS + 1):
        if epoch:
            optimizer.step()
            row.step(schedule, epoch)
        rates.append([group["lr"] for group in optimizer.param_groups])
        assert schedule.get_last_lr() == rates[-1]
        momenta.append([momentum_of(group) for group in optimizer.param_groups])
    expected = np.transpose([row.rates(base) for base in LRS])
    np.testing.assert_allclose(rates, expected, rtol=SUM, atol=SUM)
    if row.momenta is None:
        assert np.ptp(momenta) == 0
    else:
        np.testing.assert_allclose(momenta, np.transpose([row.momenta()] * 2), rtol=SUM)


@pytest.mark.parametrize("row", CLOSED)
def test_going_to_an_epoch_gives_the_rate_of_getting_there(row: Row) -> None:
    _, schedule = make(row)
    for epoch in (7, 3, 19, 0, 35):
        schedule.step(epoch)
        expected = [row.rates(base)[epoch] for base in LRS]
        assert schedule.last_epoch == epoch
        np.testing.assert_allclose(schedule.get_last_lr(), expected, rtol=SUM, atol=SUM)


def test_warm_restarts_go_to_fractions_of_epochs_and_on_from_there() -> None:
    schedule = lrs.CosineAnnealingWarmRestarts(sgd(), T_0=2, T_mult=3)
    for epoch, place, length in ((0.5, 0.5, 2), (4.25, 2.25, 6), (8, 0, 18), (26, 0, 54)):
        schedule.step(epoch)
        assert (schedule.T_cur, schedule.T_i) == (place, length)
        assert schedule.last_epoch == math.floor(epoch)
        wanted = math.cos(math.pi * place / length / 2) ** 2
        assert schedule.get_last_lr()[0] == pytest.approx(wanted, rel=1e-14)
    schedule.step()
    assert (schedule.T_cur, schedule.last_epoch) == (1, 27)


RECURSIONS = [
    lambda o: lrs.StepLR(o, 3, gamma=0.5),
    lambda o: lrs.MultiStepLR(o, [2, 5], gamma=0.5),
    lambda o: lrs.ExponentialLR(o, 0.9),
    lambda o: lrs.LinearLR(o, total_iters=9),
    lambda o: lrs.PolynomialLR(o, total_iters=12),
    lambda o: lrs.ConstantLR(o, total_iters=6),
    lambda o: lrs.MultiplicativeLR(o, lambda epoch: 1 - 0.01 * epoch),
    lambda o: lrs.CosineAnnealingLR(o, 9),
]


@pytest.mark.parametrize("recursion", RECURSIONS)
def test_a_rate_changed_by_hand_stays_changed(recursion: Any) -> None:
    plain = run(recursion(sgd()), 8)
    schedule = recursion(sgd())
    run(schedule, 4)
    schedule.optimizer.param_groups[0]["lr"] *= 10
    np.testing.assert_allclose(run(schedule, 4)[1:], 10 * np.array(plain[5:]), rtol=1e-13)


@pytest.mark.parametrize("recursion", RECURSIONS[:6])
def test_a_group_added_later_is_scheduled_from_its_own_rate(recursion: Any) -> None:
    optimizer = sgd()
    schedule = recursion(optimizer)
    run(schedule, 1)
    optimizer.add_param_group({"params": [leaf()], "lr": optimizer.param_groups[0]["lr"] / 4})
    run(schedule, 6)
    first, second = schedule.get_last_lr()
    assert second == pytest.approx(first / 4, rel=1e-14)


def test_get_last_lr_is_what_the_schedule_set_and_a_list_of_its_own() -> None:
    schedule = lrs.ExponentialLR(sgd(), 0.5)
    schedule.optimizer.param_groups[0]["lr"] = 7.0
    schedule.get_last_lr().append(3.0)
    assert schedule.get_last_lr() == [1.0]
    schedule.step()
    assert schedule.get_last_lr() == [3.5]


def test_the_first_schedule_says_what_the_initial_rate_is() -> None:
    optimizer = sgd()
    lrs.ConstantLR(optimizer, factor=0.5)
    assert (optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["initial_lr"]) == (0.5, 1.0)
    assert lrs.LambdaLR(optimizer, lambda epoch: 0.1).base_lrs == [1.0]


def test_one_cycle_reaches_its_top_at_once_if_the_rise_has_no_length() -> None:
    schedule = lrs.OneCycleLR(sgd(momentum=0.9), max_lr=2.0, total_steps=10, pct_start=0.1)
    assert schedule.get_last_lr() == [2.0]
    assert schedule.optimizer.param_groups[0]["momentum"] == 0.85


def test_a_plateau_follows_groups_that_come_later() -> None:
    optimizer = sgd()
    schedule = lrs.ReduceLROnPlateau(optimizer, patience=0, factor=0.5)
    optimizer.add_param_group({"params": [leaf()], "lr": 4.0})
    for loss in (1.0, Tensor(1.0)):
        schedule.step(loss)
    assert schedule.get_last_lr() == [0.5, 2.0]
    assert not schedule.in_cooldown


def test_nan_is_no_improvement() -> None:
    schedule = lrs.ReduceLROnPlateau(sgd(), patience=0, factor=0.5)
    schedule.step(math.nan)
    assert (schedule.best, schedule.get_last_lr()) == (math.inf, [0.5])


def test_a_plateau_can_be_told_the_epoch() -> None:
    schedule = lrs.ReduceLROnPlateau(sgd())
    schedule.step(1.0, epoch=5)
    schedule.step(1.0)
    assert schedule.last_epoch == 6


def test_a_sequence_may_begin_with_its_second_schedule() -> None:
    optimizer = sgd()
    parts = [lrs.ConstantLR(optimizer, 0.5), lrs.ExponentialLR(optimizer, 0.5)]
    assert run(lrs.SequentialLR(optimizer, parts, [0]), 2) == [1.0, 0.5, 0.25]


# ---- state -------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["state_dict", "checkpoint", "pickle", "deepcopy"])
@pytest.mark.parametrize("row", ALL)
def test_a_saved_schedule_goes_on_as_the_original_would(row: Row, way: str, tmp_path: Path) -> None:
    optimizer, schedule = make(row)
    for epoch in range(1, 8):
        row.step(schedule, epoch)
    if way == "state_dict":
        state = pickle.loads(pickle.dumps((optimizer.state_dict(), schedule.state_dict())))
        other, twin = make(row, (9.0, 8.0))
        other.load_state_dict(state[0])
        twin.load_state_dict(state[1])
    elif way == "checkpoint":
        other, twin = make(row, (9.0, 8.0))
        nn.save_checkpoint(tmp_path / "schedule", nn.ReLU(), optimizer, schedule)
        nn.load_checkpoint(tmp_path / "schedule", nn.ReLU(), other, twin)
    elif way == "pickle":
        other, twin = pickle.loads(pickle.dumps((optimizer, schedule)))
    else:
        other, twin = copy.deepcopy((optimizer, schedule))
    assert twin.state_dict() == schedule.state_dict()
    assert twin.get_last_lr() == schedule.get_last_lr()
    for epoch in range(8, 25):
        for each in (schedule, twin):
            row.step(each, epoch)
        assert twin.get_last_lr() == schedule.get_last_lr()
        for ours, theirs in zip(optimizer.param_groups, other.param_groups, strict=True):
            assert (ours["lr"], momentum_of(ours)) == (theirs["lr"], momentum_of(theirs))


def resumed(row: Row, optimizer: Any, last_epoch: int) -> Any:
    """The schedule of a row, made with last_epoch: the whole, or the parts of a chain."""
    more = {"last_epoch": last_epoch}
    if row.name == "ChainedScheduler":
        parts = [(name, options | more) for name, options in row.parts]
        return Row(row.name, row.options, row.rates, parts=parts).make(lrs, swa_utils, optimizer)
    options = row.options | more
    return Row(row.name, options, row.rates, parts=row.parts).make(lrs, swa_utils, optimizer)


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "initial"])
@pytest.mark.parametrize("row", STEPPED)
def test_a_schedule_made_with_last_epoch_is_where_it_would_have_run(row: Row, loaded: bool) -> None:
    """Whatever the rates are at that time: those of the state, or those of a new optimizer."""
    for last in (0, 3, 6, 7, 9, 19, 24):
        optimizer, schedule = make(row)
        run(schedule, last + 1)
        other = optimizer_of(row)
        for theirs, ours in zip(optimizer.param_groups, other.param_groups, strict=True):
            ours["initial_lr"] = theirs["initial_lr"]
        if loaded:
            other.load_state_dict(optimizer.state_dict())
        # making it is a step: it is where the epoch after the last one is
        twin = resumed(row, other, last)
        if row.name != "SequentialLR":  # what parts say that had no turn yet does not matter
            assert twin.state_dict() == schedule.state_dict()
        for _ in range(6):
            assert twin.get_last_lr() == schedule.get_last_lr()
            for theirs, ours in zip(optimizer.param_groups, other.param_groups, strict=True):
                assert (ours["lr"], momentum_of(ours)) == (theirs["lr"], momentum_of(theirs))
            run(schedule, 1)
            run(twin, 1)


@pytest.mark.parametrize("row", [p for p in STEPPED if p.values[0].name != "ChainedScheduler"])
def test_there_is_no_epoch_before_the_start(row: Row) -> None:
    with pytest.raises(ValueError, match="last_epoch is an epoch, or -1 for a new run, got -2"):
        resumed(row, optimizer_of(row), -2)


def test_an_annealing_that_is_resumed_begins_where_it_began() -> None:
    optimizer = sgd(1.0)
    run(lrs.ExponentialLR(optimizer, 0.5), 2)
    schedule = swa_utils.SWALR(optimizer, 0.125, anneal_epochs=10)
    run(schedule, 4)
    other = sgd(1.0)
    other.load_state_dict(optimizer.state_dict())
    twin = swa_utils.SWALR(other, 0.125, anneal_epochs=10, last_epoch=3)
    assert run(twin, 5) == run(schedule, 5)


def test_composed_schedules_run_inside_of_others() -> None:
    def nested(last: int) -> Any:
        optimizer = sgd()
        parts = [lrs.StepLR(optimizer, 2, 0.5), lrs.ExponentialLR(optimizer, 0.9)]
        chain = lrs.ChainedScheduler(parts)
        one = lrs.SequentialLR(optimizer, [chain, lrs.ConstantLR(optimizer)], [3])
        return lrs.SequentialLR(optimizer, [one, lrs.StepLR(optimizer, 2)], [6], last_epoch=last)

    rates = run(nested(-1), 12)
    assert len({*rates}) > 6
    for last in range(11):
        assert run(nested(last), 11 - last) == rates[last + 1 :]


def test_a_state_is_no_window_into_the_schedule() -> None:
    schedule = lrs.ExponentialLR(sgd(), 0.5)
    state = schedule.state_dict()
    schedule.step()
    assert (state["last_epoch"], state["_last_lr"]) == (0, [1.0])
    state["base_lrs"].append(3.0)
    assert schedule.base_lrs == [1.0]


class Halving:
    """A function with a state, as a user may write one."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def __call__(self, x: float) -> float:
        return float(self.factor**x)


@pytest.mark.parametrize(
    "kind",
    [
        lambda o, f: lrs.LambdaLR(o, f),
        lambda o, f: lrs.MultiplicativeLR(o, [f]),
        lambda o, f: lrs.CyclicLR(o, 1.0, 2.0, 2, scale_fn=f, cycle_momentum=False),
    ],
)
def test_callable_objects_are_saved_and_functions_are_not(kind: Any) -> None:
    saved = kind(sgd(), Halving(0.5)).state_dict()
    schedule = kind(sgd(), Halving(0.9))
    schedule.load_state_dict(saved)
    wanted = run(kind(sgd(), Halving(0.5)), 5)
    assert run(schedule, 5) == wanted
    plain = kind(sgd(), lambda x: 0.5**x)
    plain.load_state_dict(plain.state_dict())
    assert run(plain, 5) == wanted


# ---- what users see ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*NAMES, "LRScheduler"])
def test_every_schedule_is_documented_with_an_example(name: str) -> None:
    kind = getattr(swa_utils if name == "SWALR" else lrs, name)
    assert kind.__doc__
    assert ">>> " in kind.__doc__


def test_the_table_has_every_schedule() -> None:
    assert {*NAMES, "LRScheduler"} == {*lrs.__all__, "SWALR"}


@pytest.mark.parametrize("name", ["CosineAnnealingLR", "CyclicLR", "OneCycleLR", "SWALR"])
def test_a_schedule_from_a_paper_names_it(name: str) -> None:
    kind = getattr(swa_utils if name == "SWALR" else lrs, name)
    assert "Source: " in kind.__doc__


@pytest.mark.parametrize(
    ("build", "shown"),
    [
        (lambda o: lrs.StepLR(o, 3), "StepLR(step_size=3, gamma=0.1, last_epoch=0)"),
        (
            lambda o: lrs.MultiStepLR(o, [2, 2, 5]),
            "MultiStepLR(milestones=[2, 2, 5], gamma=0.1, last_epoch=0)",
        ),
        (lambda o: lrs.LambdaLR(o, abs), "LambdaLR(last_epoch=0)"),
        (
            lambda o: lrs.SequentialLR(o, [lrs.ExponentialLR(o, 0.5), lrs.PolynomialLR(o, 3)], [4]),
            "SequentialLR([\n"
            "  ExponentialLR(gamma=0.5, last_epoch=0),\n"
            "  PolynomialLR(total_iters=3, power=1.0, last_epoch=-1)\n"
            "], milestones=[4], last_epoch=0)",
        ),
        (
            lambda o: lrs.ChainedScheduler([lrs.ExponentialLR(o, 0.5)]),
            "ChainedScheduler([\n  ExponentialLR(gamma=0.5, last_epoch=0)\n])",
        ),
    ],
)
def test_the_repr_shows_options_and_epoch(build: Any, shown: str) -> None:
    assert repr(build(sgd())) == shown
