"""Parametrizations beside PyTorch's: the same state gives the same weights and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils import parametrizations as theirs

import nn
from autograd import Tensor
from nn.utils import parametrizations as ours
from tests.differential.compare import agree, parameters_of, to_torch

ROWS: list[tuple[str, dict[str, Any], tuple[int, int]]] = [
    ("weight_norm", {}, (3, 4)),
    ("weight_norm", {"dim": 1}, (3, 4)),
    ("weight_norm", {"dim": None}, (3, 4)),
    ("spectral_norm", {}, (3, 4)),
    ("spectral_norm", {"dim": 1, "n_power_iterations": 3}, (3, 4)),
    ("spectral_norm", {"name": "bias"}, (3, 4)),
    ("orthogonal", {}, (3, 3)),
    ("orthogonal", {}, (3, 5)),
    ("orthogonal", {"orthogonal_map": "cayley"}, (5, 3)),
    ("orthogonal", {"orthogonal_map": "matrix_exp"}, (3, 5)),
    ("orthogonal", {"use_trivialization": False}, (5, 3)),
]
OLD: list[tuple[str, dict[str, Any], tuple[int, int]]] = [
    ("weight_norm", {}, (3, 4)),
    ("weight_norm", {"dim": None}, (3, 4)),
    ("spectral_norm", {}, (3, 4)),
    ("spectral_norm", {"dim": 1, "n_power_iterations": 2}, (3, 4)),
]


def compare(mine: Any, yours: Any, columns: int, training: bool) -> None:
    """Outputs, gradients and buffers, from one state."""
    assert list(mine.state_dict()) == list(yours.state_dict())
    rng = np.random.default_rng(0)
    state = {}
    for name, value in mine.state_dict().items():
        moved = value.numpy().copy()
        if "original" in name:
            moved += np.tril(rng.uniform(-0.3, 0.3, moved.shape), -1) if moved.ndim > 1 else 0.1
        state[name] = moved
    mine.load_state_dict(state)
    yours.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    mine.train(training)
    yours.train(training)
    x = rng.standard_normal((2, columns))
    a, b = mine(Tensor(x)), yours(torch.tensor(x))
    agree(a.detach(), b, "output")
    (a**3).sum().backward()
    (b**3).sum().backward()
    for name, parameter in yours.named_parameters():
        agree(mine.get_parameter(name).grad, parameter.grad, f"gradient of {name}")
    for name, buffer in yours.named_buffers():
        agree(mine.get_buffer(name), buffer, f"buffer {name}")


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize(("name", "options", "shape"), ROWS)
def test_parametrized_layers_agree(
    name: str, options: dict[str, Any], shape: tuple[int, int], training: bool
) -> None:
    mine = getattr(ours, name)(nn.Linear(*shape, dtype="float64", rng=0), **options)
    yours = getattr(theirs, name)(torch.nn.Linear(*shape).double(), **options)
    assert repr(mine) == repr(yours)
    compare(mine, yours, shape[0], training)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize(("name", "options", "shape"), OLD)
def test_hooked_layers_agree(
    name: str, options: dict[str, Any], shape: tuple[int, int], training: bool
) -> None:
    mine = getattr(nn.utils, name)(nn.Linear(*shape, dtype="float64", rng=0), **options)
    yours = getattr(torch.nn.utils, name)(torch.nn.Linear(*shape).double(), **options)
    assert repr(mine) == repr(yours)
    compare(mine, yours, shape[0], training)


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5)], ids=str)
def test_orthogonal_without_trivialization_starts_as_pytorchs(shape: tuple[int, int]) -> None:
    weight = np.random.default_rng(1).standard_normal(shape)
    mine, yours = nn.Linear(shape[1], shape[0], dtype="float64"), torch.nn.Linear(*shape).double()
    mine.weight.data = weight
    yours.weight = torch.nn.Parameter(to_torch(weight))
    for layer, apply in ((mine, ours.orthogonal), (yours, theirs.orthogonal)):
        apply(layer, orthogonal_map="householder", use_trivialization=False)
    agree(mine.parametrizations.weight.original.detach(), yours.parametrizations.weight.original,
          "original")  # fmt: skip
    agree(mine.weight.detach(), yours.weight, "weight")


FUNCTIONS = ["cached", "is_parametrized", "register_parametrization", "remove_parametrizations",
             "type_before_parametrizations"]  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_pytorchs_arguments(name: str) -> None:
    mine = parameters_of(getattr(nn.utils.parametrize, name))
    assert mine == parameters_of(getattr(torch.nn.utils.parametrize, name))


@pytest.mark.parametrize("module", ["parametrizations", "utils"])
@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm", "orthogonal"])
def test_norms_take_pytorchs_arguments(name: str, module: str) -> None:
    mine, yours = (nn.utils, torch.nn.utils) if module == "utils" else (ours, theirs)
    if not hasattr(yours, name):
        assert name == "orthogonal"
        return
    wanted = parameters_of(getattr(yours, name))
    assert dict(list(parameters_of(getattr(mine, name)).items())[: len(wanted)]) == wanted
