"""The transforms of tiles of Winograd's convolution, of their results and of weights.

Two rows of a transformed tile are made at once, from what their columns have in common, and written
from registers: no more of them would find room there. Arrays are addresses, and places in them
numbers; a tile is given by the addresses of its rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.kernels.compiled.parallel.lanes import LANES, load1, load_some, run_of, store
from autograd.kernels.compiled.parallel.loops import called, constant

__all__ = [
    "even_rows", "odd_rows", "turn_cotangent", "turn_input", "turn_taps", "turn_taps_back",
]  # fmt: skip

Run = Any

_ZERO, _TWO, _FOUR, _FIVE, _EIGHT = map(np.float32, (0, 2, 4, 5, 8))
_QUARTER, _SIXTH, _TWELFTH, _LAST = map(np.float32, (1 / 4, 1 / 6, 1 / 12, 1 / 24))
_START = constant(0)


@called
def _input_line(d0: Run, d1: Run, d2: Run, d3: Run, d4: Run, d5: Run) -> Any:
    """Bᵀ d."""
    a, b, c, d = d4 - _FOUR * d2, d3 - _FOUR * d1, d4 - d2, _TWO * (d3 - d1)
    first, last = _FOUR * d0 - _FIVE * d2 + d4, _FOUR * d1 - _FIVE * d3 + d5
    return first, a + b, a - b, c + d, c - d, last


@called
def _cotangent_line(g0: Run, g1: Run, g2: Run, g3: Run) -> Any:
    """A g."""
    a, b, c, d = g0 + g2, g1 + g3, g0 + _FOUR * g2, _TWO * (g1 + _FOUR * g3)
    return g0, a + b, a - b, c + d, c - d, g3


@called
def _product_line(m0: Run, m1: Run, m2: Run, m3: Run, m4: Run, m5: Run, added: Run) -> Any:
    """Aᵀ m, and what is added."""
    a, b, c, d = m1 + m2, m3 + m4, m1 - m2, m3 - m4
    third = a + _FOUR * b + added
    return m0 + a + b + added, c + _TWO * d + added, third, c + _EIGHT * d + m5 + added


@called
def _load4(rows: Any, at: int, number: int) -> Any:
    return (
        load_some(rows[0], at, number), load_some(rows[1], at, number),
        load_some(rows[2], at, number), load_some(rows[3], at, number),
    )  # fmt: skip


@called
def _input_near(rows: Any, at: int, number: int) -> Any:
    """The second and the third of Bᵀ d, which take the four rows in the middle."""
    d1, d2, d3, d4 = _load4(rows, at, number)
    a, b = d4 - _FOUR * d2, d3 - _FOUR * d1
    return a + b, a - b


@called
def _input_far(rows: Any, at: int, number: int) -> Any:
    """The fourth and the fifth."""
    d1, d2, d3, d4 = _load4(rows, at, number)
    c, d = d4 - d2, _TWO * (d3 - d1)
    return c + d, c - d


@called
def _input_end(rows: Any, at: int, number: int) -> Run:
    """The first or the last, of every second row."""
    near, far = load_some(rows[0], at, number), load_some(rows[1], at, number)
    return _FOUR * near - _FIVE * far + load_some(rows[2], at, number)


@called
def _cotangent_near(rows: Any, at: int, number: int) -> Any:
    g0, g1, g2, g3 = _load4(rows, at, number)
    a, b = g0 + g2, g1 + g3
    return a + b, a - b


@called
def _cotangent_far(rows: Any, at: int, number: int) -> Any:
    g0, g1, g2, g3 = _load4(rows, at, number)
    c, d = g0 + _FOUR * g2, _TWO * (g1 + _FOUR * g3)
    return c + d, c - d


@called
def _cotangent_end(rows: Any, at: int, number: int) -> Run:
    return load_some(rows[0], at, number)


def _of_six(two: Any) -> Any:
    """Two transformed rows of 6 columns, which then are transformed themselves."""

    @called
    def rows_of(rows: Any, at: int, right: int, n: Any, out: int, to: int, step: int) -> None:
        p0, q0 = two(rows, at, n[0])
        p1, q1 = two(rows, at + right, n[1])
        p2, q2 = two(rows, at + 2 * right, n[2])
        p3, q3 = two(rows, at + 3 * right, n[3])
        p4, q4 = two(rows, at + 4 * right, n[4])
        p5, q5 = two(rows, at + 5 * right, n[5])
        store(out, to, step, _input_line(p0, p1, p2, p3, p4, p5))
        store(out, to + 6 * step, step, _input_line(q0, q1, q2, q3, q4, q5))

    return rows_of


def _of_four(two: Any) -> Any:
    """The same of 4 columns."""

    @called
    def rows_of(rows: Any, at: int, right: int, n: Any, out: int, to: int, step: int) -> None:
        p0, q0 = two(rows, at, n[0])
        p1, q1 = two(rows, at + right, n[1])
        p2, q2 = two(rows, at + 2 * right, n[2])
        p3, q3 = two(rows, at + 3 * right, n[3])
        store(out, to, step, _cotangent_line(p0, p1, p2, p3))
        store(out, to + 6 * step, step, _cotangent_line(q0, q1, q2, q3))

    return rows_of


_two_near, _two_far = _of_six(_input_near), _of_six(_input_far)
_four_near, _four_far = _of_four(_cotangent_near), _of_four(_cotangent_far)


@called
def _input_ends(rows: Any, at: int, right: int, n: Any, out: int, to: int, step: int) -> None:
    ends = (
        _input_end(rows, at, n[0]), _input_end(rows, at + right, n[1]),
        _input_end(rows, at + 2 * right, n[2]), _input_end(rows, at + 3 * right, n[3]),
        _input_end(rows, at + 4 * right, n[4]), _input_end(rows, at + 5 * right, n[5]),
    )  # fmt: skip
    store(out, to, step, _input_line(*ends))


@called
def _cotangent_ends(rows: Any, at: int, right: int, n: Any, out: int, to: int, step: int) -> None:
    ends = (
        _cotangent_end(rows, at, n[0]), _cotangent_end(rows, at + right, n[1]),
        _cotangent_end(rows, at + 2 * right, n[2]), _cotangent_end(rows, at + 3 * right, n[3]),
    )  # fmt: skip
    store(out, to, step, _cotangent_line(*ends))


@called
def turn_input(r: Any, right: int, n: Any, out: int, to: int, step: int) -> None:
    """Bᵀ d B."""
    _input_ends((r[0], r[2], r[4]), _START, right, n, out, to, step)
    middle = (r[1], r[2], r[3], r[4])
    _two_near(middle, _START, right, n, out, to + 6 * step, step)
    _two_far(middle, _START, right, n, out, to + 18 * step, step)
    _input_ends((r[1], r[3], r[5]), _START, right, n, out, to + 30 * step, step)


@called
def turn_cotangent(r: Any, right: int, n: Any, out: int, to: int, step: int) -> None:
    """A g Aᵀ."""
    rows = (r[0], r[1], r[2], r[3])
    _cotangent_ends(rows, _START, right, n, out, to, step)
    _four_near(rows, _START, right, n, out, to + 6 * step, step)
    _four_far(rows, _START, right, n, out, to + 18 * step, step)
    _cotangent_ends((r[3], r[3], r[3], r[3]), _START, right, n, out, to + 30 * step, step)


@called
def _even_rows(x: int, at: int, step: int) -> Any:
    """The first and the third of Aᵀ m."""
    m0, m1, m2, m3, m4, _ = _six(x, at, 6 * step)
    a, b = m1 + m2, m3 + m4
    return m0 + a + b, a + _FOUR * b


@called
def _odd_rows(x: int, at: int, step: int) -> Any:
    """The second and the last."""
    _, m1, m2, m3, m4, m5 = _six(x, at, 6 * step)
    c, d = m1 - m2, m3 - m4
    return c + _TWO * d, c + _EIGHT * d + m5


@called
def _six(x: int, at: int, down: int) -> Any:
    return (
        load1(x, at, _START)[0], load1(x, at + down, _START)[0],
        load1(x, at + 2 * down, _START)[0], load1(x, at + 3 * down, _START)[0],
        load1(x, at + 4 * down, _START)[0], load1(x, at + 5 * down, _START)[0],
    )  # fmt: skip


def _of_products(two: Any) -> Any:
    @called
    def rows_of(
        x: int, at: int, step: int, added: Run, out: int, to: int, down: int, right: int
    ) -> Run:
        """Two rows of a tile of the result, every second one; their sum."""
        p0, q0 = two(x, at, step)
        p1, q1 = two(x, at + step, step)
        p2, q2 = two(x, at + 2 * step, step)
        p3, q3 = two(x, at + 3 * step, step)
        p4, q4 = two(x, at + 4 * step, step)
        p5, q5 = two(x, at + 5 * step, step)
        a, b, c, d = _product_line(p0, p1, p2, p3, p4, p5, added)
        store(out, to, right, (a, b, c, d))
        e, f, g, h = _product_line(q0, q1, q2, q3, q4, q5, added)
        store(out, to + 2 * down, right, (e, f, g, h))
        return ((a + b) + (c + d)) + ((e + f) + (g + h))

    return rows_of


even_rows, odd_rows = _of_products(_even_rows), _of_products(_odd_rows)


# ---- weights -------------------------------------------------------------------------------------


@called
def _weight_line(w0: Run, w1: Run, w2: Run) -> Any:
    """G w."""
    a, b = _SIXTH * (w0 + w2), _SIXTH * w1
    c, d = _LAST * w0 + _SIXTH * w2, _TWELFTH * w1
    return _QUARTER * w0, run_of(_ZERO) - (a + b), b - a, c + d, c - d, w2


@called
def turn_taps(taps: int, down: int, out: int, to: int, step: int) -> None:
    """G w Gᵀ of a run of weights, whose 9 taps lie `down` numbers apart."""
    w = (
        load1(taps, _START, _START)[0], load1(taps, down, _START)[0],
        load1(taps, 2 * down, _START)[0], load1(taps, 3 * down, _START)[0],
        load1(taps, 4 * down, _START)[0], load1(taps, 5 * down, _START)[0],
        load1(taps, 6 * down, _START)[0], load1(taps, 7 * down, _START)[0],
        load1(taps, 8 * down, _START)[0],
    )  # fmt: skip
    a0, a1, a2, a3, a4, a5 = _weight_line(w[0], w[3], w[6])
    b0, b1, b2, b3, b4, b5 = _weight_line(w[1], w[4], w[7])
    c0, c1, c2, c3, c4, c5 = _weight_line(w[2], w[5], w[8])
    store(out, to, step, _weight_line(a0, b0, c0))
    store(out, to + 6 * step, step, _weight_line(a1, b1, c1))
    store(out, to + 12 * step, step, _weight_line(a2, b2, c2))
    store(out, to + 18 * step, step, _weight_line(a3, b3, c3))
    store(out, to + 24 * step, step, _weight_line(a4, b4, c4))
    store(out, to + 30 * step, step, _weight_line(a5, b5, c5))


@called
def _total_line(m0: Run, m1: Run, m2: Run, m3: Run, m4: Run, m5: Run) -> Any:
    """Gᵀ m."""
    a, b, c = _SIXTH * (m1 + m2), m3 + m4, _TWELFTH * (m3 - m4)
    return _QUARTER * m0 - a + _LAST * b, _SIXTH * (m2 - m1) + c, _SIXTH * b - a + m5


@called
def turn_taps_back(sums: int, at: int, step: int, room: int) -> None:
    """Gᵀ m G of a run of sums (36), as 9 runs in the room."""
    for i in range(6):
        m = _six(sums, at + i * step, 6 * step)
        store(room, i * LANES, 6 * LANES, _total_line(m[0], m[1], m[2], m[3], m[4], m[5]))
    for i in range(3):
        m = _six(room, 6 * i * LANES, LANES)
        store(room, 3 * i * LANES, LANES, _total_line(m[0], m[1], m[2], m[3], m[4], m[5]))
