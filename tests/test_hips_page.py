"""docs/from_hips.md says what is there, and what it says to write instead is there too."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import Any

import pytest

import autograd as ag
import nn

PAGE = (Path(__file__).parent.parent / "docs/from_hips.md").read_text(encoding="utf-8")
OPERATORS = "autograd.differential_operators"
# of autograd.extend, what is HIPS' and not chaingrad's own
EXTEND = ("autograd.primitives", "autograd.rules_told", "autograd.tracer", "autograd.vspace")


def rows(name: str) -> dict[str, str]:
    """The rows of a table that the page marks as generated."""
    table = PAGE.partition(f"<!-- generated: {name} -->")[2].partition("<!-- end -->")[0]
    found = re.findall(r"^\| `([\w.]+)` \| (.*) \|$", table, re.MULTILINE)
    return dict(found)


def listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def names_of(module: str) -> list[str]:
    if module == "autograd":
        return list(importlib.import_module(OPERATORS).__all__)
    found = importlib.import_module(module)
    if module == "autograd.extend":
        return [n for n in found.__all__ if getattr(found, n).__module__ in EXTEND or n == "Box"]
    return list(found.__all__)


@pytest.mark.parametrize("module", rows("names"))
def test_the_page_lists_the_names_of_a_module(module: str) -> None:
    assert rows("names")[module] == listed(names_of(module))


# whose values are SciPy's, however many functions they go through
BORROWED = {
    "special": "betainc iv ive jn jv kv yn yv",
    "stats.t": "cdf logcdf", "stats.beta": "cdf", "stats.gamma": "cdf", "stats.chi2": "cdf",
    "stats.poisson": "cdf", "linalg": "solve_sylvester sqrtm", "integrate": "odeint",
}  # fmt: skip


def functions(module: str) -> set[str]:
    """What a module of autograd.scipy defines, or has as one of chaingrad's ops."""
    source = Path(str(importlib.import_module(f"autograd.scipy.{module}").__file__)).read_text()
    tree = ast.parse(source)
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in tree.body:
        for target in node.targets if isinstance(node, ast.Assign) else ():
            found |= {name.id for name in ast.walk(target) if isinstance(name, ast.Name)}
    if module == "misc":
        found |= {"logsumexp"}
    return {name for name in found if name[0] != "_"}


@pytest.mark.parametrize("module", rows("scipy"))
def test_the_page_lists_the_functions_of_scipy(module: str) -> None:
    told = rows("scipy")[module]
    assert set(re.findall(r"`(\w+)`", told)) == functions(module)
    assert set(re.findall(r"`(\w+)`\*", told)) == set(BORROWED.get(module, "").split())


def test_what_the_page_says_to_write_for_mygrad_is_there() -> None:
    table = PAGE.partition("## From MyGrad")[2]
    for path in re.findall(r"\b(?:ag|nn)(?:\.\w+)+", table):
        value: Any = {"ag": ag, "nn": nn}[path[:2]]
        for name in path.split(".")[1:]:
            value = getattr(value, name)
    x = ag.Tensor([1.0], requires_grad=True)
    assert x.grad_fn is None
    x.zero_grad()
