"""Machine code is kept on disk for the next process: right, whole, and nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from autograd.codegen.loop import loop
from autograd.codegen.native import machine
from autograd.system import caches

pytest.importorskip("llvmlite")
CONTENT = b"machine code"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(caches.VARIABLE, str(tmp_path))
    caches._folder.cache_clear()
    return tmp_path / "code"


def made(name: str = "a") -> tuple[bytes, int]:
    """What is found under a name, and how often it was made for that."""
    count = 0

    def make() -> bytes:
        nonlocal count
        count += 1
        return CONTENT

    return caches.kept("code", name, make), count


def test_what_one_process_has_made_the_next_finds(folder: Path) -> None:
    assert made() == (CONTENT, 1)
    caches._folder.cache_clear()
    assert made() == (CONTENT, 0)
    assert made("another") == (CONTENT, 1)
    assert sorted(os.listdir(folder)) == ["a", "another"]


@pytest.mark.parametrize("damage", [
    lambda x: b"", lambda x: x[:10], lambda x: x[:-1], lambda x: x + b"0",
    lambda x: x[:-1] + bytes([x[-1] ^ 1]), lambda x: bytes([x[0] ^ 1]) + x[1:],
])  # fmt: skip
def test_what_is_damaged_is_made_anew(folder: Path, damage: object) -> None:
    made()
    path = folder / "a"
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert made() == (CONTENT, 1)
    assert made() == (CONTENT, 0)


def test_an_empty_name_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(caches.VARIABLE, "")
    assert made() == (CONTENT, 1)
    assert made() == (CONTENT, 1)
    assert not folder.exists()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_nothing_is_read_where_others_may_write(folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    assert made() == (CONTENT, 1)
    assert made() == (CONTENT, 1)
    assert os.listdir(folder) == []


def test_a_folder_that_cannot_be_is_no_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(caches.VARIABLE, os.devnull)
    assert made() == (CONTENT, 1)
    monkeypatch.delenv(caches.VARIABLE)
    for name in ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, os.devnull)
    caches._folder.cache_clear()
    assert made() == (CONTENT, 1)


def test_what_can_only_be_read_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made()

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "utime", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    assert made() == (CONTENT, 0)
    assert made("another") == (CONTENT, 1)
    assert os.listdir(folder) == ["a"]


def test_a_directory_in_the_place_of_a_file_is_no_error(folder: Path) -> None:
    (folder / "a").mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    assert made() == (CONTENT, 1)
    assert os.listdir(folder) == ["a"]


def test_the_files_used_least_lately_go_when_there_are_many(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caches, "MOST", 4)
    for k in range(6):
        made(str(k))
        os.utime(folder / str(k), (k, k))
    made("0")  # used again
    caches._folder.cache_clear()
    made("0")
    assert sorted(os.listdir(folder)) == ["0", "5"]


def test_threads_may_write_the_same(folder: Path) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(made()[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [CONTENT] * 8
    assert os.listdir(folder) == ["a"]


# ---- as code -------------------------------------------------------------------------------------

CODE = """
import numpy as np
import autograd as ag
from autograd.codegen.native import machine
count, make = [], machine._object_code
machine._object_code = lambda *given: count.append(1) or make(*given)
f = ag.compile(lambda x, w: ag.tanh(x @ w).sum(axis=0))
x, w = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3), np.ones((3, 2), "float32")
print(len(count) if not f(x, w) is None else 0, f(x, w).tolist(), len(count))
"""


def printed(folder: Path) -> list[str]:
    environment = os.environ | {caches.VARIABLE: str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(" ", 1)


def test_a_second_process_compiles_nothing_and_computes_the_same(tmp_path: Path) -> None:
    first, second = printed(tmp_path), printed(tmp_path)
    assert int(first[0]) > 0
    assert int(second[0]) == 0
    numbers = [text.rsplit(" ", 1)[0] for _, text in (first, second)]
    assert numbers[0] == numbers[1]


def test_another_processor_or_version_has_other_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = machine._name_of("text")
    assert machine._name_of("text") == before
    assert machine._name_of("texts") != before
    assert machine._name_of("text", machine.CALLS) != before
    monkeypatch.setattr(machine, "_FORM", machine._FORM + 1)
    assert machine._name_of("text") != before
    monkeypatch.undo()
    monkeypatch.setattr(machine, "_processor", lambda: ("another", ""))
    assert machine._name_of("text") != before


def test_loops_from_disk_give_the_same_bits(folder: Path) -> None:
    x = np.linspace(-3, 3, 1001, dtype=np.float32)
    found = []
    for _ in range(2):
        machine.forget()
        found.append(loop(lambda x: np.tanh(x) * np.exp(-x), "float32")(x))
    assert os.listdir(folder)
    np.testing.assert_array_equal(*found)
