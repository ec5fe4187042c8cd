"""What type checkers tell users: a right program passes, and every mistake is reported."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograd.engine import typed

ROOT = Path(__file__).parent.parent
PROGRAMS = ROOT / "tests" / "typing"


def mypy(program: Path, folder: Path) -> str:
    pytest.importorskip("mypy")
    command = ["mypy", "--strict", "--cache-dir", str(folder), "--config-file", "", str(program)]
    return _said(command)


def pyright(program: Path, folder: Path) -> str:
    pytest.importorskip("pyright")
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT)], "include": ["*.py"]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    copy = folder / program.name
    copy.write_text(program.read_text(encoding="utf-8"), encoding="utf-8")
    return _said(["pyright", "--project", str(folder), "--pythonpath", sys.executable])


def _said(command: list[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, cwd=ROOT, timeout=500
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def lines_of(said: str, program: str, kind: str) -> set[int]:
    """The lines of a program about which something is said."""
    return {int(n) for n in re.findall(rf"{program}:(\d+)(?::\d+)?:? (?:- )?{kind}", said)}


def lines_with(mark: str, program: Path) -> set[int]:
    text = program.read_text(encoding="utf-8")
    return {n for n, line in enumerate(text.splitlines(), 1) if mark in line}


def test_what_type_checkers_read_in_place_of_a_module_defines_the_same_names() -> None:
    body = ast.parse(Path(typed.__file__).with_suffix(".pyi").read_text(encoding="utf-8")).body
    defined = {name for node in body for name in _bound(node)}
    assert {*typed.__all__} <= defined


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.If):
        return [name for inner in node.body for name in _bound(inner)]
    if isinstance(node, ast.ImportFrom):
        return [alias.asname for alias in node.names if alias.asname]
    return [node.target.id] if isinstance(node, ast.AnnAssign) else [getattr(node, "name", "")]


CHECKERS = pytest.mark.parametrize("check", [mypy, pyright])


@CHECKERS
def test_a_right_program_passes_and_what_is_computed_is_a_tensor(
    check: Callable[[Path, Path], str], tmp_path: Path
) -> None:
    said = check(PROGRAMS / "user.py", tmp_path)
    assert not lines_of(said, "user.py", "error"), said
    shown = lines_of(said, "user.py", r'(?:note: Revealed|information: T)[^\n]*Tensor"')
    assert shown == lines_with("reveal_type(", PROGRAMS / "user.py")


@CHECKERS
def test_every_mistake_is_reported(check: Callable[[Path, Path], str], tmp_path: Path) -> None:
    mistakes = lines_with("  # ", PROGRAMS / "mistakes.py")
    said = check(PROGRAMS / "mistakes.py", tmp_path)
    assert len(mistakes) == 14
    assert lines_of(said, "mistakes.py", "error") == mistakes, said
