"""Large elementwise operations in blocks: values and gradients are those of whole arrays.

The thresholds are lowered here, so that arrays of a few hundred elements are large.
"""

from __future__ import annotations

import importlib
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn  # noqa: F401 - its ops join the table
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample
from autograd.kernels.parallel import elementwise as kernel
from autograd.kernels.parallel import twins
from tests.by_op import by_op

recorder = importlib.import_module("autograd.engine.recorder")
stretch = importlib.import_module("autograd.sweep.stretch")

SHAPE = (5, 211)
OUT_OF_REACH = 1 << 60
CASES = [
    pytest.param(op, sample, id=f"{name}-{number}-{sample}")
    for name, op in sorted(OPS.items())
    if op.elementwise
    for number, sample in enumerate(op.samples())
    if sample.label not in ("0-d", "empty", "broadcast")
]


def set_large(large: int, block: int = 128) -> None:
    recorder.LARGE = kernel.LARGE = kernel.HUGE = large
    kernel.BLOCK = block


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    kept = kernel.LARGE, kernel.HUGE, kernel.BLOCK
    threads = ag.get_num_threads()
    yield
    kernel.LARGE, kernel.HUGE, kernel.BLOCK = kept
    recorder.LARGE = kernel.LARGE
    ag.set_num_threads(threads)


def blocks_and_whole(run: Callable[[], Any], large: int = 128) -> tuple[Any, Any]:
    set_large(OUT_OF_REACH)
    whole = run()
    set_large(large)
    return run(), whole


def assert_same(found: Any, expected: Any) -> None:
    """The same kinds, dtypes, shapes and bits (every NaN is like every other)."""
    assert type(found) is type(expected)
    if isinstance(found, (list, tuple)):
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            assert_same(a, b)
    elif found is not None:
        a, b = np.asarray(found), np.asarray(expected)
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_array_equal(a, b)
        assert np.array_equal(np.signbit(a.real), np.signbit(b.real)) or np.isnan(a).any()


def large(sample: Sample, dtype: str) -> list[Any]:
    """The inputs of a sample, repeated until they are large."""
    inputs = []
    for x in sample.inputs:
        if isinstance(x, np.ndarray) and x.ndim:
            kind = {"f": dtype, "c": "complex64" if dtype == "float32" else "complex128"}
            with np.errstate(over="ignore"):  # the ends of float16
                x = np.resize(x, SHAPE).astype(kind.get(x.dtype.kind, x.dtype))
        inputs.append(x)
    return inputs


def value_and_gradients(op: Op, inputs: list[Any], params: dict[str, Any]) -> list[Any]:
    named = [op.inputs[0]] * len(inputs) if op.variadic else op.inputs
    given = [
        ag.Tensor(x, requires_grad=True, dtype=x.dtype)
        if isinstance(x, np.ndarray) and x.dtype.kind in "fc" and name in op.rules
        else x
        for x, name in zip(inputs, named, strict=False)
    ]
    out = op.record(*given, **params)
    leaves = [x for x in given if isinstance(x, ag.Tensor)]
    if leaves and out.requires_grad:
        g = np.random.default_rng(0).uniform(0.5, 1.5, out.shape).astype(out.dtype)
        out.backward(g)
    return [out._value, *(None if x.grad is None else x.grad._value for x in leaves)]


# ---- the table of ops ----------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@by_op(("op", "sample"), CASES)
def test_an_op_and_its_rules_give_the_same_bits_in_blocks(
    op: Op, sample: Sample, dtype: str, threads: int
) -> None:
    ag.set_num_threads(threads)
    inputs = large(sample, dtype)

    def run() -> list[Any]:
        with np.errstate(all="ignore"):
            return value_and_gradients(op, inputs, sample.params)

    assert_same(*blocks_and_whole(run))


