"""What the documents say is what the code does: every Python block of every page is run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.compiler.face import backend
from autograd.engine.row import OPS

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(?:python|pycon)( fast)?\n(.*?)^```", re.DOTALL | re.MULTILINE)
IS_FAST = backend.kind() == "native"  # the extra `fast` is there, and used
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page: Path) -> list[tuple[int, str]]:
    """The Python blocks of a page, each with the line that it starts on.

    Those that are marked `fast` show what there is with native code alone.
    """
    text = page.read_text(encoding="utf-8")
    found = [m for m in BLOCK.finditer(text) if IS_FAST or not m[1]]
    return [(text[: m.start(2)].count("\n"), m[2]) for m in found]


PAGES = {
    str(page.relative_to(ROOT)): page
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md"))
    if blocks(page) and page.name not in ("from_keras.md", "from_pytorch.md")
}  # these guides are run beside what they are from: tests/differential/test_guides.py


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Take away the ops that a page defines, and the settings that it changes."""
    known, dtype = dict(OPS), ag.get_default_dtype()
    monkeypatch.chdir(tmp_path)  # where pages write what they write
    with np.printoptions():
        yield
    OPS.clear()
    OPS.update(known)
    ag.set_default_dtype(dtype)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_python_block_does_what_the_page_says(page: Path) -> None:
    names: dict[str, Any] = {"__name__": "page"}
    for line, code in blocks(page):
        if ">>> " not in code.partition('"""')[0]:
            # line numbers of an error are then those of the page
            exec(compile("\n" * line + code, str(page), "exec"), names)  # noqa: S102
            continue
        test = doctest.DocTestParser().get_doctest(code, names, page.name, str(page), line)
        test.globs = names  # the blocks of a page read as one session
        report: list[str] = []
        failed, _ = doctest.DocTestRunner(optionflags=OPTIONS).run(
            test, out=report.append, clear_globs=False
        )
        assert not failed, "".join(report)


def test_the_readme_has_examples_to_run() -> None:
    assert any(">>> " in code for _, code in blocks(ROOT / "README.md"))


def test_every_link_to_a_file_leads_to_one() -> None:
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")):
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
