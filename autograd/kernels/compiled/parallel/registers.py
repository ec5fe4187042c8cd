"""Tiles of sums that stay in registers while terms are added, written in LLVM's vectors.

A loop over arrays keeps its sums in memory, and each term costs a load and a store; here a term
is one multiplication and addition of vectors. How large a tile is follows from the registers that
there are: AVX-512 has 32 of 16 numbers, AVX2 16 of 8, and a sum too many goes to memory at each
term. Arrays are contiguous, and addressed by the numbers of their elements.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from autograd.kernels.compiled.parallel.lanes import LANES as _LANES

__all__ = [
    "LANES", "OUTPUTS", "ROWS", "VECTORS", "sum_of_pairs", "sum_of_taps", "sum_of_three_pairs",
]  # fmt: skip

LANES = int(_LANES)  # numbers of a vector
_IS_WIDE = LANES == 16
OUTPUTS = 8 if _IS_WIDE else 6  # rows of a tile of `sum_of_taps`
VECTORS = 2  # that each of them has
ROWS = 8 if _IS_WIDE else 4  # of a tile of pairs, with up to three vectors each

_REAL, _WHOLE = ir.FloatType(), ir.IntType(64)
_VECTOR = ir.VectorType(_REAL, LANES)
_NOTHING = ir.Constant(_VECTOR, ir.Undefined)


class _Code:
    """The instructions that tiles are made of, appended to a function."""

    def __init__(self, context: Any, builder: Any) -> None:
        self.context, self.builder = context, builder

    def data(self, kind: Any, array: Any, element: Any = _REAL) -> Any:
        """A pointer to the first element of an array, or behind an address."""
        if isinstance(kind, types.Integer):
            return self.builder.inttoptr(array, element.as_pointer())
        return self.context.make_array(kind)(self.context, self.builder, array).data

    def plus(self, start: Any, *products: Any) -> Any:
        """start + a·b + ..., of integers that may be Python's."""
        total = self._whole(start)
        for a, b in products:
            part = self.builder.mul(self._whole(a), self._whole(b))
            total = self.builder.add(total, part)
        return total

    def total(self, vector: Any) -> Any:
        """A vector that changes, and begins with this one."""
        with self.builder.goto_entry_block():
            found = self.builder.alloca(_VECTOR)
        self.builder.store(vector, found)
        return found

    def minimum(self, a: int, b: Any) -> Any:
        less = self.builder.icmp_signed("<", self._whole(a), b)
        return self.builder.select(less, self._whole(a), b)

    def number(self, data: Any, at: Any) -> Any:
        return self.builder.load(self.builder.gep(data, [at]))

    def pair(self, data: Any, start: Any, index: Any) -> tuple[Any, Any]:
        """A row of two numbers."""
        place = self.plus(start, (index, 2))
        return self.number(data, place), self.number(data, self.plus(place, (1, 1)))

    def vector(self, data: Any, at: Any) -> Any:
        found = self.builder.load(self._place(data, at))
        found.align = 4
        return found

    def put(self, vector: Any, data: Any, at: Any) -> None:
        self.builder.store(vector, self._place(data, at)).align = 4

    def spread(self, number: Any) -> Any:
        """A vector of a number LANES times."""
        zero = ir.Constant(ir.IntType(32), 0)
        first = self.builder.insert_element(_NOTHING, number, zero)
        mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return self.builder.shuffle_vector(first, _NOTHING, mask)

    def add_product(self, a: Any, b: Any, total: Any) -> None:
        """total += a·b in one step, where the CPU has it; totals stay in registers."""
        product = self.builder.fmul(a, b, flags=("contract",))
        added = self.builder.fadd(product, self.builder.load(total), flags=("contract",))
        self.builder.store(added, total)

    def _whole(self, value: Any) -> Any:
        return ir.Constant(_WHOLE, value) if isinstance(value, int) else value

    def _place(self, data: Any, at: Any) -> Any:
        return self.builder.bitcast(self.builder.gep(data, [at]), _VECTOR.as_pointer())


sum_of_taps: Any
sum_of_pairs: Any
sum_of_three_pairs: Any


@intrinsic  # type: ignore[no-redef]
def sum_of_taps(typing: Any, arrays: Any, at: Any, counts: Any, steps: Any) -> Any:
    """OUTPUTS rows of VECTORS vectors of out: bias + Σ weight · x over taps and channels.

    `arrays` are the addresses of (x, weight, bias, out, rows, columns), `at` where to begin in each
    of them. A row of `rows`, and of `columns`, is (place in x, tap). `counts` are those of rows,
    columns, channels, and of the outputs that are to be written. `steps` are those of (x, weight)
    along rows, along columns, along channels, and of out from one output to the next.
    """
    return types.void(arrays, at, counts, steps), _add_taps


