"""More of TensorFlow 1's names against NumPy, and whole programs as people write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.special

import autograd.static as tf
from autograd import errors

X = np.array([[0.5, -0.25, 0.75], [0.1, 0.9, -0.6]], np.float32)
RNG = np.random.default_rng(2)


@pytest.fixture(autouse=True)
def graph() -> Iterator[Any]:
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(5)
        yield graph


def run(fetches: Any, feed: Any = None) -> Any:
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feed)


S = X[:, :2] @ X[:, :2].T + np.eye(2, dtype=np.float32)
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "acos": (tf.acos, np.arccos(X)),
    "asin": (tf.asin, np.arcsin(X)),
    "atan": (tf.atan, np.arctan(X)),
    "sinh": (tf.sinh, np.sinh(X)),
    "cosh": (tf.cosh, np.cosh(X)),
    "erfc": (tf.erfc, scipy.special.erfc(X)),
    "lgamma": (lambda x: tf.lgamma(x + 1.5), scipy.special.gammaln(X + 1.5)),
    "digamma": (lambda x: tf.digamma(x + 1.5), scipy.special.psi(X + 1.5)),
    "rint": (lambda x: tf.rint(x * 2), np.rint(X * 2)),
    "atan2": (lambda x: tf.atan2(x, x + 2), np.arctan2(X, X + 2)),
    "is_finite": (lambda x: tf.is_finite(tf.constant([np.nan, 1.0])), np.array([False, True])),
    "is_inf": (lambda x: tf.is_inf(tf.constant([np.inf, 1.0])), np.array([True, False])),
    "logical_xor": (lambda x: tf.logical_xor(x > 0, x > 0.6), (X > 0) ^ (X > 0.6)),
    "floor_div": (lambda x: tf.floor_div(x, 0.2), np.floor_divide(X, np.float32(0.2))),
    "cumprod": (lambda x: tf.cumprod(x, 1), np.cumprod(X, 1)),
    "broadcast_to": (lambda x: tf.broadcast_to(x, [2, 2, 3]), np.broadcast_to(X, (2, 2, 3))),
    "accumulate_n": (lambda x: tf.accumulate_n([x, x]), X + X),
    "lin_space": (lambda x: tf.lin_space(0.0, 1.0, 5), np.linspace(0, 1, 5, dtype="f")),
    "sequence_mask": (lambda x: tf.sequence_mask(tf.constant([1, 3]), 4, tf.float32),
                      np.array([[1, 0, 0, 0], [1, 1, 1, 0]], "f")),
    "det": (lambda x: tf.linalg.det(tf.constant(S)), np.linalg.det(S)),
    "solve": (lambda x: tf.matrix_solve(tf.constant(S), x), np.linalg.solve(S, X)),
    "cholesky": (lambda x: tf.cholesky(tf.constant(S)), np.linalg.cholesky(S)),
    "inv": (lambda x: tf.linalg.inv(tf.constant(S)), np.linalg.inv(S)),
    "math": (lambda x: tf.math.reduce_sum(tf.math.tanh(x)), np.tanh(X).sum()),
    "swish": (tf.nn.swish, X / (1 + np.exp(-X))),
    "zero_fraction": (lambda x: tf.nn.zero_fraction(tf.nn.relu(x)), np.float32(2 / 6)),
    "top_k": (lambda x: tf.nn.top_k(x, 2)[0], -np.sort(-X, 1)[:, :2]),
    "top_k places": (lambda x: tf.nn.top_k(x, 2)[1], np.argsort(-X, 1)[:, :2].astype("i4")),
    "in_top_k": (lambda x: tf.nn.in_top_k(x, tf.constant([0, 1]), 1), np.array([False, True])),
    "weighted": (lambda x: tf.nn.weighted_cross_entropy_with_logits(x * 0 + 1.0, x, 3.0),
                 3 * np.log1p(np.exp(-X))),
    "log_loss": (lambda x: tf.losses.log_loss(tf.constant([1.0]), tf.constant([0.25])),
                 -np.log(np.float32(0.25))),
    "hinge_loss": (lambda x: tf.losses.hinge_loss(tf.constant([[1.0], [0.0]]), x),
                   np.maximum(0, 1 - np.array([[1], [-1]]) * X).mean()),
    "polynomial_decay": (lambda x: tf.train.polynomial_decay(1.0, tf.constant(5), 10, 0.1, 2.0),
                         np.float32(0.9 * 0.25 + 0.1)),
    "natural_exp_decay": (lambda x: tf.train.natural_exp_decay(2.0, tf.constant(5), 10, 0.5),
                          np.float32(2 * np.exp(-0.25))),
    "cosine_decay": (lambda x: tf.train.cosine_decay(2.0, tf.constant(5), 20, 0.5),
                     np.float32(2 * (0.5 * 0.5 * (1 + np.cos(np.pi / 4)) + 0.5))),
    "identity of truth": (lambda x: tf.identity(x > 0), X > 0),
    "scan": (lambda x: tf.scan(lambda a, row: a * row, x), np.cumprod(X, 0)),
    "scan back": (lambda x: tf.scan(lambda a, row: a + row, x, tf.zeros([3]), reverse=True),
                  np.cumsum(X[::-1], 0)[::-1]),
    "map_fn": (lambda x: tf.map_fn(lambda row: tf.argmax(row), x, dtype=tf.int64), X.argmax(1)),
    "map_fn of two": (lambda x: tf.map_fn(lambda p: p[0] * p[1], (x, x), dtype=tf.float32), X * X),
    "foldl": (lambda x: tf.foldl(lambda a, row: a - row, x), X[0] - X[1]),
    "foldr": (lambda x: tf.foldr(lambda a, row: a - row, x), X[1] - X[0]),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_numpys(name: str) -> None:
    function, right = FUNCTIONS[name]
    x = tf.placeholder(tf.float32, [None, 3])
    y = function(x)
    with tf.Session() as session:
        for _ in range(3):  # by a walk, and by a plan
            found = session.run(y, {x: X})
            assert found.dtype == np.asarray(right).dtype or found.dtype == np.float32
            np.testing.assert_allclose(found, right, rtol=2e-5, atol=1e-6)


# ---- recurrent cells -----------------------------------------------------------------------------


def logistic(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def lstm(x: Any, c: Any, h: Any, kernel: Any, bias: Any) -> Any:
    i, j, f, o = np.split(np.concatenate([x, h], 1) @ kernel + bias, 4, 1)
    c = c * logistic(f + 1) + logistic(i) * np.tanh(j)
    return c, np.tanh(c) * logistic(o)


@pytest.mark.parametrize("lengths", [None, [4, 1, 0, 3]])
def test_dynamic_rnn_is_a_loop_of_the_cell(lengths: Any) -> None:
    x = tf.placeholder(tf.float32, [None, 4, 2])
    cell = tf.nn.rnn_cell.BasicLSTMCell(3)
    outputs, state = tf.nn.dynamic_rnn(cell, x, lengths, dtype=tf.float32)
    data = RNG.normal(size=(4, 4, 2)).astype("f")
    assert [v.name for v in tf.trainable_variables()] == [
        "rnn/basic_lstm_cell/kernel:0", "rnn/basic_lstm_cell/bias:0"]  # fmt: skip
    found, last, kernel, bias = run([outputs, state, *tf.trainable_variables()], {x: data})
    c = h = np.zeros((4, 3), "f")
    for t in range(4):
        new_c, new_h = lstm(data[:, t], c, h, kernel, bias)
        goes_on = np.ones((4, 1), bool) if lengths is None else np.array(lengths)[:, None] > t
        np.testing.assert_allclose(found[:, t], np.where(goes_on, new_h, 0), rtol=1e-4, atol=1e-6)
        c, h = np.where(goes_on, new_c, c), np.where(goes_on, new_h, h)
    np.testing.assert_allclose(last.c, c, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(last.h, h, rtol=1e-4, atol=1e-6)


CELLS = {
    "rnn": lambda: tf.nn.rnn_cell.BasicRNNCell(3),
    "gru": lambda: tf.nn.rnn_cell.GRUCell(3),
    "lstm": lambda: tf.contrib.rnn.LSTMCell(3),
    "stack": lambda: tf.nn.rnn_cell.MultiRNNCell(
        [tf.nn.rnn_cell.GRUCell(2), tf.nn.rnn_cell.LSTMCell(3)]),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_dynamic_and_static_rnn_agree_and_learn(name: str) -> None:
    x = tf.placeholder(tf.float32, [None, 4, 2])
    cell = CELLS[name]()
    outputs, _ = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    with tf.variable_scope("again"):
        steps, _ = tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)
    weights = tf.trainable_variables()
    slopes = [tf.gradients(tf.reduce_sum(tf.square(y)), weights)
              for y in (outputs, tf.stack(steps, 1))]  # fmt: skip
    data = RNG.normal(size=(3, 4, 2))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            one, other, (a, b) = session.run([outputs, steps, slopes], {x: data})
            np.testing.assert_allclose(one, np.stack(other, 1), rtol=1e-5, atol=1e-7)
            for g, h in zip(a, b, strict=True):
                np.testing.assert_allclose(g, h, rtol=1e-4, atol=1e-6)


# ---- programs ------------------------------------------------------------------------------------


def digits(count: int = 64) -> tuple[Any, Any]:
    y = np.arange(count) % 4
    x = RNG.normal(size=(count, 8, 8)).astype("f") / 4
    for i, k in enumerate(y):
        x[i, 4 * (k // 2) : 4 * (k // 2) + 4, 4 * (k % 2) : 4 * (k % 2) + 4] += 1
    return x.reshape(count, 64), y


def test_a_classifier_with_all_that_goes_with_it(tmp_path: Path) -> None:
    """Layers, batch normalization, dropout, regularizers, decay, averages, summaries, a saver."""
    x = tf.placeholder(tf.float32, [None, 64], name="x")
    t = tf.placeholder(tf.int64, [None], name="t")
    training = tf.placeholder_with_default(False, [], name="training")
    step = tf.train.get_or_create_global_step()
    with tf.name_scope("model"):
        h = tf.layers.conv2d(tf.reshape(x, [-1, 8, 8, 1]), 4, 3, padding="same", name="conv")
        h = tf.nn.relu(tf.layers.batch_normalization(h, training=training))
        h = tf.layers.flatten(tf.layers.max_pooling2d(h, 2, 2))
        h = tf.layers.dropout(h, 0.2, training=training)
        logits = tf.layers.dense(h, 4, kernel_regularizer=tf.contrib.layers.l2_regularizer(1e-3))
    loss = tf.losses.sparse_softmax_cross_entropy(t, logits) + tf.losses.get_regularization_loss()
    rate = tf.train.exponential_decay(0.01, step, 20, 0.9, staircase=True)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), t), tf.float32))
    tf.summary.scalar("loss", loss)
    tf.summary.histogram("logits", logits)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        move = tf.train.AdamOptimizer(rate).minimize(loss, global_step=step)
    average = tf.train.ExponentialMovingAverage(0.9, step)
    with tf.control_dependencies([move]):
        train = average.apply(tf.trainable_variables())
    merged, saver = tf.summary.merge_all(), tf.train.Saver(max_to_keep=2)
    images, labels = digits()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        writer = tf.summary.FileWriter(tmp_path / "logs", session.graph)
        losses = []
        for _epoch in range(6):
            for i in range(0, 64, 24):  # the last batch is smaller
                feed = {x: images[i : i + 24], t: labels[i : i + 24], training: True}
                _, value, numbers = session.run([train, loss, merged], feed)
            losses.append(value)
            writer.add_summary(numbers, session.run(step))
            path = saver.save(session, str(tmp_path / "model"), global_step=step)
        assert losses[-1] < losses[0] / 2
        assert session.run(step) == 18
        right = session.run([accuracy, logits], {x: images, t: labels})
        moved = session.run([average.average(v) for v in tf.trainable_variables()])
        assert all(np.isfinite(v).all() for v in moved)
        assert session.run("conv/kernel:0").shape == (3, 3, 1, 4)
    lines = (tmp_path / "logs" / "events.jsonl").read_text().splitlines()
    assert len(lines) == 6
    assert set(json.loads(lines[0])["logits"]) == {"mean", "min", "max"}
    with tf.Session() as session:
        saver.restore(session, path)
        found = session.run([accuracy, logits], {x: images, t: labels})
        np.testing.assert_array_equal(found[1], right[1])
    assert right[0] > 0.9


def test_a_pair_of_networks_against_each_other() -> None:
    """A GAN with var_list: each optimizer moves its own variables alone."""
    real, noise = tf.placeholder(tf.float32, [None, 1]), tf.placeholder(tf.float32, [None, 2])

    def judge(x: Any) -> Any:
        with tf.variable_scope("judge", reuse=tf.AUTO_REUSE):
            h = tf.layers.dense(x, 8, tf.nn.leaky_relu, name="h")
            return tf.layers.dense(h, 1, name="out")

    with tf.variable_scope("maker"):
        fake = tf.layers.dense(tf.layers.dense(noise, 8, tf.nn.relu), 1)
    judged, judged_fake = judge(real), judge(fake)

    def against(logits: Any, label: float) -> Any:
        labels = tf.ones_like(logits) * label
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))

    parts = {scope: tf.trainable_variables(scope) for scope in ("judge", "maker")}
    judges = tf.train.AdamOptimizer(0.02).minimize(
        against(judged, 1.0) + against(judged_fake, 0.0), var_list=parts["judge"]
    )
    makes = tf.train.AdamOptimizer(0.02).minimize(
        against(judged_fake, 1.0), var_list=parts["maker"]
    )
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for op, moved, still in ((judges, "judge", "maker"), (makes, "maker", "judge")):
            for _ in range(3):
                before = session.run(parts)
                feed = {real: RNG.normal(3, 1, (16, 1)), noise: RNG.normal(size=(16, 2))}
                session.run(op, feed)
                after = session.run(parts)
                assert all(map(np.array_equal, before[still], after[still]))
                assert not all(map(np.array_equal, before[moved], after[moved]))


def test_feeds_and_fetches_of_all_kinds() -> None:
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    k = tf.placeholder(tf.int32, [], name="k")
    h = tf.multiply(x, 2.0, name="h")
    y = tf.reduce_sum(h, 1, name="y")
    with tf.Session() as session:
        for value in ([[1, 2]], ((1.0, 2.0),), np.array([[1, 2]]), np.array([[1.0, 2.0]])):
            for _ in range(3):
                assert session.run(y, {x: value}).tolist() == [6.0]
        assert session.run({"a": [y, ("y:0",)], "n": h.op}, {"x:0": [[1, 2]]}) == {
            "a": [[6.0], ([6.0],)], "n": None}  # fmt: skip
        assert session.run(y, {h: [[1, 2]]}).tolist() == [3.0]  # in the middle
        assert session.run(k + 1, {k: np.int64(3)}) == 4
        assert y.eval({x: [[0, 1]]}).tolist() == [2.0]
        with pytest.raises(errors.DTypeError):
            session.run(k + 1, {k: 1.5})
        with pytest.raises(errors.ShapeError):
            session.run(y, {x: [1, 2]})


def test_graphs_nest_and_names_are_made_unique(graph: Any) -> None:
    a = tf.constant(1, name="c")
    with tf.Graph().as_default() as inner:
        b = tf.constant(2, name="c")
        with graph.as_default():
            d = tf.constant(3, name="c")
            with tf.name_scope("s"), tf.name_scope("t"):
                e = tf.constant(4, name="c")
            with tf.name_scope("s"):
                f = tf.constant(5, name="c")
    assert [s.name for s in (a, b, d, e, f)] == ["c:0", "c:0", "c_1:0", "s/t/c:0", "s_1/c:0"]
    with tf.Session(graph=inner) as one, tf.Session(graph=graph) as other:
        assert (one.run(b), other.run([a, d, e, f])) == (2, [1, 3, 4, 5])
        with pytest.raises(errors.ArgumentError, match="another graph"):
            one.run(a)


def test_flags_files_and_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd.static import host

    monkeypatch.setattr(host.sys, "argv", ["program", "--steps", "7", "--fast=true", "other"])
    tf.app.flags.DEFINE_integer("steps", 3, "how many")
    tf.flags.DEFINE_boolean("fast", False, "whether")
    tf.flags.DEFINE_float("rate", 0.5)
    flags = tf.app.flags.FLAGS
    assert (flags.steps, flags.fast, flags.rate) == (7, True, 0.5)
    flags.rate = 0.25
    assert flags.rate == 0.25
    with pytest.raises(SystemExit) as stop:
        tf.app.run(lambda argv: len(argv))
    assert stop.value.code == 1
    tf.gfile.MakeDirs(str(tmp_path / "a" / "b"))
    assert tf.gfile.Exists(str(tmp_path / "a" / "b"))
    tf.gfile.DeleteRecursively(str(tmp_path / "a"))
    assert not tf.gfile.Exists(str(tmp_path / "a"))
    tf.logging.set_verbosity(tf.logging.ERROR)
    with pytest.raises(tf.errors.FailedPreconditionError):
        tf.Session().run(tf.Variable(1.0))
