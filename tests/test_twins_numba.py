"""Kernels with Numba, without it, with a broken one, and where nothing can be cached."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd.kernels import optimizers

ROOT = Path(__file__).parent.parent

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="Numba is not installed")

STEP = """
import sys, time, warnings
import numpy as np
from autograd.kernels import optimizers
def step():
    p, g = np.ones(5000, np.float32), np.ones(5000, np.float32)
    optimizers.sgd_update(p, g, None, 0.25, 0.0, 1.0, False, 0.0, False)
    assert (p == 0.75).all()
"""


def run(code: str, *path: Path, **environment: str) -> str:
    """What a new interpreter prints, with every warning an error."""
    kept = {n: v for n, v in os.environ.items() if n not in ("CHAINGRAD_FAST", "NUMBA_CACHE_DIR")}
    places = os.pathsep.join(map(str, (*path, ROOT)))
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", STEP + code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**kept, "PYTHONPATH": places, **environment},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@needs_numba
def test_the_twin_is_loaded_at_the_first_large_call_and_says_nothing() -> None:
    code = "print('numba' in sys.modules); step(); print('numba' in sys.modules)"
    assert run(code).split() == ["False", "True"]


@needs_numba
def test_a_twin_that_saves_little_loads_numba_when_it_would_have_been_repaid() -> None:
    code = """
from autograd.kernels.parallel.twins import twin
descend = twin(1000, repaid=2500)(optimizers.descend.__wrapped__)
p = np.ones(1000, np.float32)
for _ in range(4):
    descend(p, p, 0.5)
    print("numba" in sys.modules)
"""
    assert run(code).split() == ["False", "False", "False", "True"]


@needs_numba
def test_a_twin_that_saves_little_runs_once_another_has_loaded_numba() -> None:
    code = """
import nn, optim
import autograd as ag
model = nn.Sequential(nn.Linear(64, 64), nn.Tanh())
optimizer = optim.SGD(model.parameters())
def train():
    model(ag.ones((64, 64))).sum().backward()
    optimizer.step()
def ran(): return len(compiled._descend.nopython_signatures)
train()
print("numba" in sys.modules)
step()
from autograd.kernels.compiled import optimizers as compiled
print(ran())
train()
print(ran())
"""
    assert run(code).split() == ["False", "0", "1"]


@needs_numba
def test_what_no_loop_is_compiled_for_loads_no_numba() -> None:
    code = """
from autograd.kernels.activation.sigmoid import sigmoid
for dtype in (np.float64, np.float16, np.dtype(np.float32).newbyteorder(), np.float32):
    sigmoid(np.ones(5000, dtype))
    print("numba" in sys.modules)
"""
    assert run(code).split() == ["False", "False", "False", "True"]


def test_chaingrad_fast_0_leaves_numba_alone() -> None:
    assert run("step(); print('numba' in sys.modules)", CHAINGRAD_FAST="0").split() == ["False"]


def test_without_numba_numpy_runs_and_nothing_is_said() -> None:
    assert run("sys.modules['numba'] = None; step(); step()") == ""


def test_a_numba_that_compiles_nothing_is_left_alone() -> None:
    code = "step(); print('autograd.kernels.compiled' in sys.modules)"
    assert run(code, NUMBA_DISABLE_JIT="1").split() == ["False"]


@pytest.mark.parametrize("fault", ["ImportError('too old')", "AttributeError('no such name')"])
def test_a_broken_numba_is_told_once_with_what_to_do(tmp_path: Path, fault: str) -> None:
    (tmp_path / "numba").mkdir()
    (tmp_path / "numba" / "__init__.py").write_text(f"raise {fault}\n")
    code = (
        "from autograd.kernels.parallel.twins import compiled_twin\n"
        "with warnings.catch_warnings(record=True) as told:\n"
        "    warnings.simplefilter('always')\n"
        "    step(); step(); assert compiled_twin(optimizers.adam_update) is None\n"
        "print(*(f'{w.filename}: {w.message}' for w in told), sep='\\n')\n"
    )
    (line,) = run(code, tmp_path).splitlines()
    assert line.startswith("<string>: Numba is installed and cannot be imported")
    assert fault.partition("(")[0] in line
    assert "CHAINGRAD_FAST=0" in line


@needs_numba
def test_a_twin_that_will_not_compile_is_told_once_and_numpy_runs() -> None:
    code = """
import numba
from autograd.kernels.compiled import optimizers as compiled
def failing(*args, **options):
    raise numba.core.errors.TypingError("no such type\\nand more")
compiled.sgd_update = failing
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    step(), step()
print(*(w.message for w in caught), sep="\\n")
"""
    (line,) = run(code).splitlines()
    start = "Numba is installed and cannot compile a kernel (TypingError: no such type), so NumPy"
    assert line.startswith(start)


def test_a_machine_without_a_place_for_a_cache_compiles_anew(tmp_path: Path) -> None:
    """A file lies where the cache beside the source would be, and there is no home."""
    package = tmp_path / "autograd"
    shutil.copytree(ROOT / "autograd", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "kernels" / "compiled" / "__pycache__").touch()
    nowhere = os.devnull
    code = f"step(); print(optimizers.__file__.startswith({str(tmp_path)!r}))"
    names = ("HOME", "XDG_CACHE_HOME", "IPYTHONDIR", "LOCALAPPDATA")
    environment = dict.fromkeys(names, nowhere) | {"PYTHONDONTWRITEBYTECODE": "1"}
    assert run(code, tmp_path, **environment).split() == ["True"]


def test_two_threads_may_meet_at_the_first_call() -> None:
    code = (
        "import threading\n"
        "start, errors = threading.Barrier(4), []\n"
        "def work():\n"
        "    start.wait()\n"
        "    try: step()\n"
        "    except BaseException as error: errors.append(error)\n"
        "threads = [threading.Thread(target=work) for _ in range(4)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(errors)\n"
    )
    assert run(code).strip() == "[]"


def test_threads_run_a_twin_side_by_side() -> None:
    arrays = [np.ones(100_000, np.float32) for _ in range(4)]

    def descend(p: Any) -> None:
        for _ in range(20):
            optimizers.sgd_update(p, np.ones_like(p), None, 1 / 64, 0.0, 1.0, False, 0.0, False)

    threads = [threading.Thread(target=descend, args=(p,)) for p in arrays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for p in arrays:
        np.testing.assert_array_equal(p, np.full_like(p, 1 - 20 / 64))


@needs_numba
def test_a_call_that_is_made_once_loads_no_twin() -> None:
    code = (
        "from autograd.kernels.parallel.twins import _switch, few_twins\n"
        "with few_twins(): step()\n"
        "print('numba' in sys.modules)\n"
        "with few_twins():\n"
        "    _switch.budget = 0\n"
        "    step()\n"
        "print('numba' in sys.modules)\n"
    )
    assert run(code).split() == ["False", "True"]


def test_a_plan_of_native_loops_needs_no_numba() -> None:
    code = (
        "import autograd as ag, nn\n"
        "model = nn.Linear(784, 256, rng=0)\n"
        "x, labels = ag.Tensor(np.ones((128, 784), 'float32')), ag.Tensor(np.arange(128))\n"
        "f = ag.compile(lambda x: nn.functional.cross_entropy(model(x), labels))\n"
        "[f(x) for _ in range(3)]\n"
        "print('numba' in sys.modules)\n"
    )
    assert run(code).split() == ["False"]