FORWARDS = {
    "tanh": (lambda x: ag.tanh(x), True),
    "a formula": (lambda x: ag.softsign(x), True),
    "with a compiled twin": (lambda x: ag.sigmoid(x), not twins._FAST),  # which takes it whole
    "product": (lambda x: x * x, True),
    "product with a row": (lambda x: x * np.ones(211), True),
    "product with a column": (lambda x: x * np.ones((5, 1)), True),
    "a number in the first place": (lambda x: 2.0 * x, True),
    "product with a repeated number": (lambda x: x * np.broadcast_to(2.0, SHAPE), True),
    "strided": (lambda x: ag.tanh(ag.transpose(x)), False),
    "own loops": (lambda x: ag.gelu(x), False),
    "small": (lambda x: ag.tanh(x[0, :50]), False),
    "an alias": (lambda x: ag.real(x), False),
}


@pytest.mark.parametrize("name", FORWARDS)
def test_forwards_in_one_piece_go_in_blocks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forward, expected = FORWARDS[name]
    set_large(128)
    shared: list[int] = []
    share = kernel.share
    monkeypatch.setattr(kernel, "share", lambda *args: (shared.append(1), share(*args)))
    forward(ag.Tensor(np.random.default_rng(0).random(SHAPE)))
    assert bool(shared) is expected


MIXED: dict[str, Callable[[ag.Tensor], Any]] = {
    "a Python number": lambda x: ag.power(2.5, x),
    "a NumPy scalar of double precision": lambda x: ag.power(np.float64(2.5), x),
    "a 0-d array of double precision": lambda x: ag.power(np.array(2.5), x),
    "an array of whole numbers": lambda x: ag.power(2 + np.arange(x.size).reshape(x.shape) % 3, x),
    "an array of half precision": lambda x: ag.hypot(x, np.ones(SHAPE, np.float16)),
    "a complex number": lambda x: ag.power(1 + 2j, x),
    "a complex array": lambda x: x * np.full(SHAPE, 1 + 2j),
    "a row": lambda x: ag.hypot(x, np.linspace(1, 2, SHAPE[1], dtype="float32")),
    "a column of double precision": lambda x: ag.hypot(np.linspace(1, 2, SHAPE[0])[:, None], x),
    "a repeated number": lambda x: ag.hypot(x, np.broadcast_to(np.float32(2.0), SHAPE)),
    "a strided array": lambda x: ag.hypot(x, np.ones(SHAPE[::-1]).T),
}


@pytest.mark.parametrize("name", MIXED)
def test_kinds_of_numbers_give_the_dtype_and_bits_of_whole_arrays(name: str) -> None:
    def run() -> list[Any]:
        data = np.random.default_rng(0).uniform(0.5, 1.5, SHAPE).astype("float32")
        x = ag.Tensor(data, requires_grad=True)
        y = MIXED[name](x)
        out = (ag.tanh(y) * y).sum()
        ag.real(out).backward()
        return [y._value, x.grad._value]

    assert_same(*blocks_and_whole(run))


# ---- chains --------------------------------------------------------------------------------------

STEPS: dict[str, Callable[..., Any]] = {
    "tanh": lambda x, y, z, a, row: ag.tanh(x),
    "sigmoid": lambda x, y, z, a, row: ag.sigmoid(y) * x,
    "scale": lambda x, y, z, a, row: a * x + 0.5,
    "number": lambda x, y, z, a, row: x - a,
    "row": lambda x, y, z, a, row: x * row,
    "square": lambda x, y, z, a, row: x * x,
    "product with the first": lambda x, y, z, a, row: ag.tanh(x) * z,
    "loops with the first": lambda x, y, z, a, row: x + ag.gelu(z),
    "twice": lambda x, y, z, a, row: x + x,
    "add": lambda x, y, z, a, row: x + y,
    "exp": lambda x, y, z, a, row: ag.exp(-(x * x)),
    "sine": lambda x, y, z, a, row: ag.sin(x),
    "where": lambda x, y, z, a, row: ag.where(y._value > 0, x, y),
    "gelu": lambda x, y, z, a, row: ag.gelu(x),
    "transposed": lambda x, y, z, a, row: ag.transpose(ag.tanh(ag.transpose(x))),
    "product with itself": lambda x, y, z, a, row: x * (x * 0.5),
}


