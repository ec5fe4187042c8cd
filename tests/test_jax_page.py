"""docs/from_jax.md: its examples are run by test_readme.py, and what its table names is there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

import autograd as ag
import optim
from autograd import extend, misc, test_util, tracer
from autograd.misc import optimizers

PAGE = (Path(__file__).parent.parent / "docs/from_jax.md").read_text(encoding="utf-8")
HOMES = (ag, extend, misc, test_util, tracer, optimizers)


def test_what_the_page_says_to_write_is_there() -> None:
    right = " ".join(re.findall(r"^\|.*\| (.*) \|$", PAGE, re.MULTILINE))
    for name in re.findall(r"`(?:ag\.)?(\w+)(?:\(|`)", right):
        if name not in ("f", "for", "if", "while", "make_vjp", "pullback", "here", "nn"):
            assert any(hasattr(home, name) for home in HOMES), name
    assert optim.Adam


def test_an_element_is_set_and_added_to() -> None:
    x = np.array([1.0, 2.0])
    assert ag.setitem(x, 3.0, 1).tolist() == [1.0, 3.0]
    assert ag.setitem(x, x[1] + 3.0, 1).tolist() == [1.0, 5.0]
