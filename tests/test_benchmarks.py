"""The benchmarks compare like with like, and their reports say what was measured."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
Modules = Callable[[str], Any]


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Modules]:
    """The modules of the benchmarks, which are scripts beside each other."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(BENCHMARKS)):
            del sys.modules[name]


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
    """In the two libraries that are there."""
    workload, answers_of = scripts("workloads").WORKLOADS[name], scripts("worker").answers
    for library in sorted({"chaingrad", "numpy"} & set(workload.libraries)):
        if workload.prepare is None:
            assert lines_of(workload.script, name, library)[0]["number"] > 0
            continue
        answers = answers_of(workload, library, tiny=True, least=0)
        first = next(answers)
        number = first["number"] if workload.once else next(answers)["number"]
        assert number >= 0, library
        assert np.isfinite(first.get("value") or 0), library
        answers.close()


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


def test_the_profiler_tells_of_a_step(scripts: Modules, capsys: pytest.CaptureFixture[str]) -> None:
    scripts("worker").profile(scripts("workloads").WORKLOADS["inference"])
    assert "linear" in capsys.readouterr().out


# ---- processes -----------------------------------------------------------------------------------

ANSWERS = """
import sys
print('{"value": 1}', flush=True)
for line in sys.stdin:
    print('{"number": 7}', flush=True)
"""


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise ValueError('no such thing')", "ValueError: no such thing"),
        ('print(\'{"failed": "no compiler"}\')', "no compiler"),
        ("raise SystemExit(3)", "its process ended with status 3"),
        ("import time; time.sleep(60)", "no step within 0.5 s"),
    ],
)
def test_a_column_that_cannot_run_says_why(scripts: Modules, program: str, reason: str) -> None:
    rounds = scripts("rounds")
    limit = 0.5 if "sleep" in program else 30

    def start(column: str) -> Any:
        program_of = {"good": ANSWERS, "bad": program}[column]
        return rounds.Worker(
            [sys.executable, "-c", program_of], {}, 30 if column == "good" else limit
        )

    measured = rounds.in_waiting_processes(["good", "bad"], 2, start)
    assert measured.numbers == {"good": [7, 7]}
    assert measured.values == {"good": 1}
    assert measured.reasons == {"bad": reason}
    assert rounds.in_fresh_processes(["bad"], 1, start).reasons == {"bad": reason}


def test_an_idle_process_is_stopped(scripts: Modules) -> None:
    """It writes its processor time as its number; while it is not asked it gets none."""
    program = (
        "import sys, threading, time\n"
        "threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()\n"
        "print('{\"value\": 1}', flush=True)\n"
        "for line in sys.stdin: print('{\"number\": %g}' % time.process_time(), flush=True)\n"
    )
    with scripts("rounds").Worker([sys.executable, "-c", program], {}, 30) as worker:
        worker.answer()
        before = worker.ask()
        time.sleep(0.5)
        assert worker.ask() - before < 0.25


# ---- reports -------------------------------------------------------------------------------------


@pytest.fixture
def record() -> dict[str, Any]:
    """Given numbers: 'fast' is at 0.5 of PyTorch, plain chaingrad at 0.9, compile has a reason."""
    numbers = {"fast": [1.0, 2.0, 3.0], "chaingrad": [1.8, 3.6, 5.4], "torch": [2.0, 4.0, 6.0]}
    reasons = {"compile": "InvalidCxxCompiler: none"}
    mlp = {"numbers": numbers, "values": {"fast": 2.3}, "reasons": reasons}
    return {
        "date": "2026-11-26", "machine": "a machine", "threads": 2, "tiny": False, "rounds": 3,
        "versions": {"Python": "3.11", "torch": "2"},
        "columns": ["fast", "chaingrad", "torch", "compile"],
        "workloads": {"mlp": mlp, "survivors": {"numbers": {"chaingrad": [0]}, "values": {},
                                                "reasons": {}}},
    }  # fmt: skip


