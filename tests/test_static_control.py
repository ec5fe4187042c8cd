"""Control flow of graphs, and plans of sessions: a run by a plan gives the numbers of a walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd.static as tf
from autograd import errors
from autograd.static import compiled
from autograd.static import session as sessions

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], np.float32)
T = np.array([[0.0], [1.0], [1.0], [0.0]], np.float32)


@pytest.fixture(autouse=True)
def graph() -> Iterator[Any]:
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(3)
        yield graph


def variables(*shapes: Any) -> list[Any]:
    rng = np.random.default_rng(1)
    return [tf.Variable(rng.normal(size=s).astype("f") / 2) for s in shapes]


# ---- plans ---------------------------------------------------------------------------------------


def xor(optimizer: Any) -> Any:
    def build() -> Any:
        x, t = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.float32, [None, 1])
        w, b, u = variables((2, 4), (4,), (4, 1))
        y = tf.sigmoid(tf.matmul(tf.sigmoid(tf.matmul(x, w) + b), u))
        loss = tf.reduce_mean(tf.square(y - t))
        return [optimizer().minimize(loss), loss, w, u], [
            {x: X[:n], t: T[:n]} for n in (4, 4, 4, 1, 1, 1)]  # fmt: skip

    return build


def dropped() -> Any:
    x, keep = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.float32)
    w, u = variables((2, 8), (8, 1))
    h = tf.nn.dropout(tf.nn.relu(tf.matmul(x, w)), keep)
    h = tf.nn.dropout(h, rate=0.5, noise_shape=[1, 8], seed=2)
    noise = tf.random_normal(tf.shape(h)) + tf.random_uniform([8], seed=4)
    y = tf.matmul(h + noise, u)
    return [y, tf.random_shuffle(x), tf.gradients(y, [w, u])], [
        {x: X, keep: k} for k in (0.5, 0.9, 1.0)]  # fmt: skip


def reshaped() -> Any:
    x, n = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.int32, [2])
    flat = tf.reshape(x, tf.stack([tf.shape(x)[0] * 2]))
    return [flat, tf.reshape(x, n), tf.gradients(tf.reduce_sum(tf.reshape(x, n) ** 2), x)], [
        {x: X, n: shape} for shape in ([4, 2], [2, 4], [8, 1])]  # fmt: skip


def counted() -> Any:
    step = tf.Variable(0, trainable=False)
    rate = tf.train.exponential_decay(0.5, step, 2, 0.5, staircase=True)
    (w,) = variables((3,))
    train = tf.train.GradientDescentOptimizer(rate).minimize(tf.reduce_sum(w * w), step)
    return [train, rate, step, w], [{}] * 6


def twice() -> Any:
    x = tf.placeholder(tf.float32, [None])
    (w,) = variables((1,))
    y = tf.reduce_sum(tf.tanh(x * w) ** 3)
    (g,) = tf.gradients(y, w)
    return [y, g, tf.gradients(g, [w, x])], [{x: X[:, 1]}, {x: X[0]}, {x: X[:, 1]}, {x: X[0]}]


def chosen() -> Any:
    x = tf.placeholder(tf.float32, [None])
    (w,) = variables((1,))
    y = tf.cond(tf.reduce_sum(x) > 1, lambda: w * x * x, lambda: tf.exp(w) * x)
    _, z = tf.while_loop(lambda i, z: i < tf.cast(tf.reduce_sum(x), tf.int32) + 2,
                         lambda i, z: (i + 1, tf.tanh(z * w) + y), [0, y])  # fmt: skip
    slopes = tf.gradients(tf.reduce_sum(z), [x, w])
    step = tf.assign(w, w - 0.1 * slopes[1])
    return [y, z, slopes, step], [{x: x_} for x_ in (X[0], X[3], X[3] * 2, X[0], X[3])]


PROGRAMS: dict[str, Callable[[], Any]] = {
    "descent": xor(lambda: tf.train.GradientDescentOptimizer(0.5)),
    "momentum": xor(lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True)),
    "adagrad": xor(lambda: tf.train.AdagradOptimizer(0.1)),
    "rmsprop": xor(lambda: tf.train.RMSPropOptimizer(0.01)),
    "adam": xor(lambda: tf.train.AdamOptimizer(0.05)),
    "dropout and draws": dropped,
    "lengths of values": reshaped,
    "decay": counted,
    "second order": twice,
    "control flow": chosen,
}


def bits(value: Any) -> Any:
    if isinstance(value, list):
        return [bits(part) for part in value]
    return None if value is None else (value.dtype, value.shape, value.tobytes())


def runs(fetches: Any, feeds: Any, times: int = 3, config: Any = None) -> tuple[list[Any], Any]:
    with tf.Session(config=config) as session:
        session.run(tf.global_variables_initializer())
        found = [bits(session.run(fetches, feed)) for _ in range(times) for feed in feeds]
        return found, [p for walk in session._walks.values() for p in walk.plans.values()]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_plan_gives_the_bits_of_a_walk(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of fetches and variables, for every kind of shapes that is fed, run after run."""
    fetches, feeds = PROGRAMS[name]()
    planned, plans = runs(fetches, feeds)
    assert plans
    assert all((plan is None) == (name == "lengths of values") for plan in plans)
    monkeypatch.setattr(sessions, "plan_of", lambda *_: None)
    walked, _ = runs(fetches, feeds)
    assert planned == walked


