"""Graphs first, numbers later: the two-phase style of TensorFlow 1, in four programs.

python -m examples.two_phases
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd.static as tf
from examples.shared import options_of


def two_constants() -> int:
    """A sum, built and then run."""
    a = tf.constant(10)
    b = tf.constant(32)
    with tf.Session() as sess:
        return int(sess.run(a + b))


def a_variable() -> int:
    """A variable that begins as an expression."""
    x = tf.constant(35, name="x")
    y = tf.Variable(x + 5, name="y")
    model = tf.global_variables_initializer()
    with tf.Session() as session:
        session.run(model)
        return int(session.run(y))


def a_placeholder() -> list[list[float]]:
    """A matrix that is fed when the graph is run."""
    x = tf.placeholder(tf.float32, [1, 1], name="x")
    z = tf.matmul(x, x)
    with tf.Session() as sess:
        found: list[list[float]] = sess.run(z, feed_dict={x: [[2.0]]}).tolist()
        return found


def xor(steps: int, seed: int) -> tuple[float, list[int]]:
    """XOR by a network 2-8-1: Adam's step is one more operation of the graph."""
    tf.set_random_seed(seed)
    X = tf.placeholder(tf.float32, [None, 2])
    Y = tf.placeholder(tf.float32, [None, 1])
    W_hidden = tf.Variable(tf.random_normal([2, 8]))
    b_hidden = tf.Variable(tf.zeros([8]))
    W_output = tf.Variable(tf.random_normal([8, 1]))
    hidden = tf.sigmoid(tf.matmul(X, W_hidden) + b_hidden)
    output = tf.sigmoid(tf.matmul(hidden, W_output))
    loss = tf.reduce_mean(tf.square(output - Y))
    train = tf.train.AdamOptimizer(0.01).minimize(loss)

    data_x = [[0, 0], [0, 1], [1, 0], [1, 1]]
    data_y = [[0], [1], [1], [0]]
    fetches = [train, loss, W_hidden, b_hidden, W_output]
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for step in range(steps):
            _, cost, _, _, _ = sess.run(fetches, feed_dict={X: data_x, Y: data_y})
            if step % 500 == 0:
                print(f"  step {step}: loss {cost:.4f}")
        rows = [sess.run(output, feed_dict={X: [row]})[0, 0] for row in data_x]
    return float(cost), [round(float(y)) for y in rows]


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    options = options_of(__doc__, "two_phases", steps=2000, seed=1).parse_args(arguments)
    found: dict[str, Any] = {}
    with tf.Graph().as_default():
        found["sum"] = two_constants()
        found["variable"] = a_variable()
        found["product"] = a_placeholder()
    print(f"10 + 32 = {found['sum']}; 35 + 5 = {found['variable']}; 2 · 2 = {found['product']}")
    with tf.Graph().as_default() as graph:
        found["loss"], found["xor"] = xor(options.steps, options.seed)
    print(f"XOR: {found['xor']}, loss {found['loss']:.4f}, {len(graph.nodes)} operations")
    return found


if __name__ == "__main__":
    main()
