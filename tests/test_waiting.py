"""BLAS's threads sleep soon after a product, unless the user has set how long they wait."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograd.kernels.parallel import symbols, waiting

BUSY = """
import time
import numpy as np
import autograd
a = np.ones((1024, 1024), np.float32)
a @ a
start = time.process_time()
time.sleep(0.2)
print(time.process_time() - start)
"""


def told(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    variables = os.environ | {"OPENBLAS_NUM_THREADS": "2"} | environment
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_core_is_busy_after_a_product() -> None:
    assert float(told(BUSY)) < 0.05  # OpenBLAS's own time is 0.1 s


def test_whoever_set_the_time_has_decided() -> None:
    code = "from autograd.kernels.parallel.waiting import let_blas_sleep; print(let_blas_sleep())"
    assert told(code, OPENBLAS_THREAD_TIMEOUT="26") == "False"


def test_the_environment_is_as_before() -> None:
    assert told("import autograd, os; print('OPENBLAS_THREAD_TIMEOUT' in os.environ)") == "False"


def test_blas_has_as_many_threads_as_before() -> None:
    code = "import autograd; print(autograd.get_num_threads())"
    assert told(code) == "2"


def test_nothing_is_done_beside_other_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting.ctypes, "CDLL", pytest.fail)
    monkeypatch.delenv("OPENBLAS_THREAD_TIMEOUT", raising=False)
    release = threading.Event()
    other = threading.Thread(target=release.wait)
    other.start()
    try:
        assert waiting.let_blas_sleep() is False
    finally:
        release.set()
        other.join()


def test_another_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting.threading, "active_count", lambda: 1)
    monkeypatch.delenv("OPENBLAS_THREAD_TIMEOUT", raising=False)
    monkeypatch.setattr(waiting.ctypes, "CDLL", lambda name: SimpleNamespace())
    monkeypatch.setattr(waiting, "loaded", lambda part: iter([(sys.executable, 0)]))
    assert waiting.let_blas_sleep() is False


FOUND = """
import ctypes
import numpy
from autograd.kernels.parallel.symbols import addresses, loaded
names = [b"scipy_openblas_get_num_threads64_", b"scipy_openblas_get_config64_"]
((path, start),) = loaded("openblas")
library = ctypes.CDLL(path)
exported = [ctypes.cast(getattr(library, n.decode()), ctypes.c_void_p).value for n in names]
print(addresses(path, start, names) == exported, addresses(path, start, [*names, b"nothing"]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ELF")
def test_what_a_library_names_lies_where_it_exports_it() -> None:
    assert told(FOUND) == "True []"


@pytest.mark.skipif(sys.platform != "linux", reason="ELF")
def test_it_was_done_to_the_blas_that_numpy_brings() -> None:
    code = "from autograd.kernels.parallel.waiting import let_blas_sleep; print(let_blas_sleep())"
    assert told(code) == "True"


@pytest.mark.parametrize("raw", [b"MZ" + bytes(99), b"\x7fELF\x02\x01" + bytes(99)])
def test_a_library_of_another_format_or_without_symbols_names_nothing(
    raw: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "library"
    path.write_bytes(raw)
    assert symbols.addresses(str(path), 0, [b"main"]) == []


def test_without_a_list_of_what_is_loaded_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(symbols, "open", fails, raising=False)
    assert list(symbols.loaded("openblas")) == []
