"""What all tests share: Hypothesis' profiles, and fixtures for programs that may be missing."""

from __future__ import annotations

import gc
import importlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import nn
import nn.parallel.ops
import nn.parallel.replicated
import nn.parallel.tensor_parallel
from autograd.engine.modes import Mode, current_mode, set_mode
from autograd.ops.special import functions

# The table of ops is whole when every family has been loaded.
for _package in (nn, nn.functional, functions):
    for _name in _package.__all__:
        getattr(_package, _name)

_BENCHMARKS = str(Path(__file__).parent.parent / "benchmarks")
_FRESH = Mode()
_FIELDS = [name for name in Mode.__slots__ if name != "outer"]
_CI = bool(os.environ.get("CI"))

# HYPOTHESIS_PROFILE=thorough makes a long search. CI runs the same examples every time, so that a
# change fails for what it changed.
settings.register_profile("default", deadline=None, max_examples=50)
settings.register_profile(
    "ci", deadline=None, max_examples=50, derandomize=True, database=None, print_blob=True
)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if _CI else "default"))


def pytest_collection_finish() -> None:
    """Let Python's collector leave the tests themselves alone: each of its rounds looks at all."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Fail a test that leaves the engine in another mode than it found, before others suffer."""
    mode = current_mode()
    left = [name for name in _FIELDS if getattr(mode, name) != getattr(_FRESH, name)]
    if left:
        set_mode(_FRESH)
        pytest.fail(f"the mode of the engine is left changed: {', '.join(left)}")


def _require(*programs: str) -> None:
    """Skip the test where a program is missing; in CI, where all are installed, fail it."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing and _CI:
        pytest.fail(f"{', '.join(missing)} not found, and CI is set: every program must be there")
    if missing:
        pytest.skip(f"{', '.join(missing)} not found")


@pytest.fixture
def requires_dot() -> None:
    """For tests that run Graphviz' `dot`."""
    _require("dot")


@pytest.fixture(scope="session")
def chromium() -> None:
    """For tests that look at a page in a real browser."""
    _require("chromium", "chromedriver")


@pytest.fixture(scope="module")
def browser(chromium: None) -> Iterator[Any]:
    """Headless Chromium."""
    from tests.pages import start

    driver = start()
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens pictures' pages; none may complain, nor ask for anything over a network."""
    from tests.pages import Page

    pages: list[Page] = []

    def open_page(picture: Any, *look: Any) -> Page:
        pages.append(Page(browser, picture, tmp_path, *look))
        return pages[-1]

    yield open_page
    for each in pages:
        assert each.complaints() == []
        assert each.requests() == set()


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """The modules of the benchmarks, which are scripts beside each other."""
    monkeypatch.syspath_prepend(_BENCHMARKS)
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(_BENCHMARKS):
            del sys.modules[name]