def _add_taps(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    unpacked: Any = cgutils.unpack_tuple
    code = _Code(context, builder)
    kinds = (*(_REAL,) * 4, _WHOLE, _WHOLE)
    x, weight, bias, out, rows, columns = (
        code.data(*each)
        for each in zip(signature.args[0], unpacked(builder, args[0]), kinds, strict=True)
    )
    at_x, at_weight, at_bias, at_out, at_row, at_column = unpacked(builder, args[1])
    tall, wide, channels, outputs = unpacked(builder, args[2])
    x_row, weight_row, x_column, weight_column, x_channel, out_step = unpacked(builder, args[3])
    totals = []
    for r in range(OUTPUTS):
        first = code.spread(code.number(bias, code.plus(at_bias, (r, 1))))
        totals.append([code.total(first) for _ in range(VECTORS)])
    with cgutils.for_range(builder, tall) as row:
        source, tap = code.pair(rows, at_row, row.index)
        from_row = code.plus(at_x, (source, x_row))
        of_row = code.plus(at_weight, (tap, weight_row))
        with cgutils.for_range(builder, wide) as column:
            source, tap = code.pair(columns, at_column, column.index)
            begin = code.plus(from_row, (source, x_column))
            taps = code.plus(of_row, (tap, weight_column))
            with cgutils.for_range(builder, channels) as channel:
                place = code.plus(begin, (channel.index, x_channel))
                near = code.plus(taps, (channel.index, OUTPUTS))
                values = [code.vector(x, code.plus(place, (LANES, v))) for v in range(VECTORS)]
                for r in range(OUTPUTS):
                    factor = code.spread(code.number(weight, code.plus(near, (r, 1))))
                    for value, total in zip(values, totals[r], strict=True):
                        code.add_product(value, factor, total)
    for r in range(OUTPUTS):
        with builder.if_then(builder.icmp_signed("<", ir.Constant(_WHOLE, r), outputs)):
            for v, total in enumerate(totals[r]):
                place = code.plus(at_out, (r, out_step), (LANES, v))
                code.put(builder.load(total), out, place)
    return context.get_dummy_value()


def _summing_pairs(width: int) -> Any:
    """A tile of sums of products of ROWS rows with so many others."""

    def add(typing: Any, arrays: Any, at: Any, counts: Any, steps: Any) -> Any:
        signature = types.void(arrays, at, counts, steps)
        unpacked: Any = cgutils.unpack_tuple

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            code = _Code(context, builder)
            g, x, sums = (
                code.data(*pair) for pair in zip(arrays, unpacked(builder, args[0]), strict=True)
            )
            at_g, at_x, at_sums = unpacked(builder, args[1])
            places, vectors, outputs, channels = unpacked(builder, args[2])
            g_place, x_place, g_output, x_channel = unpacked(builder, args[3])
            # rows that are not there repeat the last one
            last, final = code.plus(outputs, (-1, 1)), code.plus(channels, (-1, 1))
            g_rows = [code.plus(at_g, (code.minimum(r, last), g_output)) for r in range(ROWS)]
            x_rows = [code.plus(at_x, (code.minimum(c, final), x_channel)) for c in range(width)]
            where = [code.plus(at_sums, (LANES, i)) for i in range(ROWS * width)]
            totals = [code.total(code.vector(sums, place)) for place in where]
            with cgutils.for_range(builder, places) as q, cgutils.for_range(builder, vectors) as n:
                near = code.plus(0, (q.index, g_place), (n.index, LANES))
                far = code.plus(0, (q.index, x_place), (n.index, LANES))
                values = [code.vector(x, builder.add(row, far)) for row in x_rows]
                for r, row in enumerate(g_rows):
                    factor = code.vector(g, builder.add(row, near))
                    for c, value in enumerate(values):
                        code.add_product(value, factor, totals[r * width + c])
            for total, place in zip(totals, where, strict=True):
                code.put(builder.load(total), sums, place)
            return context.get_dummy_value()

        return signature, generate

    return add


# Σ g · x over places and images, for ROWS rows of g and one or three of x, added to vectors of
# sums. `arrays` are (g, x, sums), `at` where to begin in each. `counts` are those of places, of
# vectors of images, of rows of g, and of x; `steps` those of g and x from place to place, and from
# row to row.
sum_of_pairs = intrinsic(_summing_pairs(1))
sum_of_three_pairs = intrinsic(_summing_pairs(3))
