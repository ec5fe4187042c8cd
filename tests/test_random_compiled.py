"""Random programs, compiled: they give and leave what the call does, within what rounding explains.

They are called again, on inputs that lie otherwise and have other shapes.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.codegen.native.machine import has_llvm
from autograd.errors import TraceError
from tests.programs import assert_same, draw, state_of
from tests.random_programs import recipe

pytestmark = pytest.mark.skipif(not has_llvm(), reason="there is no llvmlite")

FOUND = (27, 5021, 5042, 5060, 5962, 13134)  # each was wrong, or refused, in its own way
SOME = tuple(range(11, 10_000, 211))


def inputs(number: int, dtype: Any) -> list[Any]:
    """First some of one shape, which lie in several ways, then one of another shape."""
    first, second, third = (draw(3, 4, seed=seed, dtype=dtype) for seed in range(3))
    wide = np.zeros((6, 8), dtype)
    wide[::2, ::2] = third
    lying = (np.asfortranarray(third), wide[::2, ::2], third[::-1, ::-1].copy()[::-1, ::-1])
    shape = ((4,), (1, 4), (3, 1))[number // 3 % 3]
    return [first, second, lying[number % 3], draw(*shape, seed=5, dtype=dtype), first]


@pytest.mark.parametrize("number", [*FOUND, *SOME])
def test_a_random_program_compiled_does_what_the_call_does(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: "native")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = recipe(number)
        ag.random.manual_seed(5)
        mine = found.make()
        ag.random.manual_seed(5)
        theirs = found.make()
        compiled = ag.compile(mine.call, check="always")
        one, two = np.random.default_rng(12), np.random.default_rng(12)
        for x in inputs(number, found.dtype):
            right: Any
            try:
                with ag.random.drawing_from(two):
                    right = theirs.call(ag.Tensor(x))
            except Exception as error:  # noqa: BLE001 - of this shape there is no such program
                with pytest.raises(type(error)), ag.random.drawing_from(one):
                    compiled(ag.Tensor(x))
                return
            try:
                with ag.random.drawing_from(one):
                    assert_same(compiled(ag.Tensor(x)), right)
            except TraceError as error:
                if "hook" in str(error):  # one that looks at a gradient
                    return
                raise
            assert_same(state_of(mine.holders), state_of(theirs.holders))
