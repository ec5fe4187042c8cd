"""Numbers of single precision at an address, which compiled loops read and write.

An array costs LLVM some forty instructions wherever it is handed on, cut or indexed, to be
optimized away; an address costs one. So loops of many small steps compile in a third of the time,
and once for arrays that lie in memory in any way.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from autograd.kernels.compiled.parallel.loops import called
from autograd.system.addresses import address_of as where

__all__ = ["add", "address_of", "copy", "four_words", "get", "places_of", "put", "word"]

Array = Any

_intrinsic: Any = intrinsic


def _pointer(builder: Any, address: Any, at: Any) -> Any:
    return builder.gep(builder.inttoptr(address, ir.FloatType().as_pointer()), [at])


@_intrinsic  # type: ignore[untyped-decorator]
def address_of(typing: Any, array: Any) -> Any:
    """Where an array begins: in a loop, where it takes no time."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.ptrtoint(data, ir.IntType(64))

    return types.intp(array), generate


@_intrinsic  # type: ignore[untyped-decorator]
def get(typing: Any, address: Any, at: Any) -> Any:
    """The number at a place behind an address; nobody checks."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_pointer(builder, *args))

    return types.float32(types.intp, types.intp), generate


@_intrinsic  # type: ignore[untyped-decorator]
def word(typing: Any, address: Any, at: Any) -> Any:
    """The whole number at a place behind an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        return builder.load(builder.gep(pointer, [args[1]]))

    return types.int64(types.intp, types.intp), generate


@_intrinsic  # type: ignore[untyped-decorator]
def put(typing: Any, address: Any, at: Any, number: Any) -> Any:
    """Write a number to a place behind an address; nobody checks."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _pointer(builder, *args[:2]))
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.float32), generate


@called
def four_words(address: int, at: int) -> Any:
    """Four whole numbers from a place on."""
    return word(address, at), word(address, at + 1), word(address, at + 2), word(address, at + 3)


def places_of(*arrays: Array) -> tuple[int, ...]:
    """The addresses of arrays; who uses them must keep the arrays."""
    return tuple(map(where, arrays))


@called
def add(source: int, target: int, size: int) -> None:
    """target += source."""
    for i in range(size):
        put(target, i, get(target, i) + get(source, i))


@called
def copy(source: int, target: int, size: int) -> None:
    """target ← source."""
    for i in range(size):
        put(target, i, get(source, i))
