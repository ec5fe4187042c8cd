"""Importing the package is light: what is optional is not loaded, and nothing is printed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OPTIONAL = ("scipy", "numba", "matplotlib", "graphviz", "sklearn", "pytest", "hypothesis", "torch")


def fresh(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a new interpreter with every warning an error."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60)


@pytest.mark.parametrize("package", ["autograd", "autograd, nn, optim"])
def test_import_loads_nothing_optional_and_is_silent(package: str) -> None:
    done = fresh(f"import {package}, sys, json; print(json.dumps(sorted(sys.modules)))")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    roots = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert "numpy" in roots
    assert not roots & set(OPTIONAL)


def test_every_public_name_exists_and_is_listed_once() -> None:
    done = fresh(
        "import autograd as ag\n"
        "assert len(ag.__all__) == len(set(ag.__all__)), 'listed twice'\n"
        "missing = [n for n in ag.__all__ if not hasattr(ag, n)]\n"
        "assert not missing, missing\n"
        "modules = [n for n in ag.__all__ if type(getattr(ag, n)).__name__ == 'module']\n"
        "allowed = {'errors', 'fft', 'linalg', 'ops', 'random', 'special', 'viz'}\n"
        "assert set(modules) <= allowed, modules\n"
    )
    assert done.returncode == 0, done.stderr


def test_gradcheck_is_a_function_although_it_is_a_package() -> None:
    done = fresh(
        "import autograd as ag\n"
        "from autograd.gradcheck import Report\n"
        "report = ag.gradcheck(lambda x: (x * x).sum(), ag.Tensor([1.0, 2.0]))\n"
        "assert isinstance(report, Report) and report\n"
    )
    assert done.returncode == 0, done.stderr


def test_the_engine_knows_no_layer_above_it() -> None:
    """`autograd` does not import nn or optim; backward and op do not import Tensor."""
    done = fresh("import autograd, sys; print('nn' in sys.modules, 'optim' in sys.modules)")
    assert done.stdout.split() == ["False", "False"], done.stderr
    for name in ("op", "node", "backward", "recorder", "mutation"):
        source = (ROOT / "autograd" / f"{name}.py").read_text()
        assert "autograd.tensor" not in source