@pytest.mark.parametrize("name", PROGRAMS)
def test_compiled_plans_are_within_rounding(name: str) -> None:
    """The first run of each is checked against the interpreter, and the rest goes the same way."""
    fetches, feeds = PROGRAMS[name]()
    config = tf.ConfigProto()
    config.graph_options.optimizer_options.global_jit_level = tf.OptimizerOptions.ON_1
    with tf.Session() as plain, tf.Session(config=config) as jitted:
        for session in (plain, jitted):
            session.run(tf.global_variables_initializer())
        for feed in feeds * 2:
            right, found = plain.run(fetches, feed), jitted.run(fetches, feed)
            for a, b in zip(arrays(found), arrays(right), strict=True):
                np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)
        made = [p for walk in jitted._walks.values() for p in walk.plans.values()]
        assert made
        assert all(p is None or p.run.is_checked for p in made)


def arrays(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [y for part in value for y in arrays(part)]
    return [] if value is None else [value]


def test_a_compiled_plan_that_is_wrong_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    x = tf.placeholder(tf.float32, [None])
    options = tf.OptimizerOptions(global_jit_level=tf.OptimizerOptions.ON_1)
    config = tf.ConfigProto(graph_options=tf.GraphOptions(optimizer_options=options))
    monkeypatch.setattr(compiled, "executor", lambda program: lambda *given: [given[0] * 1.001])
    with tf.Session(config=config) as session:
        y = tf.exp(x)
        session.run(y, {x: [1.0]})
        with pytest.raises(errors.CompileMismatchError, match="the result of exp differs"):
            session.run(y, {x: [1.0]})


def test_plans_are_bounded() -> None:
    x = tf.placeholder(tf.float32, [None])
    y = tf.reduce_sum(x)
    with tf.Session() as session:
        for n in range(sessions.MOST + 9):
            assert session.run(y, {x: np.ones(n)}) == n
            assert session.run(y, {x: np.ones(n)}) == n
        (walk,) = session._walks.values()
        assert len(walk.plans) <= sessions.MOST
        for n in range(sessions.MOST + 9):
            session.run(x + n, {x: [1.0]})
        assert len(session._walks) <= sessions.MOST


def test_a_plan_says_what_is_missing_and_does_not_go_on_with_old_values() -> None:
    x, (w,) = tf.placeholder(tf.float32, [None], name="x"), variables((2,))
    y = x * w
    for _ in range(2):
        with tf.Session() as session:
            with pytest.raises(errors.StateError, match="has no value yet"):
                session.run(y, {x: [1.0]})
            session.run(w.initializer)
            for value in (1.0, 2.0, 3.0):
                w.load([value, value], session)
                np.testing.assert_array_equal(session.run(y, {x: [1.0, 2.0]}), [value, 2 * value])
            with pytest.raises(errors.ArgumentError, match="needed and has no value"):
                session.run(y)
            session.run(y, {y: [3.0, 4.0]})  # what is fed need not be computed


def test_what_a_run_gave_is_no_memory_of_the_session() -> None:
    (w,) = variables((2,))
    step = tf.assign(w, w + 1)
    with tf.Session() as session:
        session.run(w.initializer)
        for _ in range(3):
            before = session.run(w)
            given = session.run([step, w])[0]
            given[:] = 99
            np.testing.assert_array_equal(session.run(w), before + 1)


def test_fed_arrays_may_change_after_a_run() -> None:
    x, (w,) = tf.placeholder(tf.float32, [2]), variables((2,))
    keep = tf.assign(w, x)
    batch = np.ones(2, np.float32)
    with tf.Session() as session:
        for value in (1, 2, 3):
            batch[:] = value
            session.run(keep, {x: batch})
            batch[:] = -1
            assert session.run(w).tolist() == [value, value]


def test_constants_of_a_graph_are_copies() -> None:
    array = np.ones(2, np.float32)
    (w,) = variables((2,))
    y, keep = w * 0.0 + array, tf.assign(w, array)
    with tf.Session() as session:
        session.run(w.initializer)
        for _ in range(3):
            assert session.run([y, keep])[0].tolist() == [1.0, 1.0]
            array[:] += 1  # which stays the user's to write into


def test_two_sessions_keep_their_variables_apart() -> None:
    (w,) = variables((2,))
    step = tf.assign_add(w, tf.ones([2]))
    with tf.Session() as one, tf.Session() as other:
        for session, count in ((one, 1), (other, 3)):
            session.run(w.initializer)
            for _ in range(count):
                session.run(step)
        first, one_more = one.run(w), one.run(step)
        np.testing.assert_array_equal(other.run(w), one_more + 1)
        np.testing.assert_array_equal(one_more, first + 1)


# ---- control flow --------------------------------------------------------------------------------


def test_only_the_chosen_function_runs() -> None:
    x = tf.placeholder(tf.float32, [])
    y = tf.cond(x > 0, lambda: tf.Print(x, [x], "yes"), lambda: -x)
    with tf.Session() as session:
        for value in (1.0, -2.0, 3.0):
            assert session.run(y, {x: value}) == abs(value)


def test_structures_of_cond() -> None:
    p = tf.placeholder(tf.bool, [])
    a, b = tf.cond(p, lambda: (tf.constant(1), 2.0), lambda: (tf.constant(3), 4.0))
    d = tf.cond(p, lambda: {"x": tf.ones([2])}, lambda: {"x": tf.zeros([3])})
    one = tf.cond(p, lambda: [tf.constant(1)], lambda: [tf.constant(2)])
    assert d["x"].shape.as_list() == [None]
    with tf.Session() as session:
        for value, right in ((True, (1, 2.0, 2, 1)), (False, (3, 4.0, 3, 2))):
            found = session.run([a, b, d, one], {p: value})
            assert (found[0], found[1], len(found[2]["x"]), found[3]) == right


def test_case_takes_the_first_that_is_true() -> None:
    x = tf.placeholder(tf.int32, [])
    pairs = [(tf.less(x, 0), lambda: tf.constant(-1)), (tf.less(x, 9), lambda: tf.constant(0))]
    y, z = tf.case(pairs, default=lambda: tf.constant(1)), tf.case(dict(pairs))
    with tf.Session() as session:
        assert [session.run(y, {x: v}) for v in (-5, 3, 10)] == [-1, 0, 1]
        assert [session.run(z, {x: v}) for v in (-5, 3, 10)] == [-1, 0, 0]


def test_loops_are_those_of_python() -> None:
    n, (w,) = tf.placeholder(tf.int32, []), variables((3, 3))
    i, total = tf.while_loop(lambda i, _: i < n, lambda i, s: [i + 1, tf.matmul(s, w)], [0, w])
    limited = tf.while_loop(lambda i: i < n, lambda i: i + 1, [0], maximum_iterations=2)
    (slope,) = tf.gradients(tf.reduce_sum(total), w)
    with tf.Session() as session:
        session.run(w.initializer)
        value = session.run(w)
        for count in (0, 1, 4, 2):
            right = value
            for _ in range(count):
                right = right @ value
            found = session.run([i, total, limited, slope], {n: count})
            assert found[0] == count
            assert found[2] == min(count, 2)
            np.testing.assert_array_equal(found[1], right)
            step = np.zeros_like(value, np.float64)
            for at in np.ndindex(3, 3):
                moved = [np.linalg.matrix_power(value.astype("d") + h * _unit(at), count + 1).sum()
                         for h in (1e-6, -1e-6)]  # fmt: skip
                step[at] = (moved[0] - moved[1]) / 2e-6
            np.testing.assert_allclose(found[3], step, rtol=1e-4, atol=1e-5)


def _unit(at: tuple[int, ...]) -> Any:
    found = np.zeros((3, 3))
    found[at] = 1
    return found


def test_variables_of_a_loop_may_grow() -> None:
    n, (w,) = tf.placeholder(tf.int32, []), variables((1,))
    _, grown = tf.while_loop(
        lambda i, x: i < n, lambda i, x: (i + 1, tf.concat([x, x[-1:] * 2.0], 0)), [0, w],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
    )  # fmt: skip
    (slope,) = tf.gradients(tf.reduce_sum(grown), w)
    with tf.Session() as session:
        session.run(w.initializer)
        first = session.run(w)
        for count in (3, 0, 3):
            found = session.run([grown, slope], {n: count})
            np.testing.assert_array_equal(found[0], first * 2.0 ** np.arange(count + 1))
            assert found[1].tolist() == [2.0 ** (count + 1) - 1]


def test_control_dependencies_order_writes_and_reads() -> None:
    v = tf.Variable(1.0)
    plus = tf.assign_add(v, 1.0)
    with tf.control_dependencies([plus]):
        after, times = tf.identity(v), tf.assign(v, v * 10)
        with tf.control_dependencies(None):
            free = tf.identity(v)
    with tf.control_dependencies([times]):
        nothing = tf.no_op()
    with tf.Session() as session:
        session.run(v.initializer)
        assert [session.run([after, free]) for _ in range(3)] == [[2, 1], [3, 2], [4, 3]]
        assert session.run(free) == 4
        session.run(nothing)
        assert session.run(v) == 50
        both = tf.tuple([after, tf.constant(3.0)])
        assert session.run(both[1]) == 3
        assert session.run(v) == 51


def test_moving_averages_beside_training() -> None:
    """As layers of TensorFlow keep them: updates run before the step."""
    x, (w,) = tf.placeholder(tf.float32, [None, 2]), variables((2, 1))
    mean = tf.Variable(tf.zeros([2]), trainable=False)
    tf.add_to_collection(tf.GraphKeys.UPDATE_OPS,
                         tf.assign(mean, 0.5 * mean + 0.5 * tf.reduce_mean(x, 0)))  # fmt: skip
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0))
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        right = np.zeros(2, np.float32)
        for _ in range(4):
            session.run(train, {x: X})
            right = np.float32(0.5) * right + np.float32(0.5) * X.mean(0)
        np.testing.assert_array_equal(session.run(mean), right)


