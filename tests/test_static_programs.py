"""Programs as users of TensorFlow 1 write them, and the functions that they lean on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import autograd.static as tf
import nn
from autograd import errors
from autograd.sweep import differentiate

RNG = np.random.default_rng(3)
IMAGES = RNG.random((12, 8, 8, 2)).astype(np.float32)
X, LABELS = RNG.normal(size=(32, 6)).astype(np.float32), RNG.integers(0, 3, 32)


@pytest.fixture(autouse=True)
def graph() -> Iterator[None]:
    with tf.Graph().as_default():
        yield


def run(fetches: Any, feed: Any = None) -> Any:
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feed)


# ---- shapes that a run tells ---------------------------------------------------------------------


def test_a_placeholder_without_a_shape_takes_any() -> None:
    x, y = tf.placeholder("float"), tf.placeholder(tf.float32)
    w = tf.Variable(2.0)
    cost = tf.reduce_sum(tf.square(x * w - y))
    assert (x.dtype, x.shape, cost.shape) == (tf.float32, None, ())
    assert run(cost, {x: 1.0, y: 3.0}) == 1
    assert run(cost, {x: [1.0, 2.0], y: [[3.0, 4.0]]}) == 1


def test_what_is_known_of_a_shape_is_kept() -> None:
    rate, x = tf.placeholder(tf.float32), tf.placeholder(tf.float32, [None, 3])
    wide = tf.placeholder(tf.float32, [None, None])
    assert (x * rate).shape is None  # which may have more axes
    assert tf.nn.dropout(x, rate).shape == (None, 3)
    assert tf.matmul(wide, tf.ones([5, 2])).shape == (None, 2)
    assert tf.reduce_mean(rate).shape == ()
    assert x.get_shape().as_list() == [None, 3]
    assert x.get_shape()[1].value == 3
    assert (x.shape.ndims, x.shape.num_elements()) == (2, None)
    assert tf.transpose(rate).shape is None


def test_lengths_may_come_from_other_symbols() -> None:
    x = tf.placeholder(tf.float32, [None, 3])
    fetches = [
        tf.zeros([tf.shape(x)[0], 2]), tf.random_normal(tf.shape(x)), tf.fill(tf.shape(x), 7.0),
        tf.reshape(x, [tf.shape(x)[0], 1, 3]), tf.reshape(x, tf.shape(tf.transpose(x))),
        tf.size(x),
    ]  # fmt: skip
    assert [f.shape for f in fetches[:3]] == [(None, 2), (None, 3), (None, 3)]
    found = run(fetches, {x: np.ones((4, 3))})
    assert [f.shape for f in found] == [(4, 2), (4, 3), (4, 3), (4, 1, 3), (3, 4), ()]
    assert found[-1] == 12


def test_random_numbers_have_the_mean_and_deviation_of_symbols() -> None:
    deviation = 1 / tf.sqrt(tf.constant(4.0))
    even = run(tf.random_uniform([20000], -deviation, deviation))
    assert even.std() == pytest.approx(0.5 / 3**0.5, abs=0.02)
    for draw in (tf.random_normal, tf.truncated_normal):
        found = run(draw([20000], mean=tf.constant(3.0), stddev=deviation))
        assert found.mean() == pytest.approx(3, abs=0.03)
        assert found.std() == pytest.approx(0.5 if draw is tf.random_normal else 0.44, abs=0.02)


def test_dtypes_are_tensorflows() -> None:
    assert tf.placeholder("double", [1]).dtype == tf.float64
    assert tf.cast(tf.constant(1), "float").dtype == tf.float32
    assert run(tf.div(tf.constant(-7), 2)) == -4  # Python 2's
    assert run(tf.div(tf.constant(7.0), 2)) == 3.5


def test_one_sweep_gives_all_gradients_of_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps: list[Any] = []
    plain = differentiate.grad
    monkeypatch.setattr(differentiate, "grad", lambda *a, **k: sweeps.append(a) or plain(*a, **k))
    variables = [tf.Variable(float(i)) for i in range(5)]
    loss = tf.reduce_sum(tf.square(tf.stack(variables)))
    assert run(tf.gradients(loss, variables)) == [0, 2, 4, 6, 8]
    assert len(sweeps) == 1


# ---- functions -----------------------------------------------------------------------------------

FUNCTIONS: dict[str, tuple[Any, Any]] = {
    "split in parts": (lambda x: tf.split(x, 3, axis=1), lambda x: np.split(x, 3, 1)),
    "split by lengths": (lambda x: tf.split(x, [1, 5], 1), lambda x: np.split(x, [1], 1)),
    "unstack": (lambda x: tf.unstack(x, axis=1), lambda x: [*x.T]),
    "slice": (lambda x: tf.slice(x, [1, 2], [3, -1]), lambda x: x[1:4, 2:]),
    "strided_slice": (
        lambda x: tf.strided_slice(x, [0, 1], [8, 5], [2, 3]), lambda x: x[0:8:2, 1:5:3],
    ),
    "reverse": (lambda x: tf.reverse(x, [1]), lambda x: x[:, ::-1]),
    "pad": (lambda x: tf.pad(x, [[1, 0], [0, 2]]), lambda x: np.pad(x, [[1, 0], [0, 2]])),
    "pad with": (
        lambda x: tf.pad(x, [[1, 0], [0, 2]], constant_values=5),
        lambda x: np.pad(x, [[1, 0], [0, 2]], constant_values=5),
    ),
    "pad by reflection": (
        lambda x: tf.pad(x, [[1, 0], [0, 2]], "REFLECT"),
        lambda x: np.pad(x, [[1, 0], [0, 2]], "reflect"),
    ),
    "cumsum": (tf.cumsum, lambda x: np.cumsum(x, 0)),
    "norm": (lambda x: tf.norm(x, axis=1), lambda x: np.linalg.norm(x, axis=1)),
    "norm 1": (lambda x: tf.norm(x, 1, axis=1), lambda x: np.abs(x).sum(1)),
    "count_nonzero": (lambda x: tf.count_nonzero(x > 0), lambda x: np.count_nonzero(x > 0)),
    "einsum": (lambda x: tf.einsum("ij,ik->jk", x, x), lambda x: x.T @ x),
    "tensordot": (lambda x: tf.tensordot(x, x, [[0], [0]]), lambda x: x.T @ x),
    "diag_part": (lambda x: tf.diag_part(x[:6]), np.diagonal),
    "matrix_inverse": (
        lambda x: tf.matrix_inverse(x[:6] + 9 * tf.eye(6)),
        lambda x: np.linalg.inv(x[:6] + 9 * np.eye(6)),
    ),
    "one_hot": (lambda x: tf.one_hot(tf.argmax(x, 1), 6), lambda x: np.eye(6)[x.argmax(1)]),
    "one_hot first": (
        lambda x: tf.one_hot(tf.argmax(x, 1), 6, 5.0, -5.0, axis=0),
        lambda x: 10 * np.eye(6)[x.argmax(1)].T - 5,
    ),
    "range": (lambda x: tf.range(2, 8, 3) + tf.range(2), lambda x: np.array([2, 6])),
    "linspace": (lambda x: tf.linspace(0.0, 1.0, 5), lambda x: np.linspace(0, 1, 5)),
    "clip_by_norm": (
        lambda x: tf.clip_by_norm(x, 2.0), lambda x: x * min(1, 2 / np.linalg.norm(x)),
    ),
    "l2_normalize": (
        lambda x: tf.nn.l2_normalize(x, 1), lambda x: x / np.linalg.norm(x, axis=1, keepdims=True),
    ),
    "moments": (lambda x: tf.nn.moments(x, [0]), lambda x: [x.mean(0), x.var(0)]),
    "batch_normalization": (
        lambda x: tf.nn.batch_normalization(x, *tf.nn.moments(x, [0]), 1.0, 2.0, 1e-3),
        lambda x: (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-3) * 2 + 1,
    ),
    "huber_loss": (
        lambda x: tf.losses.huber_loss(x, 0.0),
        lambda x: np.where(abs(x) < 1, x * x / 2, abs(x) - 0.5).mean(),
    ),
    "inverse_time_decay": (
        lambda x: tf.train.inverse_time_decay(0.6, tf.constant(20), 10, 0.5), lambda x: 0.3,
    ),
    "piecewise_constant": (
        lambda x: [
            tf.train.piecewise_constant(tf.constant(n), [2, 4], [1.0, 0.5, 0.1])
            for n in (2, 3, 4, 5)
        ],
        lambda x: [1.0, 0.5, 0.5, 0.1],
    ),
    "xw_plus_b": (lambda x: tf.nn.xw_plus_b(x, tf.eye(6), tf.ones([6])), lambda x: x + 1),
    "activations": (
        lambda x: [tf.nn.relu6(9 * x), tf.nn.softsign(x)],
        lambda x: [np.clip(9 * x, 0, 6), x / (1 + abs(x))],
    ),
    "casts": (
        lambda x: [tf.to_int32(x), tf.to_int64(x), tf.to_double(x)],
        lambda x: [x.astype(np.int32), x.astype(np.int64), x.astype(np.float64)],
    ),
    "matrices": (
        lambda x: [tf.diag(x[0]), tf.trace(x), tf.matrix_transpose(x), tf.rank(x)],
        lambda x: [np.diag(x[0]), np.trace(x), x.T, 2],
    ),
    "is_nan": (lambda x: tf.is_nan(tf.where(x < 0, x * np.nan, x)), lambda x: x < 0),
    "embedding_lookup": (
        lambda x: tf.nn.embedding_lookup(x, tf.constant([3, 0, 3])), lambda x: x[[3, 0, 3]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_gives_what_numpy_gives(name: str) -> None:
    theirs, ours = FUNCTIONS[name]
    x = tf.placeholder(tf.float32, [32, 6])
    found, wanted = run(theirs(x), {x: X}), ours(X)
    if not isinstance(found, (list, tuple)):
        found, wanted = [found], [wanted]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_shuffle_has_all_rows_in_another_order() -> None:
    found = run(tf.random_shuffle(tf.constant(X)))
    assert not np.array_equal(found, X)
    np.testing.assert_array_equal(np.sort(found, 0), np.sort(X, 0))


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_convolution_and_pooling_are_those_of_nn(size: int, step: int) -> None:
    x = tf.placeholder(tf.float32, [None, 8, 8, 2])
    kernel = RNG.normal(size=(size, size, 2, 3)).astype(np.float32)
    fetches = [
        tf.nn.conv2d(x, tf.constant(kernel), [1, step, step, 1], "VALID"),
        tf.nn.max_pool(x, [1, size, size, 1], [1, step, step, 1], "VALID"),
        tf.nn.avg_pool(x, [1, size, size, 1], [1, step, step, 1], "VALID"),
    ]
    image = ag.Tensor(IMAGES.transpose(0, 3, 1, 2))
    weight = ag.Tensor(kernel.transpose(3, 2, 0, 1))
    wanted = [
        nn.functional.conv2d(image, weight, stride=step),
        nn.functional.max_pool2d(image, size, step),
        nn.functional.avg_pool2d(image, size, step),
    ]
    for found, one in zip(run(fetches, {x: IMAGES}), wanted, strict=True):
        np.testing.assert_allclose(found, one.numpy().transpose(0, 2, 3, 1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("size", "step"), [(2, 2), (3, 1), (3, 2), (5, 3), (2, 3)])
def test_same_padding_divides_the_length_and_puts_the_odd_one_last(size: int, step: int) -> None:
    x = tf.constant(IMAGES[:, :7])
    pooled, mean = (
        f(x, [1, size, size, 1], [1, step, step, 1], "SAME")
        for f in (tf.nn.max_pool, tf.nn.avg_pool)
    )
    found, means = run([pooled, mean])
    assert found.shape[1:3] == (-(-7 // step), -(-8 // step))
    before = [
        max((count - 1) * step + size - length, 0) // 2
        for count, length in zip(found.shape[1:3], (7, 8), strict=True)
    ]
    first = IMAGES[:, : min(size - before[0], 7), : size - before[1]]
    np.testing.assert_allclose(found[:, 0, 0], first.max((1, 2)))
    np.testing.assert_allclose(means[:, 0, 0], first.mean((1, 2)), rtol=1e-5)


# ---- variables by name ---------------------------------------------------------------------------


def test_a_variable_is_made_once_and_found_again() -> None:
    with tf.variable_scope("a") as scope:
        w = tf.get_variable("w", [2, 3])
        with pytest.raises(errors.StateError, match=r"'a/w' is there already: reuse=True"):
            tf.get_variable("w", [2, 3])
        scope.reuse_variables()
        assert tf.get_variable("w", [2, 3]) is w
        with pytest.raises(errors.ArgumentError, match=r"'a/w' is \(2, 3\), and not \[3, 3\]"):
            tf.get_variable("w", [3, 3])
        with pytest.raises(errors.StateError, match="no variable 'a/b' to reuse"):
            tf.get_variable("b", [1])
    with tf.variable_scope("a", reuse=True), tf.variable_scope("b", reuse=tf.AUTO_REUSE):
        pass
    with tf.variable_scope("a/b"):
        assert tf.get_variable("c", initializer=tf.constant(1.0)).name == "a/b/c:0"
    with tf.variable_scope(scope):
        assert tf.get_variable("w") is w
    assert tf.get_variable_scope().name == ""
    assert [v.name for v in tf.trainable_variables("a/b")] == ["a/b/c:0"]
    assert tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, "a/w") == [w]


@pytest.mark.parametrize(("make", "deviation"), [
    (tf.glorot_uniform_initializer(), (2 / 500) ** 0.5),
    (tf.contrib.layers.xavier_initializer(uniform=False), (2 / 500) ** 0.5),
    (tf.variance_scaling_initializer(2.0), (2 / 300) ** 0.5),
    (tf.truncated_normal_initializer(stddev=0.1), 0.088),
    (tf.random_normal_initializer(0.0, 0.1), 0.1),
    (tf.random_uniform_initializer(-1, 1), 3**-0.5),
    (tf.zeros_initializer, 0.0),
    (tf.ones_initializer(), 0.0),
])  # fmt: skip
def test_an_initializer_has_its_deviation(make: Any, deviation: float) -> None:
    w = tf.get_variable("w", [300, 200], initializer=make)
    assert run(w).std() == pytest.approx(deviation, rel=0.02)


def test_layers_make_their_variables_and_share_them_by_name() -> None:
    x = tf.placeholder(tf.float32, [None, 8, 8, 2])

    def model(images: Any) -> Any:
        again = tf.AUTO_REUSE
        found = tf.layers.conv2d(images, 4, 3, activation=tf.nn.relu, name="c", reuse=again)
        found = tf.layers.flatten(tf.layers.max_pooling2d(found, 2, 2))
        return tf.layers.dense(found, 3, name="d", reuse=again)

    one, other = model(x), model(x)
    names = [v.name for v in tf.trainable_variables()]
    assert names == ["c/kernel:0", "c/bias:0", "d/kernel:0", "d/bias:0"]
    np.testing.assert_array_equal(*run([one, other], {x: IMAGES}))


def test_layers_without_names_are_numbered() -> None:
    x = tf.layers.dense(tf.layers.dense(tf.ones([1, 2]), 3), 4)
    assert x.shape == (1, 4)
    assert [v.name for v in tf.trainable_variables()[::2]] == ["dense/kernel:0", "dense_1/kernel:0"]
    assert tf.contrib.layers.fully_connected(x, 5, scope="last").shape == (1, 5)


# ---- saving --------------------------------------------------------------------------------------


def test_a_saver_gives_every_variable_its_value_again(tmp_path: Path) -> None:
    w, count = tf.Variable(tf.random_normal([3, 2]), name="w"), tf.Variable(0, trainable=False)
    loss = tf.reduce_sum(tf.square(w))
    step = tf.train.AdamOptimizer(0.1).minimize(loss, global_step=count)
    saver = tf.train.Saver(max_to_keep=2)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(4):
            session.run(step)
            path = saver.save(session, tmp_path / "model", global_step=count)
        wanted = session.run([loss, step, loss])
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "checkpoint", "model-3.safetensors", "model-4.safetensors",
    ]  # fmt: skip
    assert tf.train.latest_checkpoint(tmp_path) == path
    with tf.Session() as session:
        saver.restore(session, path)
        assert session.run(count) == 4
        assert session.run([loss, step, loss]) == wanted
        with pytest.raises(errors.StateError, match=r"there is no .*other\.safetensors"):
            saver.restore(session, tmp_path / "other")


def test_a_variable_is_given_a_value_and_a_checkpoint_is_found(tmp_path: Path) -> None:
    w = tf.Variable([1.0, 2.0], name="w")
    tf.add_to_collection("kept", w)
    assert tf.get_collection("kept") == [w]
    assert tf.train.get_checkpoint_state(tmp_path) is None
    with tf.Session() as session:
        w.load([3.0, 4.0], session)
        path = tf.train.Saver({"weights": w}).save(session, tmp_path / "made" / "model")
        assert tf.train.get_checkpoint_state(tmp_path / "made").model_checkpoint_path == path
        assert tf.train.checkpoint_exists(path)
        with pytest.raises(OSError, match="there is no directory"):
            tf.train.Saver([w]).save(session, tmp_path / "no" / "where" / "model")
        assert session.run(w).tolist() == [3.0, 4.0]
        with pytest.raises(errors.UnknownNameError, match="has no 'w'; it has weights"):
            tf.train.Saver([w]).restore(session, path)


# ---- whole programs ------------------------------------------------------------------------------


def test_a_classifier_with_named_variables_learns() -> None:
    x, y = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.int64, [None])
    keep, step = tf.placeholder(tf.float32), tf.Variable(0, trainable=False)
    hidden = tf.nn.dropout(tf.layers.dense(x, 32, tf.nn.relu), keep)
    logits = tf.layers.dense(hidden, 3)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    rate = tf.train.exponential_decay(0.05, step, 50, 0.5, staircase=True)
    optimizer = tf.train.AdamOptimizer(rate)
    pairs = optimizer.compute_gradients(loss)
    clipped, _ = tf.clip_by_global_norm([g for g, _ in pairs], 5.0)
    variables = [v for _, v in pairs]
    train = optimizer.apply_gradients(zip(clipped, variables, strict=True), global_step=step)
    hit = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), "float"))
    with (
        tf.device("/cpu:0"),
        tf.Session(config=tf.ConfigProto()) as session,
    ):
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        for _ in range(100):
            session.run(train, {x: X, y: LABELS, keep: 0.9})
        assert session.run(hit, {x: X, y: LABELS, keep: 1.0}) > 0.9
        assert session.run(rate) == pytest.approx(0.0125)


def test_a_target_network_is_copied_by_scope() -> None:
    x = tf.placeholder(tf.float32, [None, 6])
    outputs = []
    for name in ("main", "target"):
        with tf.variable_scope(name):
            outputs.append(tf.layers.dense(x, 2, name="out"))
    sources, targets = tf.trainable_variables("main"), tf.trainable_variables("target")
    copy = [tf.assign(t, s) for t, s in zip(targets, sources, strict=True)]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(copy)
        np.testing.assert_array_equal(*session.run(outputs, {x: X}))


def test_labels_get_a_gradient_from_the_second_version_alone() -> None:
    labels, logits = tf.Variable([[0.5, 0.5]]), tf.Variable([[1.0, 2.0]])
    first, second = (
        tf.gradients(f(labels=labels, logits=logits), [labels])[0]
        for f in (
            tf.nn.softmax_cross_entropy_with_logits, tf.nn.softmax_cross_entropy_with_logits_v2,
        )
    )  # fmt: skip
    assert not run(first).any()
    assert run(second).all()


@pytest.mark.parametrize(("look", "said"), [
    (lambda: tf.data, "nn.data.DataLoader"),
    (lambda: tf.nn.bidirectional_dynamic_rnn, "two dynamic_rnn"),
    (lambda: tf.layers.conv1d, "nn.Conv1d"),
    (lambda: tf.train.Coordinator, "batches are cut in Python"),
    (lambda: tf.losses.cosine_distance, "a line of its own"),
    (lambda: tf.contrib.layers.dens, "has no attribute 'dens'"),
])  # fmt: skip
def test_what_is_not_there_says_what_to_write(look: Any, said: str) -> None:
    with pytest.raises(errors.MissingAttributeError, match=said):
        look()


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "parts": (lambda x: tf.split(x, 4, 1), errors.ArgumentError, "an axis of 6 has no 4 parts"),
    "lengths": (lambda x: tf.split(x, [1, 2], 1), errors.ArgumentError, "do not fill an axis of 6"),
    "open axis": (lambda x: tf.unstack(x), errors.ArgumentError, "axis 0 .* must be known"),
    "padding": (
        lambda x: tf.nn.max_pool(tf.zeros([1, 2, 2, 1]), 2, 2, "FULL"), errors.ArgumentError,
        '"SAME" or "VALID"',
    ),
    "channels first": (
        lambda x: tf.nn.conv2d(x, x, 1, "SAME", data_format="NCHW"), errors.ArgumentError,
        r"images are NHWC; transpose\(x, \[0, 2, 3, 1\]\)",
    ),
    "no image": (lambda x: tf.nn.max_pool(x, 2, 2, "SAME"), errors.ShapeError, "images"),
    "window": (
        lambda x: tf.nn.max_pool(tf.zeros([1, 2, 2, 1]), 3, 1, "VALID"), errors.ShapeError,
        "does not fit",
    ),
    "strides": (
        lambda x: tf.nn.max_pool(tf.zeros([1, 2, 2, 1]), [2, 2, 2], 1, "SAME"),
        errors.ArgumentError, "is wanted, not",
    ),
    "open weights": (
        lambda x: tf.layers.dense(tf.placeholder("float"), 3), errors.ShapeError, "must be known",
    ),
    "open flatten": (
        lambda x: tf.layers.flatten(tf.placeholder(tf.float32, [1, None])), errors.ShapeError,
        "must be known",
    ),
    "dilation": (
        lambda x: tf.layers.conv2d(x, 1, 1, dilation_rate=2), errors.ArgumentError, "nn.Conv2d",
    ),
    "no shape": (lambda x: tf.get_variable("w"), errors.ArgumentError, "give a shape"),
    "no name": (lambda x: tf.variable_scope(None).__enter__(), errors.ArgumentError, "default_n"),
    "mode": (
        lambda x: tf.variance_scaling_initializer(mode="fan"), errors.ArgumentError, "is fan_in",
    ),
    "range": (lambda x: tf.range(tf.size(x)), errors.ArgumentError, "only a run tells"),
    "rank": (lambda x: tf.rank(tf.placeholder(tf.float32)), errors.ArgumentError, "is not known"),
    "one_hot": (
        lambda x: tf.one_hot(tf.placeholder(tf.int32), 3), errors.ArgumentError, "is not known",
    ),
    "nothing to save": (lambda x: tf.train.Saver(), errors.ArgumentError, "there are no variables"),
    "another shape": (lambda x: x.set_shape([3, 3]), errors.ShapeError, r"not of shape \(3, 3\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name: str) -> None:
    call, error, message = BAD[name]
    with pytest.raises(error, match=message):
        call(tf.placeholder(tf.float32, [None, 6]))


def test_a_shape_may_be_set() -> None:
    x = tf.placeholder(tf.float32)
    x.set_shape([None, 3])
    x.set_shape([2, None])
    assert x.shape == (2, 3)


# ---- written one below the other, and mistaken --------------------------------------------------


def test_an_integer_variable_beside_a_network_is_no_hindrance_to_its_training() -> None:
    """As in TensorFlow, where the programs of a course share the default graph of a notebook."""
    with tf.Session() as session:
        tf.Variable(tf.constant(35) + 5)
        w = tf.Variable(3.0)
        train = tf.train.GradientDescentOptimizer(0.25).minimize(tf.square(w))
        session.run(tf.global_variables_initializer())
        session.run(train)
        assert session.run(w) == 1.5


def test_a_length_that_a_run_will_tell_has_none_for_its_value() -> None:
    with tf.Graph().as_default():
        shape = tf.placeholder(tf.float32, [None, 2]).get_shape()
        assert (shape[0].value, shape[1].value, shape[-1].value) == (None, 2, 2)
        assert shape[0] == None  # noqa: E711 - as TensorFlow's Dimension answers
        assert shape[:1].as_list() == [None]
        with pytest.raises(errors.ShapeError, match=r"shape\(x\)\[axis\]"):
            int(shape[0])


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "complex numbers": (
        lambda s, x, y: s.run(y, {x: [[1j, 0]]}), errors.DTypeError, "x: numbers of float32"),
    "rows of two lengths": (
        lambda s, x, y: s.run(y, {x: [[1, 2], [3]]}), errors.ShapeError, r"\(\?, 2\).*ragged"),
    "too wide": (
        lambda s, x, y: s.run(y, {x: [[1, 2, 3]]}), errors.ShapeError, r"fed has \(1, 3\)"),
    "an array for the feed": (
        lambda s, x, y: s.run(y, [[1, 2]]), errors.ArgumentTypeError, "is a dict, .* not list"),
    "a name misspelled": (
        lambda s, x, y: s.run("totla:0"), errors.UnknownNameError, "near it are 'total:0'"),
    "the name of an operation": (
        lambda s, x, y: s.graph.get_tensor_by_name("total"),
        errors.UnknownNameError, "end in ':0': 'total:0'"),
    "numbers of a symbol": (lambda s, x, y: y.numpy(), AttributeError, r"session.run\(total\)"),
    "an eager backward": (lambda s, x, y: y.backward(), AttributeError, r"gradients\(loss, \[x\]"),
    "a verb misspelled": (lambda s, x, y: y.evaluate(), AttributeError, "has no attribute 'eval"),
    "a loss that is a number": (
        lambda s, x, y: tf.train.AdamOptimizer(0.1).minimize(3.0),
        errors.ArgumentTypeError, "a loss is a symbol, not float"),
    "integers and floats": (
        lambda s, x, y: tf.constant([1]) + tf.constant([1.0]),
        errors.DTypeError, r"cast\(x, float32\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_said_with_what_to_write(name: str) -> None:
    call, error, said = MISTAKES[name]
    with tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        y = tf.reduce_sum(x, 1, name="total")
        with pytest.raises(error, match=said) as caught:
            call(session, x, y)
    assert isinstance(caught.value, errors.AutogradError)
    assert len(str(caught.value)) < 250


def test_a_session_tells_what_it_holds() -> None:
    with tf.Session() as session:
        tf.Variable(1.0)
        session.run(tf.global_variables_initializer())
        assert "values of 1 variables" in repr(session)
    assert repr(session).endswith("closed>")


def test_a_length_of_another_symbol_is_open_in_a_placeholder_too() -> None:
    x = tf.placeholder(tf.float32, [None, 2])
    assert tf.placeholder(tf.float32, [x.shape[0], x.shape[1]]).shape.as_list() == [None, 2]
