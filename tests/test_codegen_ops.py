"""Every elementwise op of the table as a generated loop: its forward and rules, by its samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag  # noqa: F401 - fills the table
from autograd.codegen.loop import loop
from autograd.engine.row import OPS, Op
from autograd.engine.rules import arguments
from autograd.engine.samples import Sample
from autograd.errors import AutogradError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy's own forwards

CHAPTERS = ("elementwise", "activation", "special")
NO_ELEMENTS = {"glu", "log_softmax", "maxout", "prelu", "softmax", "softmin"}  # they go along axes
# Ops that no loop can compute, and why. A rule counts as its op's.
REFUSED = {
    "angle": "complex128",  # the rule makes complex numbers
    "imag": "complex128",
    "gcd": "np.gcd has no loop",
    "lcm": "np.lcm has no loop",
    "isreal": "np.isreal has no loop",
    "iscomplex": "np.iscomplex has no loop",
} | dict.fromkeys(
    (
        "bessel_j", "bessel_y", "erfc_integral", "gamma_density", "hermite", "hyp1f1", "igamma",
        "igammac", "jacobi", "laguerre", "log_ndtr", "normal_excess", "normal_hazard",
        "scaled_bessel_i", "scaled_bessel_k", "spherical_bessel", "zeta",
    ),
    "its terms are counted in double precision",
)  # fmt: skip
ROUNDINGS = 16
DTYPES = (np.float32, np.float64)
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 30.0, 1e-40, np.inf, -np.inf, np.nan, 3e38, -1e30)


def elementwise_ops() -> list[str]:
    rooms = tuple(f"autograd.ops.{chapter}" for chapter in CHAPTERS)
    return [
        name for name, op in OPS.items()
        if (op.elementwise or op.forward.__module__.startswith(rooms)) and name not in NO_ELEMENTS
    ]  # fmt: skip


def is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic))


def of_dtype(x: Any, dtype: Any) -> Any:
    return x.astype(dtype) if is_array(x) and x.dtype.kind == "f" else x


def is_real(sample: Sample) -> bool:
    given = (*sample.inputs, sample.params.get("dtype", 0))
    return not any("complex" in str(getattr(x, "dtype", x)) for x in given)


def results(op: Op, inputs: list[Any], params: dict[str, Any], g: list[Any]) -> Iterator[Any]:
    """The outputs of an op, and what its rules give, on arrays or on values."""
    on_arrays = not any(hasattr(x, "node") for x in inputs)
    forward = op.narrow if on_arrays and not op.composite else op.record
    out = forward(*inputs, **params)
    yield from out if isinstance(out, tuple) else [out]
    if op.composite or not g:
        return
    statics = {**op.defaults, **params}
    saved = op.readable(inputs, out, [statics[name] for name in op.params])
    cotangent = tuple(g) if op.outputs > 1 else g[0]
    for (rule, slots), x in zip(op.pulls, inputs, strict=False):
        if rule is not None and getattr(getattr(x, "dtype", None), "kind", "") == "f":
            yield rule(cotangent, *arguments(slots, saved))


def eager(op: Op, inputs: list[Any], params: dict[str, Any], g: list[Any]) -> list[Any]:
    with np.errstate(all="ignore"):
        return [np.asarray(r) for r in results(op, inputs, params, g)]


def cotangents(op: Op, inputs: list[Any], params: dict[str, Any]) -> list[Any]:
    if not op.rules or op.composite:
        return []
    outputs = eager(op, inputs, params, [])
    return [np.linspace(0.5, 1.5, o.size).reshape(o.shape).astype(o.dtype) for o in outputs]


def emitted(op: Op, inputs: list[Any], params: dict[str, Any], g: list[Any]) -> list[Any]:
    """The same from one generated loop."""
    places = [i for i, x in enumerate(inputs) if is_array(x)]

    def formula(*values: Any) -> list[Any]:
        given = list(inputs)
        for i, value in zip(places, values, strict=False):
            given[i] = value
        return list(results(op, given, params, list(values[len(places) :])))

    arrays = [np.asarray(inputs[i]) for i in places] + g
    return [np.asarray(y) for y in loop(formula, *(x.dtype for x in arrays))(*arrays)]


def allowed(
    run: Callable[[list[Any], list[Any]], list[Any]], inputs: list[Any], g: list[Any], eps: float
) -> list[Any]:
    """What may be lost: what rounding the arguments would lose, a few times over."""
    found = run(inputs, g)
    losses = [eps * np.abs(np.where(np.isfinite(f), f, 0)) for f in map(np.asarray, found)]
    for step in (1 + 32 * eps, 1 - 32 * eps):
        moved = [x * x.dtype.type(step) if is_array(x) and x.dtype.kind == "f" else x
                 for x in inputs]  # fmt: skip
        for k, (a, b) in enumerate(zip(found, run(moved, g), strict=True)):
            with np.errstate(all="ignore"):
                apart = np.abs(np.asarray(a, float) - np.asarray(b, float)) / 32
            losses[k] = np.maximum(losses[k], np.where(np.isfinite(apart), apart, 0))
    return [ROUNDINGS * loss for loss in losses]


def check(op: Op, inputs: list[Any], params: dict[str, Any]) -> None:
    g = cotangents(op, inputs, params)
    floats = [x.dtype for x in (*inputs, *g) if is_array(x) and x.dtype.kind == "f"]
    eps = max((float(np.finfo(d).eps) for d in floats), default=0.0)
    expected = eager(op, inputs, params, g)
    room = allowed(lambda i, c: eager(op, i, params, c), inputs, g, eps)
    for k, (e, y, r) in enumerate(zip(expected, emitted(op, inputs, params, g), room, strict=True)):
        assert e.dtype == y.dtype, k
        e, r = np.broadcast_to(e, y.shape), np.broadcast_to(r, y.shape)
        if y.dtype.kind != "f":
            np.testing.assert_array_equal(y, e)
            continue
        tiny = 4 * float(np.finfo(y.dtype).smallest_normal)
        with np.errstate(invalid="ignore"):
            same = (e == y) | (np.isnan(e) & np.isnan(y)) | (np.abs(e - y) <= r + tiny)
        assert same.all(), (k, e[~same][:3], y[~same][:3], r[~same][:3])


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", [n for n in elementwise_ops() if n not in REFUSED])
def test_a_generated_loop_equals_the_op_and_its_rules(name: str, dtype: Any) -> None:
    for sample in filter(is_real, OPS[name].samples()):
        check(OPS[name], [of_dtype(x, dtype) for x in sample.inputs], dict(sample.params))


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.__name__)
@pytest.mark.parametrize("name", [n for n in elementwise_ops() if n not in REFUSED])
def test_special_values_are_those_of_the_op(name: str, dtype: Any) -> None:
    op = OPS[name]
    sample = next(filter(is_real, op.samples()))
    count = sum(is_array(x) and x.dtype.kind == "f" for x in sample.inputs)
    if count != len(sample.inputs) or count > 2:
        return  # of integers, or a choice
    points = np.repeat(np.array(SPECIAL).astype(dtype), 2)[::2]  # an odd number of them, apart
    grid = [points] if count == 1 else [p.ravel() for p in np.meshgrid(points, points)]
    check(op, grid, dict(sample.params))


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_loop_computes_is_refused_by_name(name: str) -> None:
    sample = next(filter(is_real, OPS[name].samples()))
    inputs, params = list(sample.inputs), sample.params
    with pytest.raises(AutogradError, match=REFUSED[name]):
        emitted(OPS[name], inputs, params, cotangents(OPS[name], inputs, params))
