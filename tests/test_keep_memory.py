"""The allocator's setting: on by default, off by one switch, and nothing outside glibc."""

from __future__ import annotations

import gc
import os
import platform
import subprocess
import sys

import pytest

from autograd.system import memory

ON_GLIBC = platform.libc_ver()[0] == "glibc"


def told(environment: dict[str, str]) -> str:
    """What a fresh interpreter says of whether the allocator was told."""
    code = "import autograd; print(autograd.keep_freed_memory())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_freed_memory_is_kept_by_default_where_glibc_is() -> None:
    assert told({}) == str(ON_GLIBC)


def test_the_variable_leaves_the_allocator_alone() -> None:
    assert told({"CHAINGRAD_KEEP_MEMORY": "0"}) == "False"


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert memory.keep_freed_memory() is False


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert memory.keep_freed_memory() is False


def test_the_collector_runs_again_after_the_last_block() -> None:
    assert gc.isenabled()
    with memory.uncollected():
        with pytest.raises(KeyError), memory.uncollected():
            raise KeyError
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with memory.uncollected():
            pass
        assert not gc.isenabled()  # as it was
    finally:
        gc.enable()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks on Windows")
def test_a_child_that_is_forked_meanwhile_has_its_collector() -> None:
    with memory.uncollected():
        pid = os.fork()
        if not pid:
            os._exit(not gc.isenabled())
        assert os.waitpid(pid, 0)[1] == 0
    assert gc.isenabled()


def test_what_is_free_goes_back_to_the_system() -> None:
    assert memory.give_back_memory() in (True, False)


LINES = """\
7f00-7f10 r-xp 00000000 08:01 1 /usr/lib/libllvmlite.so
Rss:                  64 kB
Private_Dirty:         0 kB
7f10-7f20 r--p 00010000 08:01 1 /usr/lib/libllvmlite.so
Private_Dirty:         4 kB
7f20-7f30 rw-p 00020000 08:01 1 /usr/lib/libllvmlite.so
Private_Dirty:         0 kB
7f30-7f40 r--p 00030000 08:01 1 /usr/lib/libllvmlite.so
Private_Dirty:         0 kB
7f40-7f50 r-xp 00000000 08:01 2 /opt/llvmlite/other.so
Private_Dirty:         0 kB
7f50-7f60 rw-p 00000000 00:00 0
Private_Dirty:         0 kB
"""


def test_only_pages_that_a_file_still_has_go_back() -> None:
    found = list(memory._untouched(LINES.splitlines(), "llvm"))
    assert found == [(0x7F00, 0x7F10), (0x7F30, 0x7F40)]


def test_a_library_whose_pages_went_back_runs_on() -> None:
    llvm = pytest.importorskip("llvmlite.binding")

    def parsed() -> str:
        return str(llvm.parse_assembly("define i32 @f() {\n ret i32 3\n}"))

    before = parsed()
    assert memory.give_back_code("llvm") is (sys.platform == "linux" and ON_GLIBC)
    assert parsed() == before
