"""A run of LANES numbers of single precision as one value in a compiled loop: a vector.

Loops over elements become vector code only after LLVM has found out that arrays do not overlap,
which takes long to compile where there are many; what is written by runs is vector code as it
stands.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import (
    intrinsic,
    lower_builtin,
    models,
    register_model,
    type_callable,
)

__all__ = ["LANES", "load", "run_of", "store"]

LANES = 16

Array = Any
Run = Any  # in Python's eyes

_WORD, _VECTOR = ir.IntType(32), ir.VectorType(ir.FloatType(), LANES)


class _Run(types.Type):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__("Run")


_run = _Run()


@register_model(_Run)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


def _place(context: Any, builder: Any, kind: Any, array: Any, at: Any) -> Any:
    """A pointer to a run in a flat array."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), _VECTOR.as_pointer())


def _spread(builder: Any, number: Any) -> Any:
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, _WORD(0))
    all_of_it = ir.Constant(ir.VectorType(_WORD, LANES), [0] * LANES)
    return builder.shuffle_vector(first, ir.Constant(_VECTOR, ir.Undefined), all_of_it)


@intrinsic  # type: ignore[untyped-decorator]
def load(typing: Any, array: Any, at: Any) -> Any:
    """The run that begins at a place of a flat array of single precision; nobody checks."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, signature.args[0], *args), align=4)

    return _run(array, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]
def store(typing: Any, array: Any, at: Any, run: Any) -> Any:
    """Write a run to where it begins in a flat array; nobody checks."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _place(context, builder, signature.args[0], *args[:2])
        builder.store(args[2], place, align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, _run), generate


@intrinsic  # type: ignore[untyped-decorator]
def run_of(typing: Any, number: Any) -> Any:
    """A run of one number, throughout."""
    return _run(types.float32), lambda context, builder, _, args: _spread(builder, args[0])


def _operator(function: Any, name: str) -> None:
    """Runs may be added and so on, one by one, or multiplied by a number."""

    def of_types(context: Any) -> Any:
        return lambda a, b: _run if b is _run and (a is _run or a == types.float32) else None

    def of_runs(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return getattr(builder, name)(*args)

    def of_number(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return getattr(builder, name)(_spread(builder, args[0]), args[1])

    type_callable(function)(of_types)
    lower_builtin(function, _run, _run)(of_runs)
    lower_builtin(function, types.float32, _run)(of_number)


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")