def test_assert_and_print(capsys: pytest.CaptureFixture[str]) -> None:
    x = tf.placeholder(tf.float32, [None])
    with tf.control_dependencies([tf.Assert(tf.reduce_all(x > 0), [x])]):
        y = tf.Print(tf.sqrt(x), [x, tf.shape(x)], "roots of ")
    with tf.Session() as session:
        for _ in range(3):
            assert session.run(y, {x: [4.0]}).tolist() == [2.0]
        with pytest.raises(errors.ArgumentError, match="a condition is false"):
            session.run(y, {x: [-1.0]})
    assert capsys.readouterr().out == "roots of [4.] [1]\n" * 3


ERRORS: dict[str, tuple[Callable[[], Any], str]] = {
    "number": (lambda: tf.cond(1.0, lambda: 1, lambda: 2), "pred is a symbol"),
    "float": (lambda: tf.cond(tf.constant(1.0), lambda: 1, lambda: 2), "is float32"),
    "no function": (lambda: tf.cond(tf.constant(True), 1, 2), "must be a function"),
    "dtypes": (lambda: tf.cond(tf.constant(True), lambda: 1, lambda: 2.0), "cast one of them"),
    "counts": (lambda: tf.cond(tf.constant(True), lambda: (1, 2), lambda: 2), "gives 2 symbols"),
    "none": (lambda: tf.cond(tf.constant(True), lambda: None, lambda: 2), "gave None"),
    "nothing": (lambda: tf.cond(tf.constant(True), list, list), "give no symbol"),
    "assigns": (lambda: tf.cond(tf.constant(True), lambda: tf.assign(tf.Variable(1.0), 2.0),
                                lambda: 2.0), "outside"),
    "loop vars": (lambda: tf.while_loop(lambda i: i < 1, lambda i: i, 0), "loop_vars is a list"),
    "asked": (lambda: tf.while_loop(lambda i: i, lambda i: i, [0]), "a truth value"),
    "body": (lambda: tf.while_loop(lambda i: i < 1, lambda i: (i, i), [0]), "2 values for 1"),
    "dtype": (lambda: tf.while_loop(lambda i: i < 1, lambda i: tf.cast(i, tf.float32), [0]),
              "is int32, and body makes it float32"),
    "dependency": (lambda: tf.control_dependencies([3]).__enter__(), "operations, not 3"),
    "no case": (lambda: tf.case([]), "give pairs"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str) -> None:
    call, words = ERRORS[name]
    with pytest.raises(errors.AutogradError, match=words):
        call()