SHAPES = [(127,), (128,), (129,), (1000,), (7, 41), (3, 5, 40), (1, 257), (300, 1)]


def run_chain(
    steps: list[str], shape: tuple[int, ...], dtype: str, total: str, **options: Any
) -> list[Any]:
    rng = np.random.default_rng(len(steps))
    data = [rng.uniform(-1, 1, s).astype(dtype) for s in (shape, shape, (), shape[-1:])]
    leaves = [ag.Tensor(d, requires_grad=True, dtype=d.dtype) for d in data]
    x, y, a, row = leaves
    values = [x, y]
    for step in steps:
        values.append(STEPS[step](values[-1], values[-2], values[0], a, row))
        if np.max(np.abs(values[-1]._value)) > 1e3:
            values[-1] = ag.tanh(values[-1])
    before = [v._value.copy() for v in values]
    out = values[-1]
    seed = rng.uniform(0.5, 1.5, shape).astype(dtype)
    before.append(seed.copy())
    if total != "seed":
        out = getattr(ag, total)(out)
    if "seen" in options and len(values) > 3 and values[3].requires_grad:
        values[3].retain_grad()
    out.backward(seed if total == "seed" else None)
    assert_same([*(v._value for v in values), seed], before)
    grads = [leaf.grad for leaf in leaves]
    arrays = [g._value for g in grads if isinstance(g, ag.Tensor) and g.ndim]
    for i, one in enumerate(arrays):
        assert not np.shares_memory(one, seed)
        assert not any(np.shares_memory(one, other) for other in arrays[i + 1 :])
        assert not any(np.shares_memory(one, v._value) for v in values)
    return [g if g is None else g._value for g in grads]


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=9),
    shape=st.sampled_from(SHAPES),
    dtype=st.sampled_from(["float32", "float64"]),
    total=st.sampled_from(["sum", "mean", "seed"]),
    seen=st.booleans(),
)
def test_gradients_of_chains_are_the_same_bits_and_alias_nothing(
    steps: list[str], shape: tuple[int, ...], dtype: str, total: str, seen: bool
) -> None:
    options = {"seen": True} if seen else {}
    found, expected = blocks_and_whole(lambda: run_chain(steps, shape, dtype, total, **options))
    assert_same(found, expected)


FIXED = {
    "numbers": ["tanh", "scale", "sigmoid", "exp"],
    "earlier cotangents": ["tanh", "square", "loops with the first", "scale"],
    "the first again": ["product with the first", "exp", "product with the first", "tanh"],
    "transposed": ["tanh", "sigmoid", "transposed", "sigmoid", "scale"],
}


@pytest.mark.parametrize("total", ["sum", "mean", "seed"])
@pytest.mark.parametrize("name", FIXED)
def test_gradients_of_a_chain_are_the_same_bits(name: str, total: str) -> None:
    assert_same(*blocks_and_whole(lambda: run_chain(FIXED[name], (40, 50), "float32", total)))


def test_a_long_chain_of_large_nodes_is_swept_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[tuple[list[str], bool]] = []
    sweep = stretch.Stretch.sweep

    def noted(self: Any, *args: Any) -> bool:
        done: bool = sweep(self, *args)
        swept.append(([step.node.op.name for step in self.steps], done))
        return done

    monkeypatch.setattr(stretch.Stretch, "sweep", noted)
    set_large(128)
    run_chain(["tanh", "scale", "sigmoid", "exp"], SHAPE, "float32", "mean")
    names = ["exp", "negative", "multiply", "multiply", "sigmoid", "add", "multiply", "tanh"]
    assert swept == [(names, True)]


def test_a_graph_that_is_kept_gives_its_gradients_again() -> None:
    def run() -> list[Any]:
        x = ag.Tensor(np.linspace(-1, 1, 500), requires_grad=True, dtype="float64")
        y = (ag.tanh(x) * ag.sigmoid(x)).sum()
        y.backward(retain_graph=True)
        y.backward(retain_graph=True)
        return [x.grad._value, ag.grad(y, x)[0]._value]

    assert_same(*blocks_and_whole(run))


