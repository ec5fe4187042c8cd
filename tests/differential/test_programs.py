"""Programs as users of PyTorch, Keras and HIPS autograd write them run here, to the same numbers.

Each runs twice: as it stands in its own library, and here with its import lines changed (HIPS
autograd's with nothing changed). Weights begin equal, and what is drawn at random is NumPy's.
"""

from __future__ import annotations

import os
import pickle
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.differential.programs import harness

HIPS = Path(__file__).parents[2] / ".venv-hips" / "bin" / "python"

# Losses over some tens of steps in single precision; HIPS' programs, and some of PyTorch's, run in
# double. What is chosen by a maximum, or rounded, is equal exactly.
SINGLE, DOUBLE = 1e-5, 1e-9
TOLERANCES = {"neural_ode": DOUBLE, "gpt": DOUBLE}


def both(library: str, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    source = harness.program(library, name)
    return harness.run(source, name), harness.run(harness.changed(source), name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", harness.names("torch"))
def test_a_program_of_pytorch_gives_the_same_here(name: str) -> None:
    theirs, ours = both("torch", name)
    harness.equal(ours, theirs, TOLERANCES.get(name, SINGLE))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", harness.names("keras"))
def test_a_program_of_keras_gives_the_same_here(name: str, monkeypatch: Any) -> None:
    monkeypatch.setitem(os.environ, "KERAS_BACKEND", "torch")
    theirs, ours = both("keras", name)
    harness.equal(ours, theirs, SINGLE)


@pytest.fixture(scope="module")
def hips(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The results of all programs of HIPS autograd's, which has our import name: of a process."""
    if not HIPS.exists():
        assert not os.environ.get("CI"), f"{HIPS} is not there: make test-torch makes it"
        pytest.skip("HIPS autograd is not there: make test-torch installs it")
    out = tmp_path_factory.mktemp("hips") / "results.pickle"
    command = [HIPS, harness.__file__, "hips", out]
    theirs = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}  # which may lead to ours
    subprocess.run(list(map(str, command)), check=True, cwd=out.parent, env=theirs)
    return pickle.loads(out.read_bytes())


@pytest.mark.parametrize("name", harness.names("hips"))
def test_a_program_of_hips_autograd_gives_the_same_here(name: str, hips: Any) -> None:
    harness.equal(harness.run(harness.program("hips", name), name), hips[name], DOUBLE)
