"""Compiled loops on disk: what is found is the code that is asked for, whoever else compiles."""

import importlib.util
import os

import numpy as np
import pytest

numba = pytest.importorskip("numba")

SOURCE = """
def total(a):
    s = a[0] - a[0]
    for i in range(a.shape[0]):
        s += a[i]
    return s
"""


def loop_of(path, text=SOURCE):
    """A loop from a file, as each process has its own, which is kept on disk."""
    from autograd.kernels.compiled.parallel.loops import exact

    path.write_text(text)
    os.utime(path, (1e9 + len(text), 1e9 + len(text)))
    spec = importlib.util.spec_from_file_location("loops_of_a_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return exact(module.total)


def test_processes_that_compile_at_once_find_their_own_code(tmp_path):
    one, other = (loop_of(tmp_path / "loops.py") for _ in range(2))
    single, double = np.ones(3, np.float32), np.ones(3)
    assert (one(single), other(double)) == (3, 3)  # both saw an empty folder first
    again = loop_of(tmp_path / "loops.py")
    assert again(single) == 3
    assert again(double) == 3
    assert sum(again.stats.cache_hits.values()) == 2
    assert sum(again.stats.cache_misses.values()) == 0


def test_code_of_an_older_source_is_never_run_and_goes(tmp_path):
    old = loop_of(tmp_path / "loops.py")
    assert old(np.ones(3)) == 3
    new = loop_of(tmp_path / "loops.py", SOURCE.replace("return s", "return 2 * s"))
    assert new(np.ones(3)) == 6
    assert len([*(tmp_path / "__pycache__").glob("loops.total*.nbc")]) == 1


def test_a_folder_that_is_gone_is_no_error(tmp_path):
    loop = loop_of(tmp_path / "loops.py")
    assert loop(np.ones(3)) == 3
    for path in (tmp_path / "__pycache__").glob("*.nbc"):
        path.unlink()
    assert loop_of(tmp_path / "loops.py")(np.ones(3)) == 3


def test_code_is_compiled_anew_when_a_file_has_changed_whose_loops_it_may_call(
    tmp_path, monkeypatch
):
    from autograd.kernels.compiled.parallel import kept

    folder, called = tmp_path / "parallel", tmp_path / "matrix" / "called.py"
    for path in (folder / "kept.py", called):
        path.parent.mkdir()
        path.write_text("LANES = 16\n")
    monkeypatch.setattr(kept, "__file__", str(folder / "kept.py"))
    found = []
    for text in ("LANES = 16\n", "LANES = 8\n"):
        called.write_text(text)
        found.append(kept.sources.__wrapped__())
    assert found[0] != found[1]
    monkeypatch.setattr(kept, "sources", lambda: found[0])
    assert loop_of(tmp_path / "loops.py")(np.ones(3)) == 3
    for number, other in enumerate(found):
        monkeypatch.setattr(kept, "sources", lambda other=other: other)
        loop = loop_of(tmp_path / "loops.py")
        assert loop(np.ones(3)) == 3
        assert sum(loop.stats.cache_misses.values()) == number