def test_a_second_backward_without_a_kept_graph_is_an_error_in_blocks_too() -> None:
    set_large(128)
    x = ag.Tensor(np.linspace(-1, 1, 500), requires_grad=True)
    y = (ag.tanh(x) * ag.sigmoid(x)).sum()
    y.backward()
    with pytest.raises(ag.errors.FreedGraphError):
        y.backward()


def test_second_derivatives_are_the_same_bits() -> None:
    def run() -> list[Any]:
        x = ag.Tensor(np.linspace(-1, 1, 500), requires_grad=True, dtype="float64")
        (dx,) = ag.grad((ag.tanh(x) * ag.exp(x)).sum(), x, create_graph=True)
        (dx * dx).sum().backward()
        return [dx._value, x.grad._value]

    assert_same(*blocks_and_whole(run))


def test_threads_may_sweep_large_graphs_at_once() -> None:
    set_large(128)
    steps = ["tanh", "scale", "sigmoid", "exp", "gelu", "square"]

    def run(number: int) -> list[Any]:
        return run_chain(steps[: 3 + number % 4], SHAPE, "float32", "mean")

    expected = [run(number) for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert_same(list(pool.map(run, range(8))), expected)


def test_a_hook_sees_and_changes_the_whole_cotangent() -> None:
    def run() -> list[Any]:
        seen = []
        x = ag.Tensor(np.linspace(-1, 1, 500), requires_grad=True, dtype="float64")
        h = ag.tanh(x * 2.0)
        h.register_hook(lambda g: (seen.append(g._value.copy()), g * 2)[1])
        (ag.exp(h) * ag.sigmoid(h)).sum().backward()
        return [*seen, x.grad._value]

    assert_same(*blocks_and_whole(run))


def test_cotangents_in_the_middle_may_be_asked_for() -> None:
    def run() -> list[Any]:
        x = ag.Tensor(np.linspace(-1, 1, 500), requires_grad=True, dtype="float64")
        h = ag.tanh(x) * x
        out = (ag.exp(h) * ag.sigmoid(h) * h).sum()
        return [g._value for g in ag.grad(out, [h, x])]

    assert_same(*blocks_and_whole(run))


def test_inputs_off_the_path_get_nothing() -> None:
    def run() -> list[Any]:
        x, y = (ag.Tensor(np.linspace(-1, 1, 500), requires_grad=True) for _ in range(2))
        (ag.tanh(x) * ag.sigmoid(y) * ag.exp(y)).sum().backward(inputs=[x])
        return [x.grad._value, y.grad]

    assert_same(*blocks_and_whole(run))


# ---- what fails, and what is told of it ----------------------------------------------------------


def test_a_warning_comes_once_and_from_the_same_line() -> None:
    def run() -> list[Any]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            x = ag.Tensor(np.tile(np.linspace(-1, 1, 101), 5), requires_grad=True)
            y = ag.log(x)  # of numbers below 0, and of 0
            (y + ag.tanh(x) * ag.sigmoid(x)).backward(np.ones(505))  # 1 / 0
        return [(str(w.message), w.filename, w.lineno) for w in caught]

    found, expected = blocks_and_whole(run)
    assert found == expected
    assert len(found) == 3


def test_error_states_are_the_callers() -> None:
    set_large(128)
    x = ag.Tensor(np.zeros(500), requires_grad=True)
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError, match="divide by zero"):
        ag.log(x)
    with np.errstate(all="ignore"):
        y = ag.log(x)
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError) as caught:
        (y + ag.tanh(x) * ag.sigmoid(x)).backward(np.ones(500))
    assert any("rule of log" in note for note in caught.value.__notes__)


def test_shapes_that_do_not_fit_are_told_as_ever() -> None:
    def run() -> str:
        with pytest.raises(ag.errors.ShapeError) as caught:
            ag.power(ag.Tensor(np.ones(500)), ag.Tensor(np.ones(501)))
        return str(caught.value)

    found, expected = blocks_and_whole(run)
    assert found == expected


