"""A pass over one number: what comes between passes over rows."""

from __future__ import annotations

from autograd.codegen.native.body import Module
from autograd.codegen.native.lanes import Text, memory_type
from autograd.codegen.native.plan import Pass
from autograd.codegen.native.sums import Accumulator

__all__ = ["write_single"]


def write_single(text: Text, module: Module, one: Pass, pointers: list[str]) -> None:
    """Read the inputs, and write the roots, in one lane."""
    narrow, scalar = module.narrowed(), text.narrowed(1)
    names = {}
    for k, place in enumerate(one.inputs):
        if place.step in ("index", "still"):
            names[k] = scalar.add(f"ptrtoint ptr {pointers[k]} to i64")
            continue
        size = place.dtype.itemsize
        kind = memory_type(place.dtype)
        names[k] = scalar.add(f"load {kind}, ptr {pointers[k]}, align {size}")
        if place.dtype.kind == "b":
            names[k] = scalar.add(f"icmp ne i8 {names[k]}, 0")
    values = narrow.body(scalar, list(one.roots), names)
    results = zip(one.outputs, values, pointers[len(one.inputs) :], one.roots, strict=True)
    for place, value, pointer, root in results:
        if place.kind:
            sums = Accumulator(scalar, narrow, place.kind, root.dtype, place.dtype)
            kind = memory_type(place.dtype)
            before = scalar.add(f"load {kind}, ptr {pointer}, align {place.dtype.itemsize}")
            value = sums.combined(before, sums.widened(value))
        if place.dtype.kind == "b":
            value = scalar.add(f"zext i1 {value} to i8")
        kind, size = memory_type(place.dtype), place.dtype.itemsize
        scalar.do(f"store {kind} {value}, ptr {pointer}, align {size}")
    text.joined(scalar)
