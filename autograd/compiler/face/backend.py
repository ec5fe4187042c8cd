"""The one choice of what runs a program: native code, loops of NumPy, or kernels one by one."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import numpy as np

from autograd.compiler.in_numpy import NumpyPlan
from autograd.compiler.native.begun import begin, begun
from autograd.compiler.native.plan import NativePlan
from autograd.engine.node import Node
from autograd.program.plan import Plan
from autograd.program.program import Program

__all__ = ["KINDS", "executor", "prepared", "ready_soon"]

KINDS: dict[str, Callable[[Program], Any]] = {
    "native": NativePlan,
    "numpy": NumpyPlan,
    "kernels": Plan,
}


def executor(program: Program) -> Callable[..., Any]:
    """What runs this program fastest here, called as the program itself.

    Native code needs llvmlite, which comes with the extra `fast`; CHAINGRAD_FAST=0 in the
    environment leaves it alone, as it does all compiled loops.
    """
    chosen = "kernels" if any(map(_is_complex, program.nodes)) else kind()
    return KINDS[chosen](program)  # type: ignore[no-any-return]


def ready_soon() -> None:
    """Begin to make what all plans need, if that was not done yet."""
    if kind() == "native":
        begin()


def prepared() -> AbstractContextManager[None]:
    """A block at whose end nothing is being made any more."""
    return begun() if kind() == "native" else nullcontext()


def _is_complex(node: Node) -> bool:
    """Whether it gives complex numbers, of which there are no loops."""
    specs = node.spec if isinstance(node.spec, list) else [node.spec]
    dtypes = [spec[1] if type(spec) is tuple else spec for spec in specs if spec is not None]
    return any(np.dtype(dtype).kind == "c" for dtype in dtypes)


@cache
def kind() -> str:
    """Which of the kinds runs programs here."""
    is_fast = os.environ.get("CHAINGRAD_FAST", "1") != "0"
    return "native" if is_fast and importlib.util.find_spec("llvmlite") is not None else "numpy"