def test_array_subclasses_go_the_ordinary_way() -> None:
    set_large(128)
    masked = np.ma.masked_array(np.ones(500), mask=np.arange(500) % 2)
    assert type(kernel.in_blocks(np.tanh)(masked)) is np.ma.MaskedArray


def test_the_memory_peak_of_a_sweep_does_not_rise() -> None:
    def peak() -> int:
        x = ag.Tensor(np.linspace(-1, 1, 1 << 16), requires_grad=True, dtype="float64")
        loss = (ag.tanh(ag.sigmoid(ag.tanh(x) * x) + ag.exp(-(x * x)))).sum()
        tracemalloc.start()
        try:
            start, _ = tracemalloc.get_traced_memory()
            loss.backward()
            _, top = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        return top - start

    set_large(OUT_OF_REACH)
    whole = peak()
    set_large(1 << 12, 1 << 12)
    assert peak() <= whole


# ---- the kernel ----------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(
    size=st.integers(1, 5000),
    block=st.sampled_from([128, 200, 1024]),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_sums_of_halves_join_to_numpys_sum(size: int, block: int, dtype: str) -> None:
    set_large(128, block)
    x = np.random.default_rng(size).standard_normal(size).astype(dtype)
    pieces = list(kernel.halves(0, size))
    assert [piece.stop for piece in pieces[:-1]] == [piece.start for piece in pieces[1:]]
    sums = iter([np.sum(x[piece]) for piece in pieces])
    assert kernel.joined(sums, size) == np.sum(x)


MADE: dict[str, tuple[Callable[..., Any], int, kernel.Made]] = {
    "a ufunc": (lambda g, y: g * y, 2, kernel.Made(1, np.multiply, True)),
    "a ufunc and a number": (lambda x: np.maximum(x, 0), 1, kernel.Made(1, None, True)),
    "arguments exchanged": (lambda x, y: y / x, 2, kernel.Made(1, None, True)),
    "a slow ufunc": (lambda x: np.tanh(x), 1, kernel.Made(1, np.tanh, False)),
    "a formula": (lambda g, out: g * (1 - out * out), 2, kernel.Made(3)),
    "a choice": (lambda c, g: np.where(c, g, 0), 2, kernel.Made(1)),
    "the argument": (lambda g: g, 1, kernel.Made(0)),
    "something else": (lambda x: np.sort(x), 1, kernel.Made(None)),
    "a question": (lambda x: x if x > 0 else -x, 1, kernel.Made(None)),
    "a number": (lambda x: 1.0, 1, kernel.Made(None)),
    "not the last": (lambda x: (np.exp(x), np.tanh(x))[0], 1, kernel.Made(None)),
}


@pytest.mark.parametrize("name", MADE)
def test_what_a_function_is_made_of(name: str) -> None:
    function, count, expected = MADE[name]
    assert kernel.made_of(function, count) == expected


@pytest.mark.parametrize("watch", [ag.profile, ag.detect_anomaly])
def test_a_stretch_goes_in_blocks_while_a_profile_looks_on_and_whole_for_anomalies(
    watch: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ag.set_num_threads(1)
    found: list[Any] = []
    real = stretch.Stretch.run

    def run(self: Any, at: slice, watches: Any) -> Any:
        found.append(at)
        return real(self, at, watches)

    monkeypatch.setattr(stretch.Stretch, "run", run)
    x = np.random.default_rng(0).normal(size=1000)

    def gradient() -> Any:
        leaf = ag.Tensor(x, requires_grad=True)
        (ag.tanh(leaf * leaf) * ag.exp(leaf)).sum().backward()
        assert leaf.grad is not None
        return leaf.grad.numpy().tobytes()

    set_large(128)
    alone, blocks = gradient(), len(found)
    with watch() as p:
        watched = gradient()
    assert alone == watched
    assert blocks > 1
    if p is None:
        assert len(found) == blocks
    else:
        assert len(found) == 2 * blocks
        names = [event.name for event in p.events if event.kind == "backward"]
        assert names.count("tanh") == blocks
