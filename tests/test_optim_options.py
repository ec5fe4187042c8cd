"""Options and parameters that an optimizer refuses, and what it says then."""

from __future__ import annotations

import math
from typing import Any

import pytest

import optim
from tests.optim_table import PUBLIC, start, tensors

BAD_OPTIONS: list[tuple[str, dict[str, Any], str]] = [
    *((name, {"lr": -0.1}, "lr must not be negative, got -0.1") for name in PUBLIC),
    *((name, {"lr": math.nan}, "lr must be a finite number, got nan") for name in PUBLIC),
    *(
        (name, {"weight_decay": -1}, "weight_decay must not be negative, got -1")
        for name in PUBLIC if name not in ("Rprop", "LBFGS")
    ),
    *(
        (name, {"eps": -1}, "eps must not be negative, got -1")
        for name in ("Adagrad", "Adadelta", "RMSprop", "Adam", "AdamW", "Adamax", "NAdam", "RAdam",
                     "Muon")
    ),
    *(
        (name, {"betas": betas}, "betas must be two numbers from 0 up to but not 1")
        for name in ("Adam", "AdamW", "Adamax", "NAdam", "RAdam", "Lion")
        for betas in ((0.9, 1.0), (-0.1, 0.9))
    ),
    ("Adam", {"betas": (0.9, math.nan)}, "betas must be a finite number, got"),
    ("SGD", {"lr": math.inf}, "lr must be a finite number, got inf"),
    ("SGD", {"momentum": -1}, "momentum must not be negative"),
    ("SGD", {"nesterov": True}, "nesterov needs a momentum, and no dampening"),
    ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}, "and no dampening"),
    ("Adagrad", {"lr_decay": -1}, "lr_decay must not be negative"),
    ("Adagrad", {"initial_accumulator_value": -1}, "initial_accumulator_value must not be"),
    ("Adadelta", {"rho": 1.5}, "rho must be a number from 0 to 1, got 1.5"),
    ("RMSprop", {"alpha": -0.1}, "alpha must be a number from 0 to 1, got -0.1"),
    ("RMSprop", {"momentum": -1}, "momentum must not be negative"),
    ("NAdam", {"momentum_decay": -1}, "momentum_decay must not be negative"),
    ("ASGD", {"t0": -1}, "t0 must not be negative"),
    ("ASGD", {"lambd": -1}, "lambd must not be negative"),
    ("ASGD", {"alpha": -1}, "alpha must not be negative"),
    ("Rprop", {"etas": (1.5, 0.5)}, "etas must be a factor below 1 and one above, got"),
    ("Rprop", {"step_sizes": (2.0, 1.0)}, "step_sizes must be the smallest and the largest one"),
    ("Adafactor", {"eps": (-1.0, 1e-3)}, "eps must not be negative, got"),
    ("Adafactor", {"eps": (None, -1.0)}, "eps must not be negative, got"),
    ("Adam", {"betas": (0.9,)}, r"betas must be two numbers, got \(0.9,\)"),
    ("Adafactor", {"beta2_decay": 0.8}, "beta2_decay must not be positive, got 0.8"),
    ("Adafactor", {"d": 0.5}, "d must be at least 1, got 0.5"),
    ("Muon", {"momentum": -1}, "momentum must not be negative"),
    ("Muon", {"ns_steps": -1}, "ns_steps must not be negative"),
    ("Muon", {"ns_coefficients": (1.0, 2.0)}, r"must be three numbers, got \(1.0, 2.0\)"),
    ("Muon", {"adjust_lr_fn": "match_rms"}, "or 'match_rms_adamw', got 'match_rms'; did you mean"),
    ("LBFGS", {"line_search_fn": "wolfe"}, "None or 'strong_wolfe', got 'wolfe'; did you mean"),
    ("LBFGS", {"max_iter": 0}, "max_iter must be at least 1, got 0"),
    ("LBFGS", {"max_eval": 0}, "max_eval must be at least 1, got 0"),
    ("LBFGS", {"history_size": 0}, "history_size must be at least 1, got 0"),
    ("LBFGS", {"tolerance_grad": -1}, "tolerance_grad must not be negative"),
    ("LBFGS", {"tolerance_change": -1}, "tolerance_change must not be negative"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "message"), BAD_OPTIONS, ids=str)
def test_an_option_out_of_range_is_refused_also_in_a_group(
    name: str, options: dict[str, Any], message: str
) -> None:
    params = tensors(start([(2, 2)]))
    make = getattr(optim, name)
    with pytest.raises(ValueError, match=message):
        make(params, **options)
    with pytest.raises(ValueError, match=message):
        make([{"params": params, **options}])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("Adafactor", {"eps": 1e-3}, "Adafactor: eps must be two numbers, got 0.001"),
        ("Adam", {"betas": 0.9}, "Adam: betas must be two numbers, got 0.9"),
        ("Rprop", {"etas": 0.5}, "etas must be two numbers, got 0.5"),
        ("Rprop", {"step_sizes": 50}, "step_sizes must be two numbers, got 50"),
        ("SGD", {"maximize": "False"}, "SGD: maximize must be True or False, got 'False'"),
        ("SGD", {"momentum": None}, "SGD: momentum must be a number, got None"),
        ("LBFGS", {"max_iter": 1.5}, "LBFGS: max_iter must be a whole number, got 1.5"),
    ],
)
def test_an_option_of_another_type_is_refused_also_in_a_group(
    name: str, options: dict[str, Any], message: str
) -> None:
    params = tensors(start([(2, 2)]))
    with pytest.raises(TypeError, match=message):
        getattr(optim, name)(params, **options)
    with pytest.raises(TypeError, match=message):
        getattr(optim, name)([{"params": params, **options}])


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("rate", ["fast", None])
def test_a_rate_that_is_no_number_is_refused(name: str, rate: Any) -> None:
    with pytest.raises(TypeError, match=f"lr must be a number, got {rate!r}"):
        getattr(optim, name)(tensors(start([(2, 2)])), lr=rate)


@pytest.mark.parametrize("switch", ["foreach", "fused", "capturable", "differentiable"])
def test_switches_of_another_implementation_are_no_options(switch: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{switch}'"):
        optim.Adam(tensors(start([(2, 2)])), **{switch: False})


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4)])
def test_muon_takes_matrices_only(shape: Any) -> None:
    params = tensors(start([shape]))
    with pytest.raises(
        ValueError, match=r"parameter 0 \(p0\) is .*, and Muon is for matrices; give"
    ):
        optim.Muon(params)
    optimizer = optim.Muon(tensors(start([(2, 2)])))
    with pytest.raises(ValueError, match="Muon is for matrices"):
        optimizer.add_param_group({"params": params})
