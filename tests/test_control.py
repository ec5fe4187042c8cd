"""Control flow: what cond, while_loop and scan give is what Python's if, while and for give.

In a program each is one instruction, with the numbers of the unrolled eager call: results and first
gradients to the bit where a Tensor is used once a turn, all else within the error of summation.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import errors
from autograd.control.cond import COND
from autograd.control.scan import SCAN
from autograd.control.trace import traced
from autograd.control.while_loop import WHILE
from autograd.program.passes import common_subexpressions, constant_folding, dead_code
from autograd.program.plan import Plan

RNG = np.random.default_rng(5)
W = ag.Tensor(RNG.normal(size=(3, 3)) / 2, requires_grad=True)
B = ag.Tensor(RNG.normal(size=3), requires_grad=True)
X = RNG.normal(size=(5, 3))
H = RNG.normal(size=3)


def flat(value: Any) -> list[np.ndarray[Any, Any]]:
    if isinstance(value, dict):
        return [y for part in value.values() for y in flat(part)]
    if isinstance(value, (tuple, list)):
        return [y for part in value for y in flat(part)]
    if value is None:
        return []
    return [np.asarray(value.detach() if isinstance(value, ag.Tensor) else value)]


def same(found: Any, right: Any) -> None:
    a, b = flat(found), flat(right)
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        assert x.dtype == y.dtype
        assert x.shape == y.shape
        np.testing.assert_array_equal(x, y)


def near(found: Any, right: Any) -> None:
    """Equal but for the order in which a few dozen terms were added."""
    for x, y in zip(flat(found), flat(right), strict=True):
        bound = 64 * np.finfo(y.dtype).eps * (np.abs(y).max(initial=0.0) + 1)
        assert np.abs(x - y).max(initial=0.0) <= bound


# ---- scan against loops of NumPy -----------------------------------------------------------------

SCANS: dict[str, tuple[Callable[..., Any], Any, Any]] = {
    "sum": (lambda c, x: (c + x, c), np.zeros(3), X),
    "no ys": (lambda c, x: (c * x, None), np.ones(3), X),
    "no xs": (lambda c, x: (c * 0.5, c), H, None),
    "tuple": (lambda c, x: ((c[0] + x, c[1] * c[0]), (c[0], c[1])), (np.zeros(3), np.ones(3)), X),
    "dict": (lambda c, x: ({"h": c["h"] + x["a"] * x["b"]}, {"y": c["h"]}), {"h": np.zeros(3)},
             {"a": X, "b": X[::-1].copy()}),
    "numbers": (lambda c, x: (c + x, c * x), np.float64(0.5), X[:, 0].copy()),
    "integers": (lambda c, x: ((c[0] + 1, c[1] + x), c[0]), (np.int64(0), np.zeros(3)), X),
    "carry only": (lambda c, x: (x, c), H, X),
    "no carry": (lambda c, x: (None, x * 2), None, X),
    "float32": (lambda c, x: (c + x, c), np.zeros(3, np.float32), X.astype(np.float32)),
    "complex": (lambda c, x: (c * x, c), np.ones(3, complex), X * (1 + 2j)),
    "bool": (lambda c, x: (x > c, c), np.zeros(3, bool), np.array([[0, 1, 0]] * 4)),
}  # fmt: skip


def loop(f: Any, init: Any, xs: Any, length: int, reverse: bool) -> Any:
    """The scan as a loop of NumPy."""

    def at(value: Any, i: int) -> Any:
        return {k: v[i] for k, v in value.items()} if isinstance(value, dict) else (
            None if value is None else value[i])  # fmt: skip

    ys: list[Any] = [None] * length
    for i in range(length)[:: -1 if reverse else 1]:
        init, ys[i] = f(init, at(xs, i))
    return init, [np.stack(parts) for parts in zip(*map(flat, ys), strict=True)]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("name", SCANS)
def test_scan_is_a_loop_eager_and_in_programs(name: str, reverse: bool) -> None:
    f, init, xs = SCANS[name]
    length = 4 if xs is None else len(flat(xs)[0])
    right = loop(f, init, xs, length, reverse)
    same(ag.scan(f, init, xs, length, reverse), right)
    program = ag.trace(lambda init, xs: ag.scan(f, init, xs, length, reverse), init, xs)
    assert [n.op.name for n in program if n.op.name == "scan"] == ["scan"]
    same(program(init, xs), right)
    same(Plan(program)(init, xs), right)


@pytest.mark.parametrize("length", [0, 1, 7])
def test_scan_of_any_length(length: int) -> None:
    xs = np.ones((length, 2))
    for run in (ag.scan, lambda f, c, x: ag.trace(lambda x: ag.scan(f, c, x), x)(x)):
        total, ys = run(lambda c, x: (c + x.sum(), {"x": x * 2}), 0.0, xs)
        assert total.item() == 2 * length
        assert ys["x"].shape == (length, 2)
    assert total.dtype == np.float64 or not length  # numbers are weak


# ---- gradients -----------------------------------------------------------------------------------


def once(h: Any, x: Any) -> Any:
    h = ag.tanh(h @ W + x * B)
    return h, (h * h).sum()


def twice(h: Any, x: Any) -> Any:
    h = {"h": ag.tanh(h["h"] @ W + x) * ag.sigmoid(h["h"] @ W.T), "n": h["n"] + 1}
    return h, {"y": h["h"] * B, "none": None}


def choice(h: Any, x: Any) -> Any:
    h = ag.cond(x.sum() > 0, lambda: ag.tanh(h @ W), lambda: h * B)
    return h, ag.scan(lambda c, b: (c * b, c), h, ag.stack([B, B]))[0]


def detached(h: Any, x: Any) -> Any:
    with ag.no_grad():
        gate = ag.sigmoid(h @ W)
    return h * gate + (x * B).detach() * B, h.detach() * B


def first(f: Any, start: Any = lambda h: h) -> Any:
    def step(h: Any, x: Any) -> Any:
        found = ag.scan(f, start(h), x)
        loss = sum((y * y).sum() for y in leaves_of(found) if y.dtype.kind == "f")
        return loss, ag.grad(loss, [h, x, W, B], allow_unused=True)

    return step


def leaves_of(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [y for part in value.values() for y in leaves_of(part)]
    if isinstance(value, (tuple, list)):
        return [y for part in value for y in leaves_of(part)]
    return [] if value is None else [value]


def second(f: Any, start: Any = lambda h: h) -> Any:
    def step(h: Any, x: Any) -> Any:
        found = ag.scan(f, start(h), x)
        loss = sum((y * y).sum() for y in leaves_of(found) if y.dtype.kind == "f")
        slopes = ag.grad(loss, [h, x, W, B], create_graph=True, allow_unused=True)
        total = sum((s * s).sum() for s in slopes if s is not None)
        return loss, ag.grad(total, [h, x, W, B], allow_unused=True)

    return step


def leaf(value: Any) -> Any:
    return ag.Tensor(value, requires_grad=True)


BODIES = {
    "once": (once, lambda h: h),
    "twice": (twice, lambda h: {"h": h, "n": 0}),
    "choice": (choice, lambda h: h),
    "detached": (detached, lambda h: h),
}


@pytest.mark.parametrize("name", BODIES)
def test_gradients_of_a_scan_are_those_of_the_loop(name: str) -> None:
    """Of what it carries, slices, and closes over; twice, and through what is detached."""
    f, start = BODIES[name]
    h, x = leaf(H), leaf(X)
    for order in (first, second):
        step = order(f, start)
        right = [np.zeros(1) if y is None else y for y in leaves_of_all(step(h, x), (h, x, W, B))]
        program = ag.trace(step, h, x)
        near(leaves_of_all(program(h, x), (h, x, W, B)), right)
        near(leaves_of_all(Plan(program)(h, x), (h, x, W, B)), right)


def leaves_of_all(found: Any, like: Any) -> list[Any]:
    """Loss and gradients, zeros for those that are None."""
    loss, slopes = found
    return [
        loss,
        *(np.zeros(x.shape) if s is None else s for s, x in zip(slopes, like, strict=True)),
    ]


def test_first_gradients_are_to_the_bit() -> None:
    h, x = leaf(H), leaf(X)
    program = ag.trace(first(once), h, x)
    same(program(h, x), first(once)(h, x))
    pulls = [n for n in program if n.op.name == "pull" and n.params[0] is SCAN]
    assert len(pulls) == 1


def _scan_op(f: Any, turns: int, *inputs: Any) -> Any:
    """Gradients of the op itself, outside of any program."""
    body = traced(f, [inputs[0], inputs[1][0]], "a body")
    options = {"body": body.body, "carries": 1, "sliced": 1, "length": turns, "reverse": False,
               "keeps": True}  # fmt: skip
    return lambda h, x, *rest: SCAN.record(*rest, h, x, **options)[:2], body.closed


def test_the_ops_pass_gradcheck_to_second_order_and_forward() -> None:
    h, x = leaf(H), leaf(X[:3])
    run, closed = _scan_op(lambda h, x: once(h, x), 3, h, x)
    assert ag.gradcheck(run, h, x, *closed)
    assert ag.gradgradcheck(run, h, x, *closed)
    bodies = [
        traced(f, [h], "a branch", bake=True).body
        for f in (lambda h: [h.exp()], lambda h: [h * h * h])
    ]
    for decided in (True, False):

        def branch(h: Any, pred: Any = decided) -> Any:
            return COND.record(np.bool_(pred), h, bodies=tuple(bodies), takes=((1,), (1,)))[0]

        assert ag.gradcheck(branch, h)
        assert ag.gradgradcheck(branch, h)
        _value, slope = ag.jvp(branch, (h.detach(),), (ag.Tensor(np.ones(3)),))
        np.testing.assert_allclose(slope.numpy(), (np.exp(H) if decided else 3 * H**2), rtol=1e-14)
    body = traced(lambda h: [h * h + 0.5], [h], "a body").body
    ask = traced(lambda h: [h.sum() < 50], [h], "a condition").body

    def rounds(h: Any) -> Any:
        return WHILE.record(h, condition=ask, body=body, asked=0, closed=0)[0]

    assert ag.gradcheck(rounds, h)
    assert ag.gradgradcheck(rounds, h)


def test_a_step_of_training_through_a_scan() -> None:
    def step(x: Any) -> Any:
        loss = ag.scan(once, ag.Tensor(H), x)[1].sum()
        loss.backward()
        return loss

    program = ag.trace(step, X)
    W.grad = B.grad = None
    right = step(ag.Tensor(X)), W.grad.numpy().copy(), B.grad.numpy().copy()
    W.grad = B.grad = None
    found = program(X)
    same([found, W.grad, B.grad], right)
    W.grad = B.grad = None


@pytest.mark.parametrize("x", [X[0], np.float32(2.0), np.ones((0, 2))])
def test_forward_mode(x: Any) -> None:
    def power(x: Any) -> Any:
        return ag.scan(lambda c, _: (c * x, c), x * 0 + 1, length=3)

    value, slope = ag.jvp(lambda x: power(x)[0], (ag.Tensor(x),), (ag.ones_like(ag.Tensor(x)),))
    np.testing.assert_allclose(slope.numpy(), 3 * np.square(x), rtol=1e-6)
    program = ag.trace(lambda x: ag.jvp(lambda x: power(x)[0], (x,), (ag.ones_like(x),)), x)
    near(program(x), (value, slope))


# ---- cond and while_loop -------------------------------------------------------------------------


@pytest.mark.parametrize("decide", [True, False])
def test_cond_decides_anew_at_each_run(decide: bool) -> None:
    def f(k: Any, x: Any) -> Any:
        found = ag.cond(k, lambda x: {"a": ag.exp(x["v"]) * B, "n": 1},
                        lambda x: {"a": x["v"] @ W, "n": 2.0}, {"v": x})  # fmt: skip
        return found, ag.grad(found["a"].sum(), x)

    x = leaf(H)
    program = ag.trace(f, np.True_, x)
    found, (slope,) = program(np.bool_(decide), x)
    right = np.exp(H) * B.detach().numpy() if decide else H @ W.detach().numpy()
    same(found["a"], right)
    assert found["n"].item() == (1 if decide else 2)
    assert found["n"].dtype.kind == "f"
    same(slope, np.exp(H) * B.detach().numpy() if decide else W.detach().numpy().sum(1))
    same(f(decide, x)[0]["a"], right)


@pytest.mark.parametrize("pred", [True, False, 1, 0.0, np.bool_(True), ag.Tensor(False)])
def test_cond_takes_any_truth_value(pred: Any) -> None:
    assert ag.cond(pred, lambda: 1, lambda: 2).item() == (1 if pred else 2)


def test_while_loop_makes_as_many_turns_as_values_ask_for() -> None:
    def f(x: Any) -> Any:
        found = ag.while_loop(lambda c: c["x"].sum() < 100.0,
                              lambda c: {"x": c["x"] * ag.exp(B * B), "n": c["n"] + 1},
                              {"x": x, "n": 0})  # fmt: skip
        return found, ag.grad((found["x"] ** 2).sum(), [x, B], allow_unused=True)

    program = ag.trace(f, leaf(np.abs(H)))
    turns = set()
    for scale in (0.1, 1.0, 40.0):
        x = leaf(np.abs(H) * scale)
        found, right = program(x), f(x)
        turns.add(found[0]["n"].item())
        same(found[0], right[0])
        near(found[1], [*right[1][:1], np.zeros(3) if right[1][1] is None else right[1][1]])
    assert len(turns) > 1
    assert ag.while_loop(lambda x: x > 0, lambda x: x - 1, 5).item() == 0


@given(st.integers(-2, 3), st.integers(-2, 6))
@settings(max_examples=20, deadline=None)
def test_fori_loop(lower: int, upper: int) -> None:
    right = 1.0
    for i in range(lower, upper):
        right = right * 0.5 + i
    for bounds in ((lower, upper), (ag.Tensor(lower), ag.Tensor(upper))):
        assert ag.fori_loop(*bounds, lambda i, x: x * 0.5 + i, 1.0).item() == right


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "complex64"])
@pytest.mark.parametrize("lower", [0, ag.Tensor(0)], ids=["number", "tensor"])
def test_the_number_of_a_turn_is_weak(dtype: str, lower: Any) -> None:
    """As in JAX: what is float32 stays so, eager and compiled, and a body that widens is told."""
    x = ag.Tensor(np.array([1, 2]), dtype=dtype)
    bodies: list[Any] = [lambda i, c: c + i, lambda i, c: c * (i + 1), lambda i, c: c + c[i % 2]]
    if dtype != "int32":
        bodies += [lambda i, c: ag.sin(i * 1.0) + c, lambda i, c: c / (i + 1)]
    for body in bodies:
        right = x.numpy()
        for i in range(3):
            right = np.asarray(body(i, right)).astype(dtype)
        for run in (ag.fori_loop, ag.compile(ag.fori_loop)):
            found = run(lower, 3, body, x)
            assert found.dtype == dtype
            tolerance = 1e-2 if dtype == "float16" else 1e-6
            np.testing.assert_allclose(found.numpy(), right, rtol=tolerance)
    if dtype in ("float16", "float32"):
        with pytest.raises(errors.DTypeError, match="it keeps its dtype"):
            ag.fori_loop(lower, 3, lambda i, c: c * np.ones(2), x)


# ---- bodies at random ----------------------------------------------------------------------------

STEPS: tuple[Callable[..., Any], ...] = (
    lambda h, x: ag.tanh(h), lambda h, x: h * B, lambda h, x: h + x, lambda h, x: h @ W,
    lambda h, x: ag.where(h > x, h, x * 0.5), lambda h, x: h.detach() * h,
    lambda h, x: ag.sigmoid(h) - x.mean(), lambda h, x: ag.concat([h[1:], x[:1]]),
    lambda h, x: ag.cond(h.sum() > 0, lambda: h * 0.5, lambda: h + B),
    lambda h, x: ag.scan(lambda c, b: (c * b + x, None), h, ag.stack([B, B]))[0],
    lambda h, x: ag.fori_loop(0, 2, lambda i, c: ag.tanh(c * x), h),
)  # fmt: skip


@given(
    st.lists(st.integers(0, len(STEPS) - 1), min_size=1, max_size=5),
    st.booleans(),
    st.booleans(),
    st.integers(1, 4),
)
@settings(max_examples=25, deadline=None)
def test_bodies_at_random(chosen: list[int], reverse: bool, twice: bool, turns: int) -> None:
    def body(h: Any, x: Any) -> Any:
        for step in chosen:
            h = STEPS[step](h, x)
        return h, h * x

    def call(start: Any, x: Any) -> Any:
        h, ys = ag.scan(body, start, x, reverse=reverse)
        loss, by = (h * h).sum() + ys.sum(), [start, x, W, B]
        slopes = ag.grad(loss, by, create_graph=twice, allow_unused=True)
        if twice:
            squares = [(s * s).sum() for s in slopes if s is not None and s.requires_grad]
            slopes = ag.grad(sum(squares), by, allow_unused=True) if squares else slopes
        zeros = [ag.Tensor(np.zeros(t.shape)) for t in by]
        return loss, [z if s is None else s for s, z in zip(slopes, zeros, strict=True)]

    h0, x0 = leaf(H), leaf(X[:turns])
    right = call(h0, x0)
    program = ag.trace(call, h0, x0)
    near(program(h0, x0), right)
    near(Plan(program)(h0, x0), right)


# ---- draws, passes, files, words -----------------------------------------------------------------


def drawing(c: Any, x: Any) -> Any:
    mask, noise = ag.random.rand(3) < 0.5, ag.random.randn(3)
    inner = ag.scan(lambda c, _: (c * ag.random.rand(3), None), c, length=2)[0]
    return ag.where(mask, inner * W[0], x + noise), F.dropout(x, 0.5)


F = nn.functional


def drawn(x: Any) -> Any:
    total, ys = ag.scan(drawing, ag.Tensor(H), x)
    loss = (total * ag.random.rand(3)).sum() + (ys * B).sum()
    return loss, ag.grad(loss, [x, W, B])


def test_draws_inside_are_those_of_the_eager_loop_and_gradients_see_the_same() -> None:
    x = leaf(X)
    program = ag.trace(drawn, x)
    for run in (program, Plan(program), Plan(common_subexpressions(constant_folding(program)))):
        with ag.random.drawing_from(7):
            right, after = drawn(x), ag.random.rand(1)
        with ag.random.drawing_from(7):
            found, its = run(x), ag.random.rand(1)
        near(found, right)
        same(its, after)


def test_a_trace_draws_nothing_from_generators_of_its_own() -> None:
    own = np.random.default_rng(3)
    before = own.bit_generator.state
    ag.trace(lambda x: ag.scan(lambda c, x: (c + ag.random.rand(rng=own), x), 0.0, x), X)
    assert own.bit_generator.state == before


@pytest.mark.parametrize("make", [drawn, first(choice)])
def test_files_and_passes(make: Any, tmp_path: Path) -> None:
    args = (leaf(X),) if make is drawn else (leaf(H), leaf(X))
    program = ag.trace(make, *args)
    loaded = ag.Program.load(program.save(tmp_path / "loop.safetensors"))
    assert program.diff(loaded) is None
    for other in (loaded, dead_code(program), constant_folding(loaded)):
        with ag.random.drawing_from(7):
            right = program(*args)
        with ag.random.drawing_from(7):
            same(other(*args), right)
    assert str(loaded) == str(program)


def test_words() -> None:
    one, other = (
        ag.trace(lambda x, f=f: ag.scan(lambda c, x: (f(c, x), None), x[0], x), X)
        for f in (ag.add, ag.multiply)
    )
    shown = str(one)
    assert "body\n" in shown
    assert "return" in shown
    assert "    add " in shown
    assert "has another body: instruction 2 is add(#0, #1)" in str(one.diff(other))
    assert ag.trace(first(once), leaf(H), leaf(X)).verify()
    assert "scan" in str(ag.Graph(lambda x: ag.scan(once, x[0], x)[0], X))
    assert "scan" in ag.viz.draw(ag.trace(first(once), leaf(H), leaf(X)).graph).svg()


ERRORS = {
    "structure": (lambda: ag.scan(lambda c, x: ((c, c), x), H, X), errors.ArgumentTypeError,
                  "carry is a leaf first, and a tuple of 2 then"),
    "keys": (lambda: ag.scan(lambda c, x: ({"b": c["a"]}, x), {"a": H}, X),
             errors.ArgumentTypeError, "carry is a dict of 'a' first, and a dict of 'b' then"),
    "shape": (lambda: ag.scan(lambda c, x: ({"a": c["a"].sum()}, x), {"a": H}, X),
              errors.ShapeError, r"carry\['a'\] has shape \(3,\) first, and \(\) then"),
    "dtype": (lambda: ag.scan(lambda c, x: (c > 0, x), H, X), errors.DTypeError,
              "carry is float64 first, and bool then"),
    "no pair": (lambda: ag.scan(lambda c, x: c, H, X), errors.ArgumentTypeError, "returns a pair"),
    "lengths": (lambda: ag.scan(lambda c, x: (c, x), H, (X, X[1:])), errors.ShapeError,
                r"first axes differ: xs\[0\] 5, xs\[1\] 4"),
    "no axis": (lambda: ag.scan(lambda c, x: (c, x), H, 3.0), errors.ShapeError, "has no axis"),
    "no length": (lambda: ag.scan(lambda c, x: (c, x), H), errors.ArgumentError, "length says"),
    "negative": (lambda: ag.scan(lambda c, x: (c, x), H, length=-1), errors.ArgumentError, "-1"),
    "fraction": (lambda: ag.scan(lambda c, x: (c, x), H, length=1.5), errors.ArgumentTypeError,
                 "whole number"),
    "no function": (lambda: ag.scan(H, H, X), errors.ArgumentTypeError, "f must be a function"),
    "text": (lambda: ag.scan(lambda c, x: (c, x), "a", X), errors.ArgumentTypeError, "init is str"),
    "while": (lambda: ag.while_loop(lambda c: c, lambda c: c, ag.Tensor(H)), errors.ShapeError,
              "one truth value"),
    "while's carry": (lambda: ag.while_loop(lambda c: c.sum() < 99, lambda c: c[:2], ag.Tensor(H)),
                      errors.ShapeError, r"carry has shape \(3,\) first, and \(2,\) then"),
    "bound": (lambda: ag.fori_loop(0, 1.5, lambda i, x: x, 1), errors.ArgumentTypeError, "upper"),
    "as TensorFlow calls it": (
        lambda: ag.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s), (0, 1.0)),
        errors.ArgumentTypeError, r"cond_fn is called as cond_fn\(carry\), and takes \(i, s\)"),
    "a function of the slice alone": (
        lambda: ag.scan(lambda x: x, H, X), errors.ArgumentTypeError,
        r"called as f\(carry, x\), and takes \(x\)"),
    "operands left out": (
        lambda: ag.cond(True, lambda x: x, lambda x: x), errors.ArgumentTypeError,
        r"true_fn\(\*operands\), and takes \(x\)"),
    "pred": (lambda: ag.cond(ag.Tensor(H), lambda: 1, lambda: 2), errors.ShapeError,
             "one truth value"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_errors_name_the_leaf_eager_and_traced(name: str) -> None:
    call, error, words = ERRORS[name]
    for run in (call, lambda: ag.trace(call)):
        with pytest.raises(error, match=words):
            run()


NORM = nn.BatchNorm1d(3)
REFUSED = {
    "buffers": (lambda x: ag.scan(lambda c, _: (NORM(c), None), x, length=2), "writes"),
    "grad": (lambda x: ag.scan(lambda c, _: ((c * B.float()).sum().backward() or c, None), x,
                               length=2), "writes"),
    "branch": (lambda x: ag.scan(lambda c, _: (c if c.sum() > 0 else -c, None), x, length=2),
               "truth value"),
    "draws of cond": (lambda x: ag.cond(x.sum() > 0, lambda: x * ag.random.rand(3), lambda: x),
                      "draws random numbers"),
    "draws of while": (lambda x: ag.while_loop(
        lambda c: c.sum() < 9, lambda c: c + ag.random.rand(3), x), "draws random numbers"),
    "branches": (lambda x: ag.cond(x.sum() > 0, lambda: x, lambda: x[0]), "has shape"),
    "structures": (lambda x: ag.cond(x.sum() > 0, lambda: x, lambda: (x, x)), "a tuple of 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_program_holds_is_refused_and_leaves_all_as_it_was(name: str) -> None:
    f, words = REFUSED[name]
    before = NORM.running_mean.numpy().copy()
    with pytest.raises(errors.AutogradError, match=words):
        ag.trace(f, np.ones((4, 3), np.float32))
    assert W.grad is None
    assert B.grad is None
    np.testing.assert_array_equal(NORM.running_mean.numpy(), before)


@pytest.mark.parametrize("name", BODIES)
def test_compiled_calls_hold_control_flow(name: str) -> None:
    """Their first call is checked against the eager one."""
    f, start = BODIES[name]
    compiled = ag.compile(first(f, start))
    h, x = leaf(H), leaf(X)
    for _ in range(3):
        right = leaves_of_all(first(f, start)(h, x), (h, x, W, B))
        near(leaves_of_all(compiled(h, x), (h, x, W, B)), right)
