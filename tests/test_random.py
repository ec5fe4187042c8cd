"""Random Tensors: seeds, distributions, dtypes, and gradients of the parameters."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd import random
from autograd.errors import DTypeError, ShapeError
from autograd.sweep.differentiate import grad
from autograd.tensors.tensor import Tensor

DRAWS: dict[str, Callable[..., Tensor]] = {
    "rand": lambda **more: random.rand(50, **more),
    "randn": lambda **more: random.randn(50, **more),
    "randint": lambda **more: random.randint(1000, shape=50, **more),
    "randperm": lambda **more: random.randperm(50, **more),
    "normal": lambda **more: random.normal(1.0, 2.0, 50, **more),
    "uniform": lambda **more: random.uniform(-1.0, 2.0, 50, **more),
    "bernoulli": lambda **more: random.bernoulli(0.5, 50, **more),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_a_seed_or_a_generator_fixes_the_numbers(draw: Any) -> None:
    first = draw(rng=7).tolist()
    assert draw(rng=7).tolist() == first
    assert draw(rng=np.random.default_rng(7)).tolist() == first
    assert draw(rng=8).tolist() != first
    stream = np.random.default_rng(7)
    assert draw(rng=stream).tolist() == first
    assert draw(rng=stream).tolist() != first


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_manual_seed_starts_the_default_generator(draw: Any) -> None:
    random.manual_seed(3)
    first, second = draw().tolist(), draw().tolist()
    assert first != second
    random.manual_seed(3)
    assert [draw().tolist(), draw().tolist()] == [first, second]
    draw(rng=5)  # a generator of its own leaves the default one alone
    following = draw().tolist()
    random.manual_seed(3)
    assert [draw().tolist() for _ in range(3)][2] == following


@pytest.mark.parametrize("rng", ["7", 1.5, True, np.random.RandomState(0)])
def test_what_is_no_generator_and_no_seed_is_refused(rng: Any) -> None:
    with pytest.raises(DTypeError, match=r"rng must be a numpy\.random\.Generator"):
        random.rand(2, rng=rng)


def test_the_numbers_have_the_moments_of_their_distributions() -> None:
    # n draws: the mean of m values is off by more than 6 standard errors once in 5e8
    n = 100_000
    for drawn, mean, deviation in (
        (random.rand(n, rng=0), 0.5, 12**-0.5),
        (random.randn(n, rng=0), 0.0, 1.0),
        (random.normal(3.0, 0.5, n, rng=0), 3.0, 0.5),
        (random.uniform(-1.0, 3.0, n, rng=0), 1.0, 4 * 12**-0.5),
        (random.bernoulli(0.3, n, rng=0), 0.3, (0.3 * 0.7) ** 0.5),
        (random.randint(0, 10, n, rng=0), 4.5, (99 / 12) ** 0.5),
    ):
        values = drawn.numpy().astype(float)
        assert abs(values.mean() - mean) < 6 * deviation / n**0.5
        assert abs(values.std() / deviation - 1) < 6 * 2 / n**0.5


def test_the_ranges_are_half_open() -> None:
    for values, low, high in (
        (random.rand(10_000, rng=0), 0, 1),
        (random.uniform(2.0, 3.0, 10_000, rng=0), 2, 3),
        (random.randint(2, 5, 10_000, rng=0), 2, 5),
    ):
        assert low <= values.numpy().min()
        assert values.numpy().max() < high
    assert set(random.randint(3, shape=100, rng=0).tolist()) == {0, 1, 2}
    assert sorted(random.randperm(20, rng=0).tolist()) == list(range(20))


def test_draws_can_be_of_every_floating_dtype_and_of_integer_ones() -> None:
    for dtype in ("float16", "float32", "float64"):
        assert random.rand(3, dtype=dtype).dtype == dtype
        assert random.normal(Tensor([0.0, 1.0], dtype=dtype)).dtype == dtype
        assert random.bernoulli(Tensor([0.5, 1.0], dtype=dtype)).dtype == dtype
    assert random.randint(5, shape=2, dtype="uint8").dtype == np.uint8
    with pytest.raises(DTypeError, match="floating, not int64"):
        random.rand(3, dtype="int64")
    with pytest.raises(DTypeError, match="draws integers, not float32"):
        random.randint(3, dtype="float32")


def test_parameters_broadcast_to_the_shape() -> None:
    assert random.normal(np.zeros((2, 1)), np.ones(3)).shape == (2, 3)
    assert random.uniform([0.0, 10.0], [1.0, 11.0], (4, 2)).shape == (4, 2)
    assert random.bernoulli(np.full(3, 0.5)).shape == (3,)
    assert random.bernoulli(np.array([0.0, 1.0]), (5, 2)).tolist() == [[0.0, 1.0]] * 5
    assert random.normal().shape == ()
    with pytest.raises(ShapeError, match=r"normal: parameters of shapes \(3,\) and \(\)"):
        random.normal(np.zeros(3), shape=2)
    with pytest.raises(ShapeError, match="uniform: parameters of shapes"):
        random.uniform(np.zeros(3), np.ones(2))


def test_gradients_flow_back_to_the_parameters_of_a_draw() -> None:
    mean = Tensor([1.0, -1.0], requires_grad=True)
    std = Tensor([0.5, 2.0], requires_grad=True)
    drawn = random.normal(mean, std, (3, 2), rng=0)
    of_mean, of_std = grad(drawn.sum(), [mean, std])
    noise = random.randn(3, 2, rng=0).numpy()
    assert of_mean.tolist() == [3.0, 3.0]
    np.testing.assert_allclose(of_std.numpy(), noise.sum(0), rtol=1e-6)
    low, high = Tensor(0.0, requires_grad=True), Tensor(2.0, requires_grad=True)
    of_low, of_high = grad(random.uniform(low, high, 4, rng=0).sum(), [low, high])
    parts = random.rand(4, rng=0).numpy()
    np.testing.assert_allclose(of_low.item(), (1 - parts).sum(), rtol=1e-6)
    np.testing.assert_allclose(of_high.item(), parts.sum(), rtol=1e-6)


def test_impossible_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="a standard deviation is not negative"):
        random.normal(0.0, -1.0, 2)
    with pytest.raises(ValueError, match="p is a probability"):
        random.bernoulli(1.5)
    with pytest.raises(ValueError, match="p is a probability"):
        random.bernoulli(float("nan"))


def test_threads_may_draw_from_the_default_generator_at_once() -> None:
    drawn: list[float] = []

    def draw() -> None:
        drawn.extend(random.rand(1000, dtype="float64").tolist())

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(drawn)) == 4000  # no number was handed out twice


def test_a_block_draws_from_a_generator_or_a_seed_and_refuses_all_else() -> None:
    with random.drawing_from(3):
        drawn = random.rand(4)
    assert drawn.tolist() == random.rand(4, rng=3).tolist()
    with (
        pytest.raises(DTypeError, match=r"rng must be a numpy\.random\.Generator"),
        random.drawing_from("3"),  # type: ignore[arg-type]
    ):
        pass
