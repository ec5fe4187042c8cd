"""The benchmark of single operations: each runs, and the tables say what was measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Modules = Callable[[str], Any]
SCRIPT = Path(__file__).parent.parent / "benchmarks" / "ops.py"


def test_every_operation_runs_at_the_smallest_shape(scripts: Modules) -> None:
    ops, names = scripts("ops"), scripts("operations").OPERATIONS
    assert len(names) >= 90
    library = scripts("library").open_library("chaingrad")
    for name, operation in names.items():
        _, value = ops.prepare(library, operation, ops.SHAPES[0])
        assert np.isfinite(value), name
        assert value > 0, name


def test_a_process_answers_case_by_case_and_says_what_fails() -> None:
    command = [sys.executable, str(SCRIPT), "--serve", "chaingrad", "--rounds", "1", "--least", "0"]
    command += ["--only", "x + y", "chunk, x · y", "exp", "--shapes", "2x5"]  # 5 makes no halves
    done = subprocess.run(command, input="\n" * 9, capture_output=True, text=True, check=True)
    found = [next(iter(json.loads(line))) for line in done.stdout.splitlines()]
    assert found == ["value", "value", "number", "failed", "value", "number"]


@pytest.fixture
def found(scripts: Modules) -> dict[Any, Any]:
    """Given numbers: at half of PyTorch's time and at four times it, and what cannot run."""
    measured = scripts("rounds").Measured
    numbers = {"fast": [1.0, 2.0, 3.0], "torch": [2.0, 4.0, 6.0]}
    slow = {"fast": [8.0, 8.0, 8.0], "torch": [2.0, 2.0, 2.0]}
    failed = measured({"torch": [1.0]}, {}, {"fast": "TypeError: no such thing"})
    return {("exp", (8, 8)): measured(numbers), ("log", (8, 8)): measured(slow),
            ("sum", (8, 8)): failed}  # fmt: skip


def test_the_tables_have_geometric_means_the_worst_and_why_there_is_no_number(
    scripts: Modules, found: dict[Any, Any]
) -> None:
    text = scripts("ops").report(found, ["fast"])
    assert "| (8, 8) | 3 | 1.41 | 1 | 1 |" in text
    lines = text.splitlines()
    first = lines.index("| log | (8, 8) | 8 | 2 | 4 |")
    assert lines[first + 1] == "| exp | (8, 8) | 2 | 4 | 0.5 |"
    assert text.endswith("sum (8, 8), chaingrad fast: TypeError: no such thing")
    assert "exp" not in scripts("ops").table(found, "fast", most=1)


def test_without_pytorch_it_says_what_to_do(
    scripts: Modules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["ops.py", "--torch", "no/such/python", "--only", "exp"])
    with pytest.raises(SystemExit, match="make bench-peers"):
        scripts("ops").main()
