"""Kernels that Python runs between stretches of native code: calls, and what has no native code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiler.instruction import Instruction
from autograd.compiler.lower.evaluate import run_instruction
from autograd.compiler.native.arrays import array_getter, getter, has_own_places, laid_out, lies_so
from autograd.compiler.native.frames import Frame, Places
from autograd.compiler.native.steps import Call
from autograd.compiler.schedule import Buffer, Kernel
from autograd.engine.mutation import owner_of
from autograd.graph.capture import own
from autograd.program.run import check_shape
from autograd.system.addresses import address_of

__all__ = ["call_of_kernel"]

PYTHON = (bool, int, float, complex)


def call_of_kernel(frame: Frame, places: Places, step: Call) -> Callable[[], None]:
    """A kernel as a call without arguments, on the arrays of a frame."""
    kernel = step.kernel
    gets = [getter(frame, places, x) for x in kernel.reads]
    outside = [k for k, x in enumerate(kernel.reads) if _is_outside(places, x)]
    puts = [_put(frame, places, x) for x in kernel.writes]
    compute = _function(kernel)
    values, freed, frees = frame.values, step.frees, kernel.frees

    def run() -> None:
        for number in freed:
            values.pop(number, None)
        given = [get() for get in gets]
        found = compute(given)
        others = [given[k] for k in outside]
        for put, value in zip(puts, found, strict=True):
            put(value, others)
        for number in frees:
            values.pop(number, None)

    return run


def _is_outside(places: Places, x: Any) -> bool:
    """Whether what a kernel reads is an array that does not lie in the frame."""
    return isinstance(x, Buffer) and x.shape != () and places.root(x)[0].place != "arena"


def _function(kernel: Kernel) -> Callable[[list[Any]], list[Any]]:
    """What a kernel gives for each buffer that it writes, of what it reads."""
    first = kernel.instructions[0]
    if first.kind == "call" and first.function is not None:
        function = first.function
        picks = [None if x.instruction is first else x.instruction.params[0] for x in kernel.writes]

        def call(given: list[Any]) -> list[Any]:
            found = function(*given)
            return [found if k is None else found[k] for k in picks]

        return call

    reads = [x.instruction if isinstance(x, Buffer) else None for x in kernel.reads]

    def evaluated(given: list[Any]) -> list[Any]:
        known = dict(zip(reads, given, strict=True))
        for x in kernel.instructions:
            operands = [known[i] if type(i) is Instruction else i for i in x.inputs]
            known[x] = run_instruction(x, operands)
        return [known[x.instruction] for x in kernel.writes]

    return evaluated


def _put(frame: Frame, places: Places, x: Buffer) -> Callable[[Any, list[Any]], None]:
    """What puts a result where a buffer says, given the arrays outside the frame that were read."""
    values, number = frame.values, x.number
    if x.shape is None:

        def keep(value: Any, given: list[Any]) -> None:
            values[number] = value

        return keep
    node = x.instruction.origin
    if x.base is None and x.place in ("call", "result") and number not in places.lending:
        base = places.bases.get(number)

        def give(value: Any, given: list[Any]) -> None:
            if type(value) in PYTHON:  # which stays such
                values[number] = value
                if base is not None:
                    values[-1 - number] = array = np.asarray(value, x.dtype)
                    frame.bases[base] = address_of(array)
                return
            value = np.asarray(own(value))
            _check(node, value, x)
            if not lies_so(value, x):
                if has_own_places(value):
                    frame.found[x.instruction] = value.strides
                value = laid_out(value, x)
            elif _is_of(owner_of(value), frame.memory, given):
                value = laid_out(value, x)
            values[number] = value
            if base is not None:
                frame.bases[base] = address_of(value)

        return give
    where = array_getter(frame, places, x)

    def copy(value: Any, given: list[Any]) -> None:
        _check(node, value, x)
        where()[...] = value

    return copy


def _is_of(owner: Any, memory: Any, arrays: list[Any]) -> bool:
    """Whether a result is what was there before, or a window on it."""
    return owner is memory or any(
        x is owner or (isinstance(x, np.ndarray) and owner_of(x) is owner) for x in arrays
    )


def _check(node: Any, value: Any, x: Buffer) -> None:
    """Raise if a call has given other than in the trace."""
    if np.shape(value) != x.shape and node is not None:
        check_shape(node, np.asarray(value))