def test_the_tables_have_medians_spreads_ratios_aims_and_footnotes(
    scripts: Modules, record: dict[str, Any]
) -> None:
    text = scripts("report").report(record, aims=True)
    name = "MLP, small: 784-256-10, batch 32, Adam"
    assert f"| {name} | ms | 2 (1) | 3.6 (2) | 4 (2) | – [1] |" in text
    assert "\n[1] InvalidCxxCompiler: none\n" in text
    assert f"| {name} | 0.5 (0) | ≤ 0.55 met | 0.9 (0) | ≤ 0.8 **missed** | – |" in text
    assert text.count("Survivors") == 1  # it has no ratio
    assert "≤" not in scripts("report").report(record)
    record["columns"].remove("torch")
    assert "÷" not in scripts("report").report(record, aims=True)


def test_ratios_are_taken_round_by_round(scripts: Modules) -> None:
    found = {"fast": [1.0, 10.0], "torch": [2.0, 20.0, 7.0]}
    assert scripts("report").ratios(found, "fast") == [0.5, 0.5]
    assert scripts("report").ratios(found, "jax") == []
    assert scripts("report").ratios({"fast": [1.0], "torch": [0.0]}, "fast") == []


@pytest.mark.parametrize(
    ("number", "digits", "text"),
    [(1234567.0, 3, "1,230,000"), (0.00001234, 3, "0.0000123"), (0, 3, "0"), (12.34, 1, "10")],
)
def test_a_number_is_shown_without_powers_of_ten(
    scripts: Modules, number: float, digits: int, text: str
) -> None:
    assert scripts("report").shown(number, digits) == text


@pytest.mark.parametrize("tiny", [False, True])
def test_an_earlier_record_gives_its_files_anew(
    scripts: Modules, record: dict[str, Any], tmp_path: Path, tiny: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    pytest.importorskip("matplotlib")
    run = scripts("run")
    record["tiny"] = tiny
    run.write(record, run.parse(["--out", str(tmp_path), "--aims"]))
    suffix = "-tiny" if tiny else ""
    assert json.loads((tmp_path / f"benchmarks{suffix}.json").read_text()) == record
    assert (tmp_path / f"benchmarks{suffix}.md").read_text() == capsys.readouterr().out[:-1]
    assert (tmp_path / f"ratios{suffix}.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / f"ratios{suffix}.svg").read_text()


def test_marks_beyond_the_axis_queue_at_its_edge(scripts: Modules) -> None:
    pytest.importorskip("matplotlib")
    plot = scripts("plot")
    places = plot.along_axis({"jax": 0.001, "numpy": 0.002, "fast": 0.003, "compile": 0.5})
    assert plot.LOW < places["jax"] < places["numpy"] < 0.05
    assert places["fast"] == places["jax"]  # in its own lane
    assert places["compile"] == 0.5
    assert plot.along_axis({"jax": 100.0})["jax"] < plot.HIGH


def test_the_columns_that_are_there_are_measured(
    scripts: Modules, capsys: pytest.CaptureFixture[str]
) -> None:
    run = scripts("run")
    options = run.parse(["--only", "scalar", "--rounds", "1", "--tiny", "--columns", "chaingrad",
                         "numpy", "jax", "--jax", "no/such/python"])  # fmt: skip
    found = run.measured(options)
    assert found["columns"] == ["chaingrad", "numpy"]
    assert {key: len(numbers) for key, numbers in found["workloads"]["scalar"]["numbers"].items()} \
        == {"chaingrad": 1, "numpy": 1}  # fmt: skip
    assert "without JAX jit: no jax" in capsys.readouterr().err


def test_help_names_every_workload_column_and_option(
    scripts: Modules, capsys: pytest.CaptureFixture[str]
) -> None:
    run = scripts("run")
    with pytest.raises(SystemExit, match="0"):
        run.parse(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    options = ("rounds", "only", "columns", "tiny", "aims", "torch", "jax", "limit", "out", "from",
               "profile")  # fmt: skip
    for word in (*(f"--{option}" for option in options), ", ".join(workload_names()),
                 ", ".join(scripts("columns").COLUMNS)):  # fmt: skip
        assert word in text, word
