"""Every optimizer of the table beside PyTorch's of the same name, in double precision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import optim
from autograd import Tensor
from tests.differential.compare import agree, parameters_of
from tests.optim_table import BY_NAME, ROWS, Row, gradients, run, start, tensors

# Ways in which PyTorch carries out one and the same update.
SWITCHES = {"foreach", "fused", "capturable", "differentiable"}
BOTH = [pytest.param(row, id=f"{n}-{row}") for n, row in enumerate(ROWS) if row.in_torch]
ONCE = [pytest.param(row, id=row.name) for row in BY_NAME if row.in_torch]


@pytest.fixture(autouse=True)
def _double() -> Iterator[None]:
    """PyTorch keeps products of rates in its default dtype, and Muon's matrices in bfloat16."""
    saved = torch.get_default_dtype(), torch.Tensor.bfloat16
    torch.set_default_dtype(torch.float64)
    torch.Tensor.bfloat16 = torch.Tensor.clone
    yield
    torch.set_default_dtype(saved[0])
    torch.Tensor.bfloat16 = saved[1]


def to_torch(arrays: list[Any]) -> list[Any]:
    return [torch.tensor(a, requires_grad=True) for a in arrays]


def run_torch(optimizer: Any, params: list[Any], steps: Any) -> None:
    for step in steps:
        for p, g in zip(params, gradients([tuple(p.shape) for p in params], step), strict=True):
            p.grad = torch.tensor(g, dtype=p.dtype)
        optimizer.step()


def all_agree(ours: list[Tensor], theirs: list[Any]) -> None:
    for number, (p, q) in enumerate(zip(ours, theirs, strict=True)):
        agree(p.detach(), q, f"parameter {number}")


def as_torch(value: Any) -> Any:
    """A state dict of ours as one of PyTorch's: its Tensors become torch's, the rest stays."""
    if isinstance(value, dict):
        return {key: as_torch(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_torch(part) for part in value]
    return torch.tensor(value.numpy()) if isinstance(value, Tensor) else value


@pytest.mark.parametrize("row", BOTH)
def test_ten_steps_of_two_groups_agree(row: Row) -> None:
    arrays = start(row.shapes)
    ours, theirs = tensors(arrays), to_torch(arrays)
    run(row.make(ours), ours, range(10))
    run_torch(row.make(theirs, torch.optim), theirs, range(10))
    all_agree(ours, theirs)


@pytest.mark.parametrize("row", BOTH)
def test_the_state_agrees_by_name(row: Row) -> None:
    arrays = start(row.shapes)
    ours, theirs = tensors(arrays), to_torch(arrays)
    mine, other = row.make(ours), row.make(theirs, torch.optim)
    run(mine, ours, range(5))
    run_torch(other, theirs, range(5))
    found, wanted = mine.state_dict(), other.state_dict()
    used = {n: s for n, s in wanted["state"].items() if any(v is not None for v in s.values())}
    assert found["state"].keys() == used.keys()
    for number, entry in used.items():
        expected = {name: value for name, value in entry.items() if value is not None}
        assert found["state"][number].keys() == expected.keys()
        for name, value in expected.items():
            agree(found["state"][number][name], value, f"{name} of parameter {number}")
    for group, theirs_of in zip(found["param_groups"], wanted["param_groups"], strict=True):
        assert group.pop("optimizer") == row.name
        assert group.pop("param_names") == [f"p{number}" for number in group["params"]]
        assert group == {name: v for name, v in theirs_of.items() if name not in SWITCHES}


@pytest.mark.parametrize("row", BOTH)
def test_a_state_goes_on_in_the_other_library(row: Row) -> None:
    arrays = start(row.shapes)
    ours, theirs = tensors(arrays), to_torch(arrays)
    mine, other = row.make(ours), row.make(theirs, torch.optim)
    run(mine, ours, range(5))
    run_torch(other, theirs, range(5))
    ours_next = tensors([q.detach().numpy() for q in theirs])
    theirs_next = to_torch([p.numpy().copy() for p in ours])
    mine_next = getattr(optim, row.name)([{"params": g["params"]} for g in row.groups(ours_next)])
    other_next = row.make(theirs_next, torch.optim)
    mine_next.load_state_dict(other.state_dict())
    other_next.load_state_dict(as_torch(mine.state_dict()))
    run(mine_next, ours_next, range(5, 10))
    run_torch(other_next, theirs_next, range(5, 10))
    run_torch(other, theirs, range(5, 10))
    all_agree(ours_next, theirs)
    agreeing = tensors([q.detach().numpy() for q in theirs_next])
    all_agree(agreeing, theirs)


@pytest.mark.parametrize("name", [row.name for row in BY_NAME if row.in_torch] + ["LBFGS"])
def test_names_order_and_defaults_are_those_of_pytorch(name: str) -> None:
    wanted = parameters_of(getattr(torch.optim, name))
    found = parameters_of(getattr(optim, name))
    assert list(found.items()) == [(n, d) for n, d in wanted.items() if n not in SWITCHES]


@pytest.mark.parametrize("row", [p for p in ONCE if p.values[0].name not in ("Muon", "Adafactor")])
def test_complex_parameters_agree(row: Row) -> None:
    rng = np.random.default_rng(0)
    array = rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4))
    (ours,), (theirs,) = tensors([array], np.complex128), to_torch([array])
    options = {**row.options, "lr": 0.1}
    mine = getattr(optim, row.name)([ours], **options)
    other = getattr(torch.optim, row.name)([theirs], **options)
    for _ in range(4):
        grad = rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4))
        ours.grad, theirs.grad = Tensor(grad), torch.tensor(grad)
        mine.step()
        other.step()
    agree(ours.detach(), theirs, row.name)


