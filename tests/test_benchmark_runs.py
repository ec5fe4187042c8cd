"""How the benchmarks measure, and that their reports say what was measured."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Modules = Callable[[str], Any]

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


def test_a_first_call_finds_no_program_that_was_compiled_before(scripts: Modules) -> None:
    caches = scripts("columns").CACHES
    program = f"import json, os; print(json.dumps([os.environ.get(n) for n in {caches}]))"
    known = dict.fromkeys(caches, "kept")
    found = []
    for cold in (False, True, True):
        with scripts("rounds").Worker([sys.executable, "-c", program], known, 30, cold) as worker:
            assert worker.process.stdout is not None
            found.append(json.loads(worker.process.stdout.readline()))
    assert found[0] == ["kept"] * len(caches)
    assert found[1] != found[2], "each its own"
    assert not [folder for folder in found[1] + found[2] if Path(folder).exists()]


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


def test_compiled_steps_are_set_beside_the_best_peer_or_those_that_an_aim_names(
    scripts: Modules, record: dict[str, Any]
) -> None:
    mlp = record["workloads"]["mlp"]["numbers"]
    mlp |= {"compiled": [1.0, 1.2, 1.4], "jax": [2.0, 2.0, 2.0], "compile": [1.0, 2.0, 4.0]}
    first = {"compiled": [0.2], "jax": [1.0], "compile": [2.0], "torch": [0.1]}
    record["workloads"]["first-mlp"] = {"numbers": first, "values": {}, "reasons": {}}
    record["columns"] += ["compiled", "jax"]
    mlp["compiled"], record["workloads"]["mlp"]["reasons"] = [1.2] * 3, {}
    text = scripts("report").beside_peers(record, aims=True)
    head, _, *rows = text.splitlines()
    assert head == "| ÷ peer | chaingrad compiled | peer | its time | ratio | aim |"
    assert rows == [
        "| MLP, small: 784-256-10, batch 32, Adam | 1.2 (0) | PyTorch compile | 2 (2) | 0.6 (0.4) "
        "| ≤ 0.7 met |",
        "| First call, MLP, small: trace, plan, native code | 0.2 | JAX jit | 1 | 0.2 "
        "| ≤ 0.333 met |",
        "| First call, MLP, small: trace, plan, native code | 0.2 | PyTorch compile | 2 | 0.1 "
        "| ≤ 0.05 **missed** |",
    ]
    assert "aim" not in scripts("report").beside_peers(record, aims=False)
    del record["workloads"]["mlp"]["numbers"]["compiled"]
    del record["workloads"]["first-mlp"]
    assert scripts("report").beside_peers(record, aims=True) == ""


def test_without_pytorch_there_are_times_alone(
    scripts: Modules, record: dict[str, Any], tmp_path: Path
) -> None:
    del record["workloads"]["mlp"]["numbers"]["torch"]
    record["columns"].remove("torch")
    text = scripts("report").report(record, aims=True)
    assert "3.6 (2)" in text
    assert "÷" not in text
    pytest.importorskip("matplotlib")
    run = scripts("run")
    run.write(record, run.parse(["--out", str(tmp_path)]))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["benchmarks.json", "benchmarks.md"]


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
    text = " ".join(capsys.readouterr().out.split()).replace("- ", "-")  # a name on two lines
    options = ("rounds", "only", "columns", "tiny", "aims", "torch", "jax", "limit", "out", "from",
               "profile")  # fmt: skip
    for word in (*(f"--{option}" for option in options), ", ".join(scripts("workloads").WORKLOADS),
                 ", ".join(scripts("columns").COLUMNS)):  # fmt: skip
        assert word in text, word
