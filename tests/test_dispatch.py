"""Ops give way to symbols, wherever they stand: one rule, for the whole table."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
from autograd.engine.op import op
from autograd.engine.operands import raw
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample
from autograd.errors import DTypeError, InPlaceError
from autograd.graph.formula import Symbol
from tests.by_op import by_op
from tests.numeric import ATOL, RTOL


class Answer(NamedTuple):
    """What a call gave that an op gave way to."""

    op: Op
    inputs: tuple[Any, ...]
    params: dict[str, Any]


class Asked:
    """A symbol that says what it was asked, and has nothing else."""

    def __autograd_op__(self, op: Op, inputs: tuple[Any, ...], params: dict[str, Any]) -> Answer:
        return Answer(op, inputs, params)


SAMPLES = [
    pytest.param(op, sample, id=f"{name}-{number}-{sample}")
    for name, op in sorted(OPS.items())
    for number, sample in enumerate(op.samples() if op.samples else ())
]
PRIMITIVE = [case for case in SAMPLES if not case.values[0].composite]
COMPOSITE = [  # but those whose shape or dtype depends on numbers, which a symbol does not tell
    case for case in SAMPLES if case.values[0].composite and not case.values[0].counts
]

KINDS: dict[str, Callable[[Any], Any]] = {
    "tensors": lambda x: ag.Tensor(x, requires_grad=np.asarray(x).dtype.kind in "fc"),
    "constants": ag.asarray,
    "arrays": lambda x: x,
    "numbers": lambda x: np.asarray(x).item() if np.size(x) == 1 else x,
}


def others(sample: Sample, kind: str) -> list[Any]:
    return [None if x is None else KINDS[kind](x) for x in sample.inputs]


@pytest.mark.parametrize("kind", KINDS)
@by_op(("op", "sample"), PRIMITIVE)
def test_an_op_gives_way_to_a_symbol_at_any_input(op: Op, sample: Sample, kind: str) -> None:
    for position in range(len(sample.inputs)):
        for symbol in (Asked(), [Asked()], (1.0, [Asked()])):
            inputs = others(sample, kind)
            inputs[position] = symbol
            answer = op.record(*inputs, **sample.params)
            assert type(answer) is Answer
            assert answer.op is op
            assert all(map(operator.is_, answer.inputs, inputs)), "the inputs, as they were given"
            assert answer.params.keys() >= sample.params.keys()


@by_op(("op", "sample"), COMPOSITE)
def test_a_composite_runs_on_symbols_among_tensors(op: Op, sample: Sample) -> None:
    """No Tensor ever holds a symbol, and the numbers are those of a call on arrays."""
    inputs = [None if x is None else np.asarray(x) for x in sample.inputs]
    expected = parts(op.record(*inputs, **sample.params))
    for position, x in enumerate(inputs):
        if x is None:
            continue
        given: list[Any] = [None if i is None else KINDS["tensors"](i) for i in inputs]
        given[position] = Symbol("x", x)
        found = parts(op.record(*given, **sample.params))
        assert any(type(y) is Symbol for y in found)
        for y, want in zip(found, expected, strict=True):
            assert not (isinstance(y, ag.Tensor) and type(y._value) is Symbol)
            value = y.value if type(y) is Symbol else raw(y)
            np.testing.assert_allclose(value, want, RTOL, ATOL)


def parts(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


X = ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
S = Asked()
CALLS: dict[str, Callable[[], Any]] = {
    "multiply": lambda: X * S,
    "multiply reflected": lambda: S * X,  # type: ignore[operator]
    "subtract": lambda: X - S,
    "subtract reflected": lambda: S - X,  # type: ignore[operator]
    "power": lambda: X**S,
    "power reflected": lambda: S**X,  # type: ignore[operator]
    "matmul": lambda: X @ S,
    "matmul reflected": lambda: S @ X,  # type: ignore[operator]
    "equal": lambda: X == S,
    "less": lambda: X < S,
    "greater": lambda: S < X,  # type: ignore[operator]
    "matmul method": lambda: X.matmul(S),
    "clip by name": lambda: ag.clip(X, max=S),
    "clip method": lambda: X.clip(0.0, max=S),
    "where": lambda: ag.where(X > 2, S, X),
    "linear": lambda: ag.linear(X, X, S),
    "concat": lambda: ag.concat([X, S]),
    "stack": lambda: ag.stack([X, S]),
    "getitem": lambda: X[S],
    "getitem of several": lambda: X[0, S],
    "take": lambda: X.take(S),
    "masked_fill": lambda: X.masked_fill(S, 0.0),
    "multiply in NumPy": lambda: np.multiply(X, S),  # type: ignore[call-overload]
    "add in NumPy": lambda: np.add(X, S),  # type: ignore[call-overload]
    "where in NumPy": lambda: np.where(X > 2, X, S),
    "concat in NumPy": lambda: np.concatenate([X, S]),  # type: ignore[arg-type]
    "clip in NumPy": lambda: np.clip(X, 0.0, S),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_way_to_call_an_op_gives_way(call: Callable[[], Any]) -> None:
    assert type(call()) is Answer


def test_the_first_of_several_symbols_is_asked() -> None:
    class Second(Asked):
        def __autograd_op__(self, op: Op, inputs: Any, params: Any) -> Any:
            raise AssertionError("the second")

    assert type(ag.multiply(Asked(), Second())) is Answer


def test_an_op_of_the_users_gives_way_to_a_symbol_among_its_parameters() -> None:
    try:

        @op("by · x", x=lambda g, by: g * by)
        def scaled_by_a_symbol(x: Any, /, by: Any) -> Any:
            return x * by

        assert scaled_by_a_symbol(X, by=S).params == {"by": S}
    finally:
        OPS.pop("scaled_by_a_symbol")


def test_in_place_a_name_becomes_the_symbol_and_an_item_cannot() -> None:
    y = X * 1
    y *= S
    assert type(y) is Answer
    for key, value in ((0, S), (S, 1.0)):
        z = X * 1
        with pytest.raises(InPlaceError, match=r"x\[i\] = v: a Tensor holds no Asked"):
            z[key] = value


def test_a_symbol_is_no_end_of_a_slice() -> None:
    with pytest.raises(DTypeError, match="slice indices must be integers"):
        X[S:]  # type: ignore[misc]


def test_numpys_functions_without_a_recorded_form_ask_the_symbol() -> None:
    class Numpys(Asked):
        def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> str:
            return "asked"

        def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> str:
            return "asked"

    assert np.isnat(Numpys()) == "asked"  # type: ignore[call-overload]
    assert np.busday_count(X, Numpys()) == "asked"  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="busday_count"):
        np.busday_count(X, S)  # type: ignore[call-overload]


def test_symbols_of_a_printed_rule_meet_tensors() -> None:
    x = Symbol("x", np.array([1.0, 2.0]))
    y = ag.Tensor([3.0, 4.0])
    for product in (x * y, y * x, ag.multiply(x, y), ag.multiply(y, x), np.multiply(x, y)):
        assert type(product) is Symbol
        assert product.value.tolist() == [3.0, 8.0]
        assert type(product.value) is np.ndarray
