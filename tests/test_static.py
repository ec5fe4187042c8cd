"""Graphs as TensorFlow 1 had them: what a session gives is what the functions give at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import autograd.static as tf
from autograd import errors

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -0.75]], np.float32)
POSITIVE = np.abs(X) + np.float32(0.1)


@pytest.fixture(autouse=True)
def graph() -> Iterator[Any]:
    with tf.Graph().as_default() as graph:
        yield graph


def run(fetches: Any, feed: Any = None) -> Any:
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feed)


ELEMENTWISE = (
    "abs", "ceil", "cos", "erf", "exp", "expm1", "floor", "log1p", "negative", "reciprocal",
    "round", "sigmoid", "sign", "sin", "sqrt", "square", "tan", "tanh", "log",
)  # fmt: skip
PAIRS = (
    "add", "subtract", "multiply", "divide", "maximum", "minimum", "equal", "not_equal", "less",
    "less_equal", "greater", "greater_equal",
)  # fmt: skip
REDUCTIONS = ("sum", "mean", "max", "min", "prod", "logsumexp")
RENAMED: dict[str, Callable[[Any], tuple[Any, Any]]] = {  # ours, NumPy's
    "cast": lambda x: (tf.cast(x, tf.int32), X.astype(np.int32)),
    "to_float": lambda x: (tf.to_float(x), X),
    "reshape": lambda x: (tf.reshape(x, [3, -1]), X.reshape(3, -1)),
    "transpose": lambda x: (tf.transpose(x), X.T),
    "transpose perm": lambda x: (tf.transpose(x, [1, 0]), X.T),
    "concat": lambda x: (tf.concat([x, x * 2], 1), np.concatenate([X, X * 2], 1)),
    "stack": lambda x: (tf.stack([x, x], axis=1), np.stack([X, X], 1)),
    "expand_dims": lambda x: (tf.expand_dims(x, 0), X[None]),
    "squeeze": lambda x: (tf.squeeze(tf.expand_dims(x, 0), [0]), X),
    "tile": lambda x: (tf.tile(x, [2, 1]), np.tile(X, (2, 1))),
    "gather": lambda x: (tf.gather(x, [2, 0], axis=1), X[:, [2, 0]]),
    "where": lambda x: (tf.where(x > 0, x, -x), np.abs(X)),
    "clip_by_value": lambda x: (tf.clip_by_value(x, -1.0, 1.0), X.clip(-1, 1)),
    "argmax": lambda x: (tf.argmax(x), X.argmax(0)),
    "argmin 1": lambda x: (tf.argmin(x, 1), X.argmin(1)),
    "identity": lambda x: (tf.identity(x), X),
    "add_n": lambda x: (tf.add_n([x, x, x]), X + X + X),
    "zeros_like": lambda x: (tf.zeros_like(x), np.zeros_like(X)),
    "ones_like": lambda x: (tf.ones_like(x, tf.int64), np.ones(X.shape, np.int64)),
    "matmul": lambda x: (tf.matmul(x, x, transpose_b=True), X @ X.T),
    "matmul a": lambda x: (tf.matmul(x, x, transpose_a=True), X.T @ X),
    "squared_difference": lambda x: (tf.squared_difference(x, 1.0), (X - 1) ** 2),
    "rsqrt": lambda x: (tf.rsqrt(x * x), 1 / np.abs(X)),
    "getitem": lambda x: (x[1, ::2], X[1, ::2]),
    "operators": lambda x: (-(x - 1) / 2 + 3 * x**2 % 5, -(X - 1) / 2 + 3 * X**2 % 5),
    "logical": lambda x: (
        tf.logical_and(x > 0, tf.logical_not(x > 1)) | (x < -1),
        (X > 0) & ~(X > 1) | (X < -1),
    ),
    "np function": lambda x: (np.exp(x), np.exp(X)),
    "autograd function": lambda x: (ag.tanh(x), np.tanh(X)),
    "softmax": lambda x: (tf.nn.softmax(x), ag.softmax(X, axis=-1)),
    "leaky_relu": lambda x: (tf.nn.leaky_relu(x), np.where(X > 0, X, 0.2 * X)),
    "l2_loss": lambda x: (tf.nn.l2_loss(x), (X**2).sum() / 2),
    "mse": lambda x: (tf.losses.mean_squared_error(x, x + 2), np.float32(4)),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_elementwise_function_gives_what_autograd_gives(name: str) -> None:
    numbers = POSITIVE if name in ("sqrt", "log", "log1p") else X
    x = tf.placeholder(tf.float32, [None, 3])
    y = getattr(tf, name)(x)
    assert (y.shape, y.dtype) == ((None, 3), np.float32)
    np.testing.assert_array_equal(run(y, {x: numbers}), getattr(ag, name)(numbers))


@pytest.mark.parametrize("name", PAIRS)
def test_a_function_of_two_gives_what_numpy_gives(name: str) -> None:
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.constant(X[0])
    z = getattr(tf, name)(x, y)
    found = run(z, {x: X})
    np.testing.assert_array_equal(found, getattr(np, name)(X, X[0]))
    assert (z.shape, found.dtype) == ((None, 3), z.dtype)


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("options", [{}, {"axis": 1}, {"axis": [0, 1]}, {"reduction_indices": 0},
                                     {"axis": -1, "keep_dims": True}])  # fmt: skip
def test_a_reduction_gives_what_autograd_gives(name: str, options: Any) -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    y = getattr(tf, f"reduce_{name}")(x, **options)
    axis = options.get("axis", options.get("reduction_indices"))
    axis = tuple(axis) if isinstance(axis, list) else axis
    wanted = getattr(ag, name)(X, axis=axis, keepdims="keep_dims" in options)
    found = run(y, {x: X})
    np.testing.assert_array_equal(found, wanted)
    assert all(a in (None, b) for a, b in zip(y.shape, np.shape(found), strict=True))


@pytest.mark.parametrize("name", RENAMED)
def test_a_function_with_names_of_its_own_gives_what_numpy_gives(name: str) -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    y, wanted = RENAMED[name](x)
    found = run(y, {x: X})
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert found.dtype == y.dtype == np.asarray(wanted).dtype
    assert len(y.shape) == np.ndim(found)
    assert all(a in (None, b) for a, b in zip(y.shape, np.shape(found), strict=True))


@pytest.mark.parametrize("name", ["softmax", "sparse_softmax", "sigmoid"])
def test_cross_entropies_of_logits_are_those_of_their_probabilities(name: str) -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    labels = {"softmax": np.eye(3, dtype=np.float32)[:2], "sparse_softmax": np.array([0, 1]),
              "sigmoid": (X > 0).astype(np.float32)}[name]  # fmt: skip
    function = getattr(tf.nn, f"{name}_cross_entropy_with_logits")
    p = 1 / (1 + np.exp(-X)) if name == "sigmoid" else np.exp(X) / np.exp(X).sum(1, keepdims=True)
    wanted = -labels * np.log(p) - (1 - labels) * np.log(1 - p) if name == "sigmoid" else (
        -np.log([p[0, 0], p[1, 1]])
    )  # fmt: skip
    np.testing.assert_allclose(run(function(labels=labels, logits=x), {x: X}), wanted, rtol=2e-6)
    with pytest.raises(errors.ArgumentError, match="name both arguments"):
        function(labels, x)


# ---- the four programs of the course -------------------------------------------------------------


def test_two_constants_are_added() -> None:
    a, b = tf.constant(10), tf.constant(32)
    found = run(a + b)
    assert (found, found.dtype, type(found)) == (42, np.int32, np.int32)


def test_a_variable_begins_as_an_expression() -> None:
    x = tf.constant(35, name="x")
    y = tf.Variable(x + 5, name="y")
    with tf.Session() as session:
        session.run(tf.initialize_all_variables())
        assert session.run(y) == 40


def test_a_matrix_is_fed_and_multiplied() -> None:
    x = tf.placeholder(tf.float32, [1, 1])
    np.testing.assert_array_equal(run(tf.matmul(x, x), {x: [[2.0]]}), [[4.0]])


def test_xor_is_learned() -> None:
    x, y = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.float32, [None, 1])
    tf.set_random_seed(3)
    w_hidden = tf.Variable(tf.random_normal([2, 8]))
    b_hidden = tf.Variable(tf.zeros([8]))
    w_output = tf.Variable(tf.random_normal([8, 1]))
    hidden = tf.nn.sigmoid(tf.matmul(x, w_hidden) + b_hidden)
    output = tf.nn.sigmoid(tf.matmul(hidden, w_output))
    loss = tf.reduce_mean(tf.square(output - y))
    train = tf.train.AdamOptimizer(0.05).minimize(loss)
    rows, wanted = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        feed = {x: rows, y: wanted}
        for _ in range(500):
            found = session.run([train, loss, w_hidden, b_hidden, w_output], feed)
        assert found[0] is None
        assert found[1] < 0.01
        assert [np.shape(w) for w in found[2:]] == [(2, 8), (8,), (8, 1)]
        for row, want in zip(rows, wanted, strict=True):
            assert abs(session.run(output, {x: [row]})[0, 0] - want[0]) < 0.2


# ---- optimizers ----------------------------------------------------------------------------------


def by_hand(name: str, gradient: Callable[[Any], Any], w: float, steps: int) -> float:
    """The rules of TensorFlow 1, written out for one number in double precision."""
    m, s, a = 0.0, 1.0 if name == "RMSProp" else 0.0, 0.1
    for t in range(1, steps + 1):
        g = gradient(w)
        if name == "GradientDescent":
            w -= 0.1 * g
        elif name.startswith("Momentum"):
            m = 0.9 * m + g
            w -= 0.1 * (g + 0.9 * m if name.endswith("Nesterov") else m)
        elif name == "Adagrad":
            a += g * g
            w -= 0.1 * g / a**0.5
        elif name == "RMSProp":
            s = 0.9 * s + 0.1 * g * g
            m = 0.5 * m + 0.1 * g / (s + 1e-10) ** 0.5
            w -= m
        else:
            m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
            w -= 0.1 * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t) * m / (s**0.5 + 1e-8)
    return w


OPTIMIZERS = {
    "GradientDescent": lambda: tf.train.GradientDescentOptimizer(0.1),
    "Momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9),
    "MomentumNesterov": lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    "Adagrad": lambda: tf.train.AdagradOptimizer(0.1),
    "RMSProp": lambda: tf.train.RMSPropOptimizer(0.1, momentum=0.5),
    "Adam": lambda: tf.train.AdamOptimizer(0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_follows_its_rule(name: str) -> None:
    w = tf.Variable(2.0, dtype=tf.float64)
    fixed = tf.Variable(5.0, trainable=False)
    count = tf.Variable(0, trainable=False)
    loss = tf.square(w - 1.0) * w
    train = OPTIMIZERS[name]().minimize(loss, global_step=count)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(7):
            session.run(train)
        found = session.run([w, fixed, count])
    wanted = by_hand(name, lambda w: 2 * (w - 1) * w + (w - 1) ** 2, 2.0, 7)
    assert found == pytest.approx([wanted, 5.0, 7], rel=1e-12)


def test_gradients_may_be_changed_before_they_are_applied() -> None:
    w, v = tf.Variable(3.0), tf.Variable(1.0)
    optimizer = tf.train.GradientDescentOptimizer(1.0)
    pairs = optimizer.compute_gradients(w * w)
    assert pairs[1][0] is None
    clipped = [(tf.clip_by_value(g, -1.0, 1.0), x) for g, x in pairs if g is not None]
    train = optimizer.apply_gradients(clipped)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(train)
        assert session.run([w, v]) == [2.0, 1.0]
    with pytest.raises(errors.ArgumentError, match="no gradient flows"):
        optimizer.minimize(v * 1.0, var_list=[w])


# ---- gradients -----------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["tanh", "exp", "square", "sin", "sigmoid"]), max_size=4),
       st.integers(1, 3))  # fmt: skip
def test_gradients_are_those_of_autograd_to_every_order(names: list[str], order: int) -> None:
    with tf.Graph().as_default():
        x, eager = tf.placeholder(tf.float64, [3]), ag.Tensor([0.3, -0.2, 0.7], True, "float64")
        y, value = x * x, eager * eager
        for name in names:
            y, value = getattr(tf, name)(y * 0.5), getattr(ag, name)(value * 0.5)
        for _ in range(order):
            (y,) = tf.gradients(y, x)
            (value,) = (
                ag.grad(value.sum(), eager, create_graph=True)
                if value.requires_grad
                else (value * 0,)
            )
        np.testing.assert_allclose(run(y, {x: eager.numpy()}), value.numpy(), rtol=1e-12)


def test_gradients_by_what_is_no_leaf_and_of_several() -> None:
    x = tf.placeholder(tf.float32, [2])
    h = x * 3.0
    other = tf.constant([1.0, 1.0])
    found = tf.gradients([h * h, x], [h, x, other], grad_ys=[[1.0, 2.0], [10.0, 10.0]])
    assert found[2] is None
    by_h, by_x = run(found[:2], {x: [1.0, 2.0]})
    np.testing.assert_array_equal(by_h, [6.0, 24.0])
    np.testing.assert_array_equal(by_x, [28.0, 82.0])
    stopped = tf.gradients(tf.stop_gradient(x) * x, x)[0]
    np.testing.assert_array_equal(run(stopped, {x: [1.0, 2.0]}), [1.0, 2.0])


# ---- sessions ------------------------------------------------------------------------------------


class Pair(NamedTuple):
    first: Any
    second: Any


def test_fetches_come_back_in_their_structure() -> None:
    a = tf.constant(1.0, name="a")
    b = tf.add(a, 2.0, name="b")
    assert run([a, (b, {"c": "b:0"})]) == [1.0, (3.0, {"c": 3.0})]
    assert run(Pair(a, b)) == Pair(1.0, 3.0)
    assert run("b") is None
    assert run(b.op) is None


def test_all_fetches_of_a_run_see_the_variables_as_they_were_before_it() -> None:
    v = tf.Variable(1.0)
    step = tf.assign_add(v, 1.0)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run([v, step, v * 10, step + 0.5]) == [1.0, 2.0, 10.0, 2.5]
        assert session.run(v) == 2.0
        with pytest.raises(errors.StateError, match="assigns twice: AssignAdd and Assign"):
            session.run([step, v.assign(7.0)])
        assert session.run(v) == 2.0, "nothing of it was done"


def test_two_sessions_keep_variables_of_their_own() -> None:
    v = tf.Variable(1.0)
    one, two = tf.Session(), tf.Session()
    for session in (one, two):
        session.run(v.initializer)
    one.run(v.assign(5.0))
    assert (one.run(v), two.run(v)) == (5.0, 1.0)
    one.close()
    with pytest.raises(errors.StateError, match="closed"):
        one.run(v)


def test_what_a_run_gives_is_not_the_sessions_own_memory() -> None:
    v = tf.Variable([1.0, 2.0])
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(v)[:] = 0.0
        np.testing.assert_array_equal(session.run(v), [1.0, 2.0])


def test_random_nodes_draw_anew_at_every_run_and_again_in_every_session() -> None:
    x, y = tf.random_normal([3], seed=1), tf.random_uniform([50], 0, 5, tf.int32, seed=1)
    far = tf.truncated_normal([500], 1.0, 2.0)

    def two_runs() -> list[Any]:
        with tf.Session() as session:
            return [session.run(x).tolist(), session.run(x).tolist(), session.run(y).tolist()]

    first = two_runs()
    assert first[0] != first[1]
    assert first == two_runs()
    assert set(first[2]) == {0, 1, 2, 3, 4}
    assert np.abs(run(far) - 1.0).max() <= 4.0
    assert run([x, x])[0].tolist() == run([x, x])[1].tolist(), "one node, one value"


def test_dropout_keeps_the_mean_and_a_share() -> None:
    x, keep = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [])
    found = run(tf.nn.dropout(x, keep), {x: np.ones(4000), keep: 0.8})
    assert set(found) == {np.float32(0), np.float32(1.25)}
    assert abs(found.mean() - 1) < 0.05
    np.testing.assert_array_equal(run(tf.nn.dropout(x, keep), {x: X[0], keep: 1.0}), X[0])


def test_any_symbol_can_be_fed() -> None:
    x = tf.constant(3.0)
    h = x * 2
    assert run(h + 1, {h: 10.0}) == 11.0


def test_names_are_those_of_tensorflow(graph: Any) -> None:
    a = tf.constant(1.0)
    with tf.name_scope("layer") as scope:
        b = tf.constant(2.0, name="b")
        with tf.name_scope("inner"):
            c = a + b
    with tf.name_scope("layer"):
        d = a * b
    assert scope == "layer/"
    assert [t.name for t in (a, b, c, d)] == ["Const:0", "layer/b:0", "layer/inner/add:0",
                                              "layer_1/mul:0"]  # fmt: skip
    assert graph.get_tensor_by_name("layer/b:0") is b
    assert graph.get_operation_by_name("layer_1/mul").type == "multiply"
    assert len(graph.get_operations()) == 4


def test_compat_v1_is_the_face_itself() -> None:
    import autograd.static.compat.v1 as v1

    v1.disable_v2_behavior()
    v1.disable_eager_execution()
    assert v1.Session is tf.compat.v1.Session is tf.Session


def test_an_interactive_session_is_the_default_one() -> None:
    session = tf.InteractiveSession()
    v = tf.Variable(2.0)
    v.initializer.run()
    assert (v * 3).eval() == 6.0
    assert tf.get_default_session() is session
    session.close()
    assert tf.get_default_session() is None


# ---- bad input -----------------------------------------------------------------------------------

BAD: dict[str, tuple[Callable[[Any, Any], Any], type[Exception], str]] = {
    "no feed": (lambda x, s: s.run(x * 2), errors.ArgumentError, "x:0.*needed.*feed_dict"),
    "no initializer": (
        lambda x, s: s.run(tf.Variable(1.0, name="w") + 1), errors.StateError,
        "variable 'w' has no value.*global_variables_initializer",
    ),
    "shape": (
        lambda x, s: s.run(x, {x: [1.0, 2.0]}), errors.ShapeError,
        r"x has shape \(\?, 2\); what is fed has \(2,\)",
    ),
    "dtype": (
        lambda x, s: s.run(tf.placeholder(tf.int32, [], name="n"), {"n:0": 1.5}),
        errors.DTypeError, "n is int32",
    ),
    "text": (lambda x, s: s.run(x, {x: [["a", "b"]]}), errors.DTypeError, "numbers of float32"),
    "another graph": (
        lambda x, s: tf.Session(graph=tf.Graph()).run(x), errors.ArgumentError, "another graph"
    ),
    "two graphs": (
        lambda x, s: x + _elsewhere(), errors.ArgumentError, "another graph than"
    ),
    "two dtypes": (
        lambda x, s: x + tf.constant([1, 2]), errors.DTypeError,
        r"add: the inputs are float32 and int32; cast\(x, float32\)",
    ),
    "a fraction": (lambda x, s: tf.constant(1) + 0.5, errors.DTypeError, "0.5 is no int32"),
    "shapes": (
        lambda x, s: tf.matmul(x, tf.constant([[1.0, 2.0, 3.0]])), errors.ShapeError,
        r"MatMul of \(\?, 2\), \(1, 3\)",
    ),
    "no matrix": (lambda x, s: tf.matmul(x, [1.0, 2.0]), errors.ArgumentError, "no matrix"),
    "truth": (lambda x, s: bool(x > 1), errors.UnsupportedError, "no value before a session"),
    "float": (lambda x, s: float(x), errors.UnsupportedError, "no value before a session"),
    "iteration": (lambda x, s: list(x), errors.UnsupportedError, "no value before a session"),
    "as an array": (lambda x, s: np.asarray(x), errors.UnsupportedError, "no value before"),
    "np.f without op": (lambda x, s: np.add.reduce(x), errors.UnsupportedError, "np.add"),
    "fetch of a number": (lambda x, s: s.run(3.0), errors.ArgumentTypeError, "a fetch is"),
    "fetch of None": (lambda x, s: s.run([None]), errors.ArgumentTypeError, "a fetch is None"),
    "misspelt": (lambda x, s: s.run(x, feed_dic={x: [[1.0]]}), errors.ArgumentTypeError,
                 "run.. got an unexpected keyword argument 'feed_dic'; did you mean 'feed_dict'"),
    "name": (lambda x, s: s.run("z:0"), errors.UnknownNameError, "no 'z:0'.*It has x"),
    "feed of a symbol": (lambda x, s: s.run(x, {x: x}), errors.ArgumentTypeError, "cannot be fed"),
    "open variable": (lambda x, s: tf.Variable(x), errors.ShapeError, "shape of a variable"),
    "assign shape": (
        lambda x, s: tf.Variable([1.0], name="w").assign([1.0, 2.0]), errors.ShapeError,
        r"w:0 has shape \(1,\), the value \(2,\)",
    ),
    "assign to a symbol": (lambda x, s: tf.assign(x, x), errors.ArgumentTypeError, "a Variable"),
    "list of symbols": (lambda x, s: tf.constant([x, x]), errors.UnsupportedError, "stack"),
    "constant of text": (lambda x, s: tf.constant("hello"), errors.DTypeError, "got 'hello'"),
    "integer slope": (
        lambda x, s: tf.gradients(x, tf.constant(1)), errors.DTypeError, "no floating"
    ),
    "whole mean": (
        lambda x, s: tf.reduce_mean(tf.constant([1, 2])), errors.DTypeError, "cast"
    ),
    "no session": (lambda x, s: x.eval(), errors.ArgumentError, "no default session"),
    "target": (lambda x, s: tf.Session("grpc://a"), errors.ArgumentError, "no target"),
}  # fmt: skip


def _elsewhere() -> Any:
    with tf.Graph().as_default():
        return tf.constant(1.0)


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name: str) -> None:
    call, error, message = BAD[name]
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with pytest.raises(error, match=f"(?s){message}"):
        call(x, tf.Session())


def test_a_symbol_is_no_array_whatever_asks() -> None:
    symbol = tf.placeholder(tf.float32, [2], name="asked")
    for ask in (np.array, np.asarray, float, list):
        with pytest.raises(errors.UnsupportedError, match="has no value before a session runs it"):
            ask(symbol)
