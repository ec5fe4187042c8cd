"""The allocator's setting: on by default, off by one switch, and nothing outside glibc."""

from __future__ import annotations

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
