"""The benchmarks compare like with like, and every workload runs."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
Modules = Callable[[str], Any]


def workload_names() -> list[str]:
    """The keys of WORKLOADS, read without importing scripts when tests are collected."""
    for node in ast.parse((BENCHMARKS / "workloads.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WORKLOADS":
            assert isinstance(node.value, ast.Dict)
            return [ast.literal_eval(key) for key in node.value.keys if key is not None]
    raise AssertionError("no table of workloads")


# ---- like with like ------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3, 4)])
def test_the_chain_by_hand_has_the_gradients_of_the_recorded_one(
    scripts: Modules, shape: Any
) -> None:
    rng = np.random.default_rng(0)
    data = [rng.uniform(0.5, 1.5, shape) for _ in range(3)]
    x, a, b = leaves = [ag.Tensor(value, requires_grad=True) for value in data]
    y = x
    for _ in range(5):
        y = ag.tanh(y * a + b)
    total, *gradients = scripts("by_hand").chain_gradients(*data, 5)
    np.testing.assert_allclose(total, y.sum().item(), rtol=1e-12)
    for mine, by_engine in zip(gradients, ag.grad(y.sum(), leaves), strict=True):
        np.testing.assert_allclose(mine, by_engine.numpy(), rtol=1e-12)


@pytest.mark.parametrize(("nonlinearity", "layer"), [("relu", nn.ReLU), ("tanh", nn.Tanh)])
def test_training_by_hand_takes_the_steps_of_the_recorded_one(
    scripts: Modules, nonlinearity: str, layer: Any
) -> None:
    by_hand = scripts("by_hand")
    rng = np.random.default_rng(0)
    x, labels = rng.random((8, 5)).astype(np.float32), rng.integers(0, 3, 8)
    mlp = by_hand.Mlp([5, 4, 3], nonlinearity)
    model = nn.Sequential(nn.Linear(5, 4), layer(), nn.Linear(4, 3))
    with ag.no_grad():
        for parameter, value in zip(model.parameters(), mlp.parameters, strict=True):
            parameter.data = value
    by_adam, by_optim = by_hand.Adam(mlp.parameters), optim.Adam(model.parameters())
    for _ in range(3):
        outputs = mlp.forward(x)
        loss, g = by_hand.cross_entropy(outputs[-1], labels)
        by_adam.step(mlp.backward(outputs, g))
        by_optim.zero_grad()
        recorded = nn.CrossEntropyLoss()(model(ag.Tensor(x)), ag.Tensor(labels))
        recorded.backward()
        by_optim.step()
        np.testing.assert_allclose(loss, recorded.item(), rtol=1e-5)
    # float32 keeps 7 digits; Adam divides by the size of a gradient, which may cost two of them
    for mine, parameter in zip(mlp.parameters, model.parameters(), strict=True):
        np.testing.assert_allclose(mine, parameter.numpy(), rtol=1e-5, atol=1e-6)


def test_weights_follow_from_names_alone(scripts: Modules) -> None:
    library = scripts("library")
    opened = library.open_library("chaingrad")
    one, two = (library.fill(opened, nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)))
                for _ in range(2))  # fmt: skip
    for name, value in one.state_dict().items():
        assert np.array_equal(value.numpy(), two.state_dict()[name].numpy()), name
    assert one[0].weight.numpy().std() > 0.1
    assert not one[0].bias.numpy().any()


@pytest.mark.parametrize("name", ["lenet", "resnet20"])
def test_a_network_of_images_has_the_parameters_that_its_paper_counts(
    scripts: Modules, name: str
) -> None:
    """He et al. (2015) give 0.27 million; LeNet-5 here has no connection table, and 61,706."""
    model = getattr(scripts("networks"), name)(nn)
    assert sum(p.size for p in model.parameters()) == {"lenet": 61_706, "resnet20": 272_474}[name]
    shape = scripts("workloads").WORKLOADS[name].sizes["shape"]
    assert model(ag.ones((2, *shape[1:]))).shape == (2, 10)


def test_libraries_that_do_not_start_alike_stop_the_run(scripts: Modules) -> None:
    check_values = scripts("rounds").check_values
    check_values("a", {"chaingrad": 2.30001, "torch": 2.3, "jax": None})
    check_values("a", {"chaingrad": -2.30001, "torch": -2.3})
    check_values("a", {"chaingrad": None})
    for other in (2.31, -2.3, float("nan")):
        with pytest.raises(SystemExit, match="a: the first losses differ"):
            check_values("a", {"chaingrad": other, "torch": 2.3})


# ---- workloads -----------------------------------------------------------------------------------


def lines_of(script: str, *options: str, asked: int = 0) -> list[dict[str, Any]]:
    """The answers of a process that is asked so many times."""
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / script), *options], input="\n" * asked,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_process_answers_when_it_is_asked() -> None:
    first, *numbers = lines_of("worker.py", "inference", "numpy", "--tiny", "--least=0", asked=2)
    assert first.keys() == {"value"}
    assert [answer.keys() for answer in numbers] == [{"number"}, {"number"}]
    (failed,) = lines_of("worker.py", "lenet", "numpy", asked=2)
    assert "AttributeError" in failed["failed"]


@pytest.mark.parametrize("name", workload_names())
def test_a_workload_runs_at_tiny_sizes(scripts: Modules, name: str) -> None:
    """In the libraries that are there."""
    workload, answers_of = scripts("workloads").WORKLOADS[name], scripts("worker").answers
    for library in sorted({"chaingrad", "compiled", "numpy"} & set(workload.libraries)):
        if workload.prepare is None:
            assert lines_of(workload.script, name, library)[0]["number"] > 0
            continue
        answers = answers_of(workload, library, tiny=True, least=0)
        first = next(answers)
        number = first["number"] if workload.is_alone else next(answers)["number"]
        assert number >= 0, library
        assert np.isfinite(first.get("value") or 0), library
        answers.close()


def test_a_compiled_step_begins_as_the_eager_one(scripts: Modules) -> None:
    worker, rounds = scripts("worker"), scripts("rounds")
    for name, workload in scripts("workloads").WORKLOADS.items():
        if "compiled" in workload.libraries and not workload.once:
            values = {}
            for library in ("chaingrad", "compiled"):
                answers = worker.answers(workload, library, tiny=True, least=0)
                values[library] = next(answers)["value"]
                answers.close()
            rounds.check_values(name, values)


def test_a_compiled_step_leaves_nothing_out_that_an_eager_one_does(scripts: Modules) -> None:
    """What a step changes, or gives, is what counts: a compiler drops the rest."""
    workload = scripts("workloads").WORKLOADS["hvp"]
    for library in ("chaingrad", "compiled"):
        _, step = scripts("worker").prepare(workload, library, workload.tiny)
        _, products = step()
        assert sum(p.size for p in products) == 12


def test_every_aim_of_compiled_steps_is_beside_a_peer_that_runs(scripts: Modules) -> None:
    columns = scripts("columns")
    for name, workload in scripts("workloads").WORKLOADS.items():
        libraries = {columns.COLUMNS[peer].library for peer in workload.beside if peer != "best"}
        assert libraries <= set(workload.libraries), name
        assert not workload.beside or "compiled" in workload.libraries, name


def test_numpy_by_hand_begins_as_chaingrad_does(scripts: Modules) -> None:
    worker, rounds = scripts("worker"), scripts("rounds")
    for name, workload in scripts("workloads").WORKLOADS.items():
        if "numpy" in workload.libraries and not workload.once:
            values = {}
            for library in ("chaingrad", "numpy"):
                answers = worker.answers(workload, library, tiny=False, least=0)
                values[library] = next(answers)["value"]
                answers.close()
            rounds.check_values(name, values)


def test_jax_and_numpy_have_the_workloads_that_the_table_gives_them(scripts: Modules) -> None:
    """By name; JAX itself is not there."""
    jax_names = ast.parse((BENCHMARKS / "in_jax" / "__init__.py").read_text()).body[-1]
    assert isinstance(jax_names, ast.Assign)
    known = {"jax": set(ast.literal_eval(jax_names.value)), "numpy": set(dir(scripts("by_hand")))}
    for name, workload in scripts("workloads").WORKLOADS.items():
        for library in known.keys() & set(workload.libraries):
            if workload.prepare is not None:
                assert workload.prepare.__name__ in known[library], (name, library)


def test_the_profiler_tells_of_a_step(
    scripts: Modules, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trace = tmp_path / "out" / "trace.json"
    scripts("worker").profile(scripts("workloads").WORKLOADS["inference"], trace)
    assert "linear" in capsys.readouterr().out
    assert json.loads(trace.read_text(encoding="utf-8"))
