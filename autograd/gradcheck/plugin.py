"""The pytest plugin: a fixture `gradcheck`, and options that say how thoroughly it looks.

It comes with the package (entry point `chaingrad`)::

    def test_my_rule(gradcheck):
        gradcheck(my_function, x)

`--gradcheck=full` checks every element where `fast` (the default) draws probes of large inputs;
`--gradcheck-seed=N` draws others. What a test itself passes (`full=`, `rng=`) goes first.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from autograd.gradcheck.report.report import Report

__all__ = ["gradcheck", "pytest_addoption", "pytest_report_header"]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chaingrad", "gradient checks")
    group.addoption(
        "--gradcheck",
        choices=("fast", "full"),
        default="fast",
        help="how the gradcheck fixture looks: probes of large inputs (fast) or every element",
    )
    group.addoption(
        "--gradcheck-seed",
        type=int,
        default=0,
        metavar="N",
        help="the seed that the gradcheck fixture draws its probes from (default: 0)",
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    how, seed = config.getoption("gradcheck"), config.getoption("gradcheck_seed")
    return None if (how, seed) == ("fast", 0) else f"gradcheck: {how}, seed {seed}"


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Callable[..., Report]:
    """`autograd.gradcheck` with the command line's thoroughness and seed."""
    from autograd.gradcheck import gradcheck as check  # late: the plugin is loaded in every run

    return functools.partial(
        check,
        full=request.config.getoption("gradcheck") == "full",
        rng=request.config.getoption("gradcheck_seed"),
    )
