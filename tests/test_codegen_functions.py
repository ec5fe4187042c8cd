"""Functions as formulas over primitives: within their units in the last place, in every binade."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest

from autograd.codegen.functions import coefficients
from autograd.codegen.functions.table import FUNCTIONS
from autograd.codegen.loop import loop
from autograd.codegen.native.machine import has_llvm
from autograd.codegen.node import entry, make
from autograd.codegen.numeric import evaluate
from tests.fit_coefficients import written
from tests.hard_arguments import BINARY, POINTS, UNARY

DTYPES = (np.float32, np.float64)
EXACT: dict[str, Callable[..., Any]] = {
    **{name: UNARY[name] for name in (
        "exp", "exp2", "expm1", "log", "log2", "log10", "sinh", "cosh", "tanh", "sin",
        "cos", "tan", "erf", "cbrt", "i0",
    )},
    "log1p": mp.log1p, "arcsin": UNARY["asin"], "arccos": UNARY["acos"], "arctan": UNARY["atan"],
    "arcsinh": UNARY["asinh"], "arccosh": UNARY["acosh"], "arctanh": UNARY["atanh"],
    "power": BINARY["power"], "hypot": BINARY["hypot"], "arctan2": BINARY["atan2"],
}  # fmt: skip
EXACTLY = {"scale", "fmod", "nextafter"}  # to the last bit as NumPy's, in test_codegen_ops
SATURATED = 800.0  # beyond it exponentials are 0, ±1 or infinite
SATURATES = {"exp", "exp2", "expm1", "sinh", "cosh", "tanh", "erf", "i0"}
EDGES = (
    88.72283, 88.72284, -103.97, -103.98, -87.33655, 709.782712893384, 709.7827128933841, -745.1332,
    -745.13322, -708.3964185322641, 127.99999, 1023.9999999999999, -149.5, -1074.5, 0.34657359,
    math.pi / 2, math.pi, 1e5, 1.5 * math.pi * 2**29, math.sqrt(0.5), math.sqrt(2.0), 0.55, 0.9,
    3.92, 5.92, 8.231147, 0.015541488, 0.5457248,
)  # fmt: skip


def draws(dtype: Any) -> Any:
    """Numbers of every binade, and many where functions bend; of both signs."""
    info, rng = np.finfo(dtype), np.random.default_rng(0)
    exponents = np.arange(info.minexp - info.nmant, info.maxexp)
    binades = np.ldexp(rng.uniform(1, 2, len(exponents)), exponents)
    dense = [rng.uniform(0, high, 150) for high in (1.5, 4, 100, 710)]
    x = np.concatenate([binades, *dense, POINTS, EDGES])
    with np.errstate(over="ignore"):
        x = np.concatenate([x, -x]).astype(dtype)
    return x[np.isfinite(x)]


def loop_of(name: str, count: int, dtype: Any) -> Callable[..., Any]:
    return loop(lambda *xs: make(name, *(x.node for x in xs)), *[dtype] * count)


def ulps(found: Any, exact: Any, dtype: Any) -> float:
    """How far a number is from the exact one, in units in the last place of that."""
    info = np.finfo(dtype)
    if abs(exact) >= mp.mpf(float(info.max)) * (1 + mp.mpf(float(info.eps)) / 4):
        return 0.0 if math.copysign(math.inf, exact) == found else math.inf
    if not np.isfinite(found):
        return math.inf
    power = max(info.minexp, int(mp.floor(mp.log(abs(exact), 2)))) if exact else info.minexp
    return float(abs(mp.mpf(float(found)) - exact) / mp.mpf(2) ** (power - info.nmant))


def exactly(name: str, *x: Any) -> Any:
    """The exact number; None where the function has none."""
    if name in SATURATES and abs(x[0]) > SATURATED:
        ends = {"exp": (0, mp.inf), "exp2": (0, mp.inf), "expm1": (-1, mp.inf), "tanh": (-1, 1),
                "erf": (-1, 1), "sinh": (-mp.inf, mp.inf)}  # fmt: skip
        if name == "exp2" and abs(x[0]) < 2000:
            return mp.mpf(2) ** mp.mpf(float(x[0]))
        return mp.mpf(ends.get(name, (mp.inf, mp.inf))[int(x[0] > 0)])
    try:
        found = EXACT[name](*(mp.mpf(float(v)) for v in x))
    except (ValueError, ZeroDivisionError):
        return None
    if isinstance(found, mp.mpc):
        return found.real if found.imag == 0 else None
    return found


def test_every_function_is_held_to_exact_numbers() -> None:
    assert set(FUNCTIONS) == {*EXACT, *EXACTLY}


@pytest.mark.skipif(not has_llvm(), reason="formulas run in native code")
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", EXACT)
def test_a_function_is_within_its_units_in_the_last_place(name: str, dtype: Any) -> None:
    x = draws(dtype)
    arguments = (x,)
    if name in BINARY or name == "arctan2":
        rng = np.random.default_rng(1)
        x = x[:: max(1, len(x) // 700)]
        x = x[x != 0]  # zeros with signs are special
        y = np.concatenate([rng.permutation(x) / dtype(30), rng.uniform(-30, 30, 400)])
        x = np.concatenate([x, rng.uniform(0, 5, 400)]).astype(dtype)
        arguments = (np.abs(x) if name == "power" else x, y.astype(dtype))
    elif name == "i0":
        arguments = (x[:: max(1, len(x) // 200)],)
    found = loop_of(name, len(arguments), dtype)(*arguments)
    worst, at = 0.0, None
    with mp.workdps(40):
        for *values, y in zip(*arguments, found, strict=True):
            exact = exactly(name, *values)
            if exact is None:
                assert np.isnan(y) or np.isinf(y), (values, y)
            elif (far := ulps(y, exact, dtype)) > worst:
                worst, at = far, (values, y)
    assert worst <= FUNCTIONS[name].ulps, at


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", [n for n in EXACT if n != "erf"])
def test_special_values_are_those_of_numpy(name: str, dtype: Any) -> None:
    function = FUNCTIONS[name].in_numpy
    assert function is not None
    points = np.array([0.0, -0.0, 1, -1, 2, -3, 0.5, math.inf, -math.inf, math.nan, 1e-40], dtype)
    count = 2 if name in BINARY or name == "arctan2" else 1
    grid = [points] if count == 1 else [p.ravel() for p in np.meshgrid(points, points)]
    with np.errstate(all="ignore"):
        expected = function(*grid)
    found = loop_of(name, count, dtype)(*grid)
    odd = ~np.isfinite(expected) | (expected == 0)
    np.testing.assert_array_equal(found[odd], expected[odd])
    numbers = odd & ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found[numbers]), np.signbit(expected[numbers]))
    assert np.isfinite(found[~odd]).all()


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.__name__)
def test_formulas_read_by_numpy_are_right_too(dtype: Any) -> None:
    x = np.linspace(0.1, 3.0, 60).astype(dtype)
    node = entry(0, dtype)
    for name in ("exp", "expm1", "log", "log1p", "log2", "tanh", "sin", "cos", "erf", "i0"):
        (found,) = evaluate([FUNCTIONS[name].formula(node)], [x])
        with mp.workdps(40):
            worst = max(ulps(y, exactly(name, v), dtype) for v, y in zip(x, found, strict=True))
        assert worst <= FUNCTIONS[name].ulps + 1, name


def test_coefficients_are_those_that_the_script_makes() -> None:
    assert Path(coefficients.__file__).read_text(encoding="utf-8") == written()


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.__name__)
def test_angles_of_huge_numbers_by_machine_and_by_python_are_the_same(dtype: Any) -> None:
    """The hardest of doubles too, which is nearest to a multiple of π/2 (Muller)."""
    rng = np.random.default_rng(0)
    top = np.finfo(dtype).maxexp
    x = np.ldexp(rng.choice([-1, 1], 300) * rng.uniform(1, 2, 300), rng.integers(30, top, 300))
    x = np.concatenate([x, [2.0**30, 6381956970095103.0 * 2.0 ** (797 if top > 800 else 60)]])
    x = x.astype(dtype)
    for name in ("sin", "cos", "tan"):
        (found,) = evaluate([FUNCTIONS[name].formula(entry(0, dtype))], [x])
        np.testing.assert_array_max_ulp(found, loop_of(name, 1, dtype)(x), 2)
        with mp.workdps(400):
            worst = max(ulps(y, exactly(name, v), dtype) for v, y in zip(x, found, strict=True))
        assert worst <= FUNCTIONS[name].ulps
