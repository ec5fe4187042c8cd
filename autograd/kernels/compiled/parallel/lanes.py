"""A run of LANES numbers of single precision as one value in a compiled loop: a vector.

Loops over elements become vector code only after LLVM has found out that arrays do not overlap,
which takes long to compile where there are many; what is written by runs is vector code as it
stands.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from autograd.kernels.compiled.parallel.loops import constant

__all__ = ["LANES", "load1", "load2", "load4", "load6", "run_of", "store"]

LANES = constant(16)

_intrinsic: Any = intrinsic  # Numba's own types say too little
_typed: Any = type_callable
_lowered: Any = lower_builtin
_tuple_type: Any = types.UniTuple
_pack: Any = cgutils.pack_array
_unpack: Any = cgutils.unpack_tuple

_WORD, _VECTOR = ir.IntType(32), ir.VectorType(ir.FloatType(), int(LANES))


class _Run(types.Type):
    def __init__(self) -> None:
        super().__init__("Run")


_run = _Run()


@register_model(_Run)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)  # type: ignore[no-untyped-call]


def _places(context: Any, builder: Any, kind: Any, args: Any, number: int) -> list[Any]:
    """Pointers to runs: the place of the first, and how far it is to the next.

    They are in a flat array, or behind an address.
    """
    (data, at, apart), pointers = args, []
    if isinstance(kind, types.Array):
        data = context.make_array(kind)(context, builder, data).data
    else:
        data = builder.inttoptr(data, ir.FloatType().as_pointer())
    for _ in range(number):
        pointers.append(builder.bitcast(builder.gep(data, [at]), _VECTOR.as_pointer()))
        at = builder.add(at, apart)
    return pointers


def _spread(builder: Any, number: Any) -> Any:
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, _WORD(0))
    all_of_it = ir.Constant(ir.VectorType(_WORD, int(LANES)), [0] * int(LANES))
    return builder.shuffle_vector(first, ir.Constant(_VECTOR, ir.Undefined), all_of_it)


def _loading(number: int) -> Any:
    @_intrinsic  # type: ignore[untyped-decorator]
    def load(typing: Any, array: Any, at: Any, apart: Any) -> Any:
        """So many runs of a flat array, from a place on, and so far apart; nobody checks."""

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            places = _places(context, builder, signature.args[0], args, number)
            runs = [builder.load(place, align=4) for place in places]
            return _pack(builder, runs)

        return _tuple_type(_run, number)(array, types.intp, types.intp), generate

    return load


load1, load2, load4, load6 = map(_loading, (1, 2, 4, 6))


@_intrinsic  # type: ignore[untyped-decorator]
def store(typing: Any, array: Any, at: Any, apart: Any, runs: Any) -> Any:
    """Write some runs into a flat array, from a place on, and so far apart; nobody checks."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        values = _unpack(builder, args[3])
        places = _places(context, builder, signature.args[0], args[:3], len(values))
        for value, place in zip(values, places, strict=True):
            builder.store(value, place, align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, runs), generate


@_intrinsic  # type: ignore[untyped-decorator]
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

    _typed(function)(of_types)
    _lowered(function, _run, _run)(of_runs)
    _lowered(function, types.float32, _run)(of_number)


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")