def test_muon_is_near_to_pytorch_with_its_rounding_to_bfloat16() -> None:
    """A step of bfloat16 has a relative error near 2⁻⁸ in each of its 3·5 products and sums."""
    (array,) = start([(30, 40)])
    (ours,), (theirs,) = tensors([array]), to_torch([array])
    mine = optim.Muon([ours], lr=1.0, weight_decay=0.0)
    other = torch.optim.Muon([theirs], lr=1.0, weight_decay=0.0)
    torch.Tensor.bfloat16 = lambda x: x.to(torch.bfloat16)
    run(mine, [ours], [0])
    run_torch(other, [theirs], [0])
    step, wanted = array - ours.numpy(), array - theirs.detach().numpy()
    error = np.linalg.norm(step - wanted) / np.linalg.norm(wanted)
    assert 0 < error < 15 * 2.0**-8


# ---- LBFGS -------------------------------------------------------------------------------------


def rosenbrock(x: Any, y: Any) -> Any:
    """Rosenbrock's valley between neighbours, in two parameters of different shapes."""
    valley = (100 * (x[1:] - x[:-1] * x[:-1]) ** 2 + (1 - x[:-1]) ** 2).sum()
    return valley + ((y - 0.5) ** 4).sum() + (y * y).sum() * x[0]


LBFGS_ROWS: list[dict[str, Any]] = [
    {"lr": 0.5, "max_iter": 3},
    {"lr": 0.01, "history_size": 2},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "history_size": 3, "max_iter": 7, "lr": 0.3},
    {"line_search_fn": "strong_wolfe", "max_iter": 6, "max_eval": 4},
    {"line_search_fn": "strong_wolfe", "max_iter": 1, "max_eval": 1},
    {"line_search_fn": "strong_wolfe", "tolerance_grad": 1.0, "tolerance_change": 1e-3},
    {"line_search_fn": "strong_wolfe", "lr": 50.0},
    {"lr": 1e-3, "max_eval": 5, "max_iter": 10},
]


def lbfgs_pair(arrays: list[Any], options: dict[str, Any]) -> tuple[Any, ...]:
    ours, theirs = tensors(arrays), to_torch(arrays)
    return ours, optim.LBFGS(ours, **options), theirs, torch.optim.LBFGS(theirs, **options)


def step_lbfgs(optimizer: Any, params: list[Any]) -> float:
    def closure() -> Any:
        optimizer.zero_grad()
        loss = rosenbrock(*params)
        loss.backward()
        return loss

    return float(optimizer.step(closure).detach())


@pytest.mark.parametrize("options", LBFGS_ROWS, ids=str)
def test_lbfgs_takes_the_same_steps(options: dict[str, Any]) -> None:
    ours, mine, theirs, other = lbfgs_pair([a * 0.3 for a in start([(4,), (2, 3)])], options)
    for _ in range(3):  # in a valley like this one each iteration magnifies rounding errors
        loss, wanted = step_lbfgs(mine, ours), step_lbfgs(other, theirs)
        assert loss == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        all_agree(ours, theirs)
        saved = other.state_dict()["state"][0]
        for name in ("n_iter", "func_evals"):
            assert mine.state_dict()["state"][0][name] == saved[name]


@pytest.mark.parametrize("options", LBFGS_ROWS[:4], ids=str)
def test_a_state_of_lbfgs_goes_on_in_the_other_library(options: dict[str, Any]) -> None:
    ours, mine, theirs, other = lbfgs_pair([a * 0.3 for a in start([(4,), (2, 3)])], options)
    for _ in range(2):
        step_lbfgs(mine, ours)
        step_lbfgs(other, theirs)
    ours_next, mine_next, theirs_next, other_next = lbfgs_pair([p.numpy() for p in ours], options)
    mine_next.load_state_dict(other.state_dict())
    other_next.load_state_dict(as_torch(mine.state_dict()))
    for optimizer, params in ((mine_next, ours_next), (other_next, theirs_next), (other, theirs)):
        step_lbfgs(optimizer, params)
    all_agree(ours_next, theirs)
    all_agree(ours_next, theirs_next)
