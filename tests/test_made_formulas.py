"""Random formulas in kernels: every kernel has its turn, and all give what the call gives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd.codegen import kernel
from autograd.codegen.native.machine import has_llvm
from autograd.compiler.lower.lower import lower
from autograd.compiler.native import steps
from autograd.compiler.planning.planner import schedule
from tests.made_formulas import formula
from tests.programs import draw

pytestmark = pytest.mark.filterwarnings("ignore")
WAYS = {"one thread": (1, 64), "short registers": (1, 16), "two": (2, 32), "three": (3, 64)}


def traced(number: int) -> Any:
    found = formula(number)
    with np.errstate(all="ignore"):
        return ag.trace(found, *(ag.Tensor(x, requires_grad=True) for x in found.arguments(0)))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 1 << 20))
def test_no_group_waits_for_itself(number: int) -> None:
    assert_in_order(traced(number))


def test_a_group_that_has_grown_late_is_waited_for_by_what_came_early() -> None:
    """What is early goes on in `late`, which needs the sum; and the product needs what is early."""
    weight = draw(3, 3)

    def call(x: Any, y: Any) -> Any:
        early = ag.exp(y)
        product = (x - early) @ weight
        a = x @ weight.T + 1
        late = (-a).sum(axis=0) * (early > 0)
        return late, a * 2 + product * 3

    assert_in_order(ag.trace(call, ag.Tensor(draw(2, 3)), ag.Tensor(draw(3))))


def assert_in_order(program: Any) -> None:
    """Each instruction is done by a kernel, after those whose results it reads."""
    plan = schedule(lower(program))
    done = {b.number for b in plan.buffers if b.place in ("source", "constant")}

    def is_there(buffer: Any) -> bool:
        while buffer.instruction.kind == "view" and buffer.base is not None:
            buffer = plan.buffers[buffer.base]
        return buffer.number in done

    for each in plan.kernels:
        assert all(is_there(b) for b in each.reads if hasattr(b, "place"))
        done |= {b.number for b in each.writes}
    assert all(is_there(b) for b in plan.results.values())


@pytest.mark.skipif(not has_llvm(), reason="there is no llvmlite")
@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=12, deadline=None)
@given(number=st.integers(0, 1 << 20))
def test_a_compiled_formula_gives_what_the_call_gives(number: int, way: str) -> None:
    """Within what rounding explains, on arrays that lie in several ways."""
    threads, registers = WAYS[way]
    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        patch.setattr("autograd.compiler.face.backend.kind", lambda: "native")
        patch.setattr(steps, "LARGE", 50 if threads > 1 else math.inf)
        patch.setattr(steps, "get_num_threads", lambda: threads)
        patch.setattr(kernel, "register_bytes", lambda: registers)
        found = formula(number)
        compiled = ag.compile(found, check="always")
        for seed in range(4):
            compiled(*(ag.Tensor(x, requires_grad=True) for x in found.arguments(seed)))
