"""docs/numpy.md is what the code says, and has every name of NumPy's."""

from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS
from autograd.errors import UnsupportedError
from docs import make_numpy

TEXT = make_numpy.PAGE.read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([\w.]+)` \| (.+) \|$", TEXT, re.MULTILINE))
HERE = {row.name: row.what for space in make_numpy.SPACES for row in make_numpy.functions(space)}
HERE |= {row.name: row.what for row in make_numpy.methods()}


def test_every_name_of_numpys_is_told_as_it_is() -> None:
    """Of another version than the page was made with, too."""
    assert {n: what for n, what in HERE.items() if ROWS.get(n) != what} == {}, "run `make docs`"


def test_the_page_is_what_the_code_says() -> None:
    if set(HERE) == set(ROWS):
        assert make_numpy.page() == TEXT, "run `make docs`"
    assert TEXT.startswith(make_numpy.INTRODUCTION)


def test_what_raises_names_a_substitute() -> None:
    raising = [what for what in HERE.values() if what.startswith("raises")]
    assert raising
    assert not [what for what in raising if len(what) < len("raises. x")]


def test_most_of_numpy_records() -> None:
    told = list(HERE.values())
    assert sum(what.startswith("recorded") for what in told) >= 300
    assert sum(what.startswith("raises") for what in told) < 25


REFUSED = [
    name for name, what in HERE.items() if name.startswith("np.") and what.startswith("raises")
]


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_page_says_raises_does(name: str) -> None:
    function = functools.reduce(getattr, name.split(".")[1:], np)
    assert callable(function)
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    for arguments in ((x,), (x, x), (x, x, x)):
        try:
            function(*arguments)
        except UnsupportedError:
            return
        except TypeError:
            continue
    pytest.fail(f"{name} raises nothing")


# what NumPy's functions of these names are by ops with samples: the generic tests hold them to
# NumPy's values and to differences; here they are called as NumPy's
SAMPLED = [
    pytest.param(name, OPS[name], id=name)
    for name in sorted(OPS)
    if callable(getattr(np, name, None))
    and getattr(ag, name, None) is OPS[name].record
    and OPS[name].samples
    and not OPS[name].variadic
]


@pytest.mark.parametrize(("name", "op"), SAMPLED)
def test_numpys_function_gives_what_the_op_gives(name: str, op: Any) -> None:
    function = getattr(np, name)
    if isinstance(function, type) or name in ("insert", "gradient", "put_along_axis", "poly"):
        return
    for sample in op.samples():
        inputs = [ag.Tensor(x) if isinstance(x, np.ndarray) else x for x in sample.inputs]
        if not inputs or not isinstance(inputs[0], ag.Tensor):
            continue
        with np.errstate(all="ignore"):
            mine = getattr(ag, name)(*inputs, **sample.params)
            try:
                theirs = function(*inputs, **sample.params)
            except TypeError:
                continue  # the op takes more than NumPy's function
        pairs = zip(mine, theirs, strict=True) if isinstance(mine, tuple) else [(mine, theirs)]
        for a, b in pairs:
            assert isinstance(b, ag.Tensor)
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
