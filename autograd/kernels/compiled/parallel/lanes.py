"""A run of LANES numbers of single precision as one value in a compiled loop: a vector.

Loops over elements become vector code only after LLVM has found out that arrays do not overlap,
which takes long to compile where there are many; what is written by runs is vector code as it
stands.
"""

from __future__ import annotations

import operator
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from autograd.kernels.compiled.parallel.loops import constant

__all__ = [
    "LANES",
    "load1",
    "load2",
    "load4",
    "load6",
    "load_some",
    "run_of",
    "store",
    "turn_block",
]

# AVX-512 has 32 registers of 16 numbers; of longer runs than its own registers any other would keep
# sums in memory
LANES = constant(16 if llvm.get_host_cpu_features().get("avx512f") else 8)

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
    kind = ir.VectorType(number.type, int(LANES))
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), number, _WORD(0))
    all_of_it = ir.Constant(ir.VectorType(_WORD, int(LANES)), [0] * int(LANES))
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), all_of_it)


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
def load_some(typing: Any, address: Any, at: Any, number: Any) -> Any:
    """A run behind an address of which the first `number` are read; the others are 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        (place,) = _places(context, builder, signature.args[0], (*args[:2], args[1]), 1)
        count, kind = int(LANES), ir.VectorType(ir.IntType(1), int(LANES))
        words = _spread(builder, builder.trunc(args[2], _WORD))
        there = builder.icmp_signed("<", ir.Constant(words.type, list(range(count))), words)
        given = [_VECTOR.as_pointer(), _WORD, kind, _VECTOR]
        load = builder.module.declare_intrinsic(
            f"llvm.masked.load.v{count}f32.p0", (), ir.FunctionType(_VECTOR, given)
        )
        nothing = ir.Constant(_VECTOR, [0.0] * count)
        return builder.call(load, [place, _WORD(4), there, nothing])

    return _run(types.intp, types.intp, types.intp), generate


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


@_intrinsic  # type: ignore[untyped-decorator]
def turn_block(
    typing: Any, source: Any, at: Any, down: Any, target: Any, to: Any, below: Any
) -> Any:
    """target ← sourceᵀ, of LANES runs that lie so far apart, behind addresses."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lanes, kind = int(LANES), types.intp
        places = _places(context, builder, kind, args[:3], lanes)
        rows = [builder.load(place, align=4) for place in places]
        apart = lanes // 2
        while apart:  # what lies in the wrong half of each block of so many changes places
            for i in range(lanes):
                if i & apart:
                    continue
                a, b = rows[i], rows[i + apart]
                near = [j if not j & apart else lanes + j - apart for j in range(lanes)]
                far = [j + apart if not j & apart else lanes + j for j in range(lanes)]
                rows[i], rows[i + apart] = (
                    builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_WORD, lanes), mask))
                    for mask in (near, far)
                )
            apart //= 2
        for row, place in zip(rows, _places(context, builder, kind, args[3:], lanes), strict=True):
            builder.store(row, place, align=4)
        return context.get_dummy_value()

    return types.void(*[types.intp] * 6), generate


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
