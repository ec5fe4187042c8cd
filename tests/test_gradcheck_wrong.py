"""Wrong rules, one mistake each: gradcheck catches every one, and names the mistake it can name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.op import op
from autograd.engine.row import OPS
from autograd.engine.samples import draw
from autograd.errors import GradcheckError
from autograd.gradcheck import gradcheck
from tests.mistakes import Make, Mistakes, assert_caught, planted, softmax, tensor

MISTAKES = Mistakes()
mistake = MISTAKES.enter


@pytest.fixture(autouse=True)
def _table_as_before() -> Iterator[None]:
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


# ---- the size of the gradient --------------------------------------------------------------------


@mistake(r"sign flipped")
def sign_of_one_element_in_a_thousand() -> tuple[Any, ...]:
    sign = np.ones(1000)
    sign[137] = -1
    return planted(lambda g, x: sign * g * np.cos(x)), tensor(1000)


@mistake(r"sign flipped")
def sign_of_one_element_in_a_thousand_below_a_sum() -> tuple[Any, ...]:
    sign = np.ones(1000)
    sign[137] = -1
    bad = planted(lambda g, x: sign * g * np.cos(x))
    return lambda x: bad(x).sum(), tensor(1000)


@mistake(r"sign flipped")
def sign_of_everything() -> tuple[Any, ...]:
    return planted(lambda g, x: -g * np.cos(x)), tensor(3, 4)


@mistake(r"\+5 %")
def five_percent_too_much() -> tuple[Any, ...]:
    return planted(lambda g, x: 1.05 * g * np.cos(x)), tensor(3, 4)


@mistake(r"off by a relative \+1e-06")
def one_part_in_a_million() -> tuple[Any, ...]:
    return planted(lambda g, x: (1 + 1e-6) * g * np.cos(x)), tensor(3, 4)


@mistake(r"all zero")
def zero_at_a_hundred_thousand_elements() -> tuple[Any, ...]:
    return planted(lambda g: g * 0.0), tensor(100_000)


@mistake(r"all zero")
def zero_below_a_sum_of_a_hundred_thousand_elements() -> tuple[Any, ...]:
    bad = planted(lambda g: g * 0.0)
    return lambda x: bad(x).sum(), tensor(100_000)


@mistake(r"factor 2\b")
def twice_too_much() -> tuple[Any, ...]:
    return planted(lambda g, x: 4 * g * x, np.square), tensor(3, 4)


@mistake(r"factor 0\.333")
def the_exponent_is_not_brought_down() -> tuple[Any, ...]:
    return planted(lambda g, x: g * x**2, lambda x: x**3), tensor(3, 4)


@mistake(r"1/N \(N = 7")
def mean_of_a_sum() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        return 2 * g * x / x.size

    return planted(rule, lambda x: np.sum(x * x)), tensor(7)


@mistake(r"1/N \(N = 7")
def divided_by_the_batch_twice() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        return 2 * g * x / x.shape[0] ** 2

    return planted(rule, lambda x: np.sum(x * x) / x.shape[0]), tensor(7, 3)


@mistake(r"factor 0\.4")
def forgets_the_parameter_scale() -> tuple[Any, ...]:
    @op("planted", x=lambda g, x: g * np.cos(x))
    def planted(x: Any, /, scale: float = 1.0) -> Any:
        return np.sin(x) * scale

    return lambda x: planted(x, scale=2.5), tensor(3, 4)


@mistake(r"pattern: NaN")
def not_a_number() -> tuple[Any, ...]:
    return planted(lambda g: g * np.nan), tensor(3)


# ---- the right numbers in the wrong places -------------------------------------------------------


@mistake(r"pattern: transposed")
def square_matrix_transposed() -> tuple[Any, ...]:
    @op("planted", x=lambda g, y: g @ y.mT, y=lambda g, x: (x.mT @ g).mT)
    def planted(x: Any, y: Any, /) -> Any:
        return np.matmul(x, y)

    return planted, tensor(4, 4), tensor(4, 4, low=-1.5)


@mistake(r"pattern: transposed factor")
def factor_of_a_matrix_product_not_transposed() -> tuple[Any, ...]:
    @op("planted", x=lambda g, y: g @ y, y=lambda g, x: x.mT @ g)
    def planted(x: Any, y: Any, /) -> Any:
        return np.matmul(x, y)

    return planted, tensor(4, 4), tensor(4, 4, low=-1.5)


@mistake(r"missing broadcast sum")
def broadcast_row_not_summed() -> tuple[Any, ...]:
    @op("planted", x=lambda g: g, y=lambda g: g[:1])
    def planted(x: Any, y: Any, /) -> Any:
        return x + y

    return planted, tensor(4, 3), tensor(1, 3)


@mistake(r"sign flipped, column 3")
def sign_of_one_column() -> tuple[Any, ...]:
    sign = np.array([1.0, 1, 1, -1, 1])
    return planted(lambda g, x: sign * g * np.cos(x)), tensor(4, 5)


@mistake(r"row 2")
def one_row_doubled() -> tuple[Any, ...]:
    scale = np.array([[1.0], [1], [2], [1]])
    return planted(lambda g, x: scale * g * np.cos(x)), tensor(4, 5)


@mistake(r"block of zeros")
def second_half_is_lost() -> tuple[Any, ...]:
    keep = np.where(np.arange(12) < 6, 1.0, 0.0)
    return planted(lambda g, x: keep * g * np.cos(x)), tensor(12)


@mistake(r"pattern: shifted by one")
def off_by_one_index() -> tuple[Any, ...]:
    return planted(lambda g, x: np.roll(g, 1) * np.cos(x)), tensor(6)


@mistake(r"pattern: permuted")
def sorted_gradient_not_put_back() -> tuple[Any, ...]:
    return planted(lambda g: g, np.sort), ag.Tensor([2.0, 0.5, 1.0, -1.0], dtype="float64")


@mistake(r"pattern: swapped with the gradient of y")
def swapped_factors() -> tuple[Any, ...]:
    @op("planted", x=lambda g, x: g * x, y=lambda g, y: g * y)
    def planted(x: Any, y: Any, /) -> Any:
        return x * y

    return planted, tensor(3), tensor(3, low=1.0)


@mistake(r"pattern: wrong shape: the rule gives \(3, 2\), its input is \(2, 3\)")
def wrong_shape() -> tuple[Any, ...]:
    return planted(lambda g, x: np.reshape(g * np.cos(x), (3, 2))), tensor(2, 3)


@mistake(r"missing path: no gradient comes back from output 1")
def second_of_two_outputs_is_forgotten() -> tuple[Any, ...]:
    @op("planted", outputs=2, x=lambda g, x: g[0] * np.cos(x))
    def planted(x: Any, /) -> Any:
        return np.sin(x), np.exp(x)

    return planted, tensor(3)


# ---- wrong at some points only -------------------------------------------------------------------


@mistake(r"x < 0")
def wrong_at_negative_inputs() -> tuple[Any, ...]:
    return planted(lambda g, x: g * np.cos(x) * np.where(x < 0, 1.3, 1.0)), tensor(20)


@mistake(r"x < 0")
def relu_that_lets_everything_through() -> tuple[Any, ...]:
    return planted(lambda g: g, lambda x: np.maximum(x, 0)), tensor(20)


@mistake(r"sign flipped, only where x < 0")
def slope_of_abs_is_one() -> tuple[Any, ...]:
    return planted(lambda g: g, np.abs), tensor(20)


@mistake(r"\+2   one-sided slopes \+0 to \+1 .*\n  pattern: outside the one-sided slopes")
def slope_of_relu_at_its_kink_is_two() -> tuple[Any, ...]:
    """Any slope from 0 to 1 would do there."""
    rule = lambda g, x: g * np.where(x == 0, 2.0, x > 0)  # noqa: E731
    return planted(rule, lambda x: np.maximum(x, 0)), ag.Tensor([0.0, 1.0, -1.0], dtype="float64")


@mistake(r"not zero where the slope is 0 \(a mask is missing")
def clip_that_lets_everything_through() -> tuple[Any, ...]:
    return planted(lambda g: g, lambda x: np.clip(x, -1.0, 1.0)), tensor(20)


@mistake(r"pattern: swapped with the gradient of")
def larger_of_two_gets_nothing() -> tuple[Any, ...]:
    @op("planted", x=lambda g, x, y: g * (x < y), y=lambda g, x, y: g * (y < x))
    def planted(x: Any, y: Any, /) -> Any:
        return np.maximum(x, y)

    return planted, tensor(5), tensor(5, high=3.0)


# ---- terms left out ------------------------------------------------------------------------------


@mistake(r"missing term: nothing comes from the other elements along axis 1")
def softmax_without_the_sum() -> tuple[Any, ...]:
    return planted(lambda g, out: g * out, softmax), tensor(3, 4)


@mistake(r"wrong axis: mixes axis 0, where f mixes axis 1")
def softmax_summed_over_the_wrong_axis() -> tuple[Any, ...]:
    def rule(g: Any, out: Any) -> Any:
        return out * (g - np.sum(g * out, axis=0, keepdims=True))

    return planted(rule, softmax), tensor(4, 4)


@mistake(r"missing term: nothing comes from the other elements along axis 1")
def standardised_without_the_mean() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        return g / np.std(x, axis=-1, keepdims=True)

    def forward(x: Any) -> Any:
        return (x - np.mean(x, axis=-1, keepdims=True)) / np.std(x, axis=-1, keepdims=True)

    return planted(rule, forward), tensor(3, 5)


@mistake(r"missing path: f depends on this input outside its graph")
def path_detached() -> tuple[Any, ...]:
    return lambda x: x.tanh() * x.detach().exp(), tensor(5)


@mistake(r"missing path")
def input_detached() -> tuple[Any, ...]:
    return lambda x, w: x.tanh() * w.detach(), tensor(5), tensor(5, high=3.0)


@mistake(r"reversed: a kernel is not flipped")
def kernel_of_a_convolution_not_flipped() -> tuple[Any, ...]:
    kernel = np.array([1.0, 2.0, 4.0])
    rule = lambda g: np.convolve(g, kernel, "valid")  # noqa: E731 - it should correlate
    return planted(rule, lambda x: np.convolve(x, kernel)), tensor(6)


@mistake(r"w2\[4, 7\].* ratio -1\.000 .*\n  pattern: sign flipped")
def one_weight_of_a_larger_network_is_wrong() -> tuple[Any, ...]:
    sign = np.ones((32, 32))
    sign[4, 7] = -1

    @op("planted", x=lambda g, y: g @ y.mT, y=lambda g, x: sign * (x.mT @ g))
    def planted(x: Any, y: Any, /) -> Any:
        return np.matmul(x, y)

    def f(x: Any, w1: Any, w2: Any, w3: Any) -> Any:
        return ag.tanh(planted(ag.tanh(x @ w1), w2)) @ w3

    small = {"low": -0.3, "high": 0.3}
    return f, tensor(4, 20), tensor(20, 32, **small), tensor(32, 32, **small), tensor(32, 5)


# ---- state ---------------------------------------------------------------------------------------


@mistake(r"stale value")
def output_of_the_first_call_is_kept() -> tuple[Any, ...]:
    first: list[Any] = []

    def forward(x: Any) -> Any:
        out = np.exp(x)
        first.append(out)
        return out

    bad = planted(lambda g: g * first[0], forward)
    bad(tensor(3, high=1.0))
    return bad, tensor(3)


@mistake(r"stale value")
def output_of_the_last_call_is_kept() -> tuple[Any, ...]:
    last: list[Any] = [None]

    def forward(x: Any) -> Any:
        last[0] = np.exp(x)
        return last[0]

    return planted(lambda g: g * last[0], forward), tensor(3)


@mistake(r"pattern: stale value")
def output_of_the_last_call_is_kept_in_a_function_that_calls_twice() -> tuple[Any, ...]:
    last: list[Any] = [None]

    def forward(x: Any) -> Any:
        last[0] = np.exp(x)
        return last[0]

    bad = planted(lambda g: g * last[0], forward)
    return lambda x: bad(x) + bad(2 * x), tensor(3)


@mistake(r"second backward")
def gradient_of_earlier_calls_is_added() -> tuple[Any, ...]:
    total = np.zeros(3)

    def rule(g: Any, x: Any) -> Any:
        np.add(total, g * np.cos(x), out=total)
        return total.copy()

    return planted(rule), tensor(3)


@mistake(r"nondeterministic")
def random_rule() -> tuple[Any, ...]:
    rng = np.random.default_rng(0)
    return planted(lambda g, x: g * np.cos(x) * rng.uniform(0.5, 1.5)), tensor(3)


@mistake(r"two values for the same inputs")
def random_function() -> tuple[Any, ...]:
    rng = np.random.default_rng(0)
    return lambda x: x * rng.uniform(0.5, 1.5), tensor(3)


@mistake(r"cotangent mutated")
def cotangent_mutated() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        np.multiply(g, np.cos(x), out=g)
        return g

    return planted(rule), tensor(3)


@mistake(r"input mutated")
def input_mutated() -> tuple[Any, ...]:
    def forward(x: Any) -> Any:
        np.multiply(x, 2.0, out=x)
        return np.sin(x)

    return planted(lambda g, x: g * np.cos(x), forward), tensor(3)


@mistake(r"saved input mutated")
def saved_input_mutated_by_the_rule() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        np.cos(x, out=x)
        return g * x

    return planted(rule), tensor(3)


@mistake(r"gradient aliased")
def gradient_is_a_buffer_that_the_next_call_overwrites() -> tuple[Any, ...]:
    buffer = np.zeros(3)

    def rule(g: Any, x: Any) -> Any:
        np.multiply(g, np.cos(x), out=buffer)
        return buffer

    return planted(rule), tensor(3)


# ---- not a vector-Jacobian product ---------------------------------------------------------------


@mistake(r"not linear in the cotangent")
def absolute_value_of_the_cotangent() -> tuple[Any, ...]:
    return planted(lambda g, x: np.abs(g) * np.cos(x)), tensor(3)


@mistake(r"not linear in the cotangent")
def cotangent_squared() -> tuple[Any, ...]:
    return planted(lambda g, x: g * g * np.cos(x)), tensor(3)


@mistake(r"not linear in the cotangent")
def cotangent_forgotten() -> tuple[Any, ...]:
    return planted(lambda g, x: np.cos(x)), tensor(3)


# ---- the second derivative -----------------------------------------------------------------------


@mistake(r"\(second order, order 2[^(]*missing path", order=2)
def second_derivative_cut_by_a_constant_copy() -> tuple[Any, ...]:
    return planted(lambda g, x: g * 2 * getattr(x, "_value", x), np.square), tensor(3)


@mistake(r"\(second order, order 2[^(]*missing path", order=2)
def second_derivative_cut_by_a_hidden_residual() -> tuple[Any, ...]:
    kept: list[Any] = [None]

    def forward(x: Any) -> Any:
        kept[0] = softmax(x)
        return np.log(np.sum(np.exp(x), axis=-1))

    def rule(g: Any) -> Any:
        return np.expand_dims(g, -1) * kept[0]

    bad = planted(rule, forward)
    return lambda x: bad(x), tensor(2, 3)


@mistake(r"\(second order, order 2[^(]*sign flipped", order=2)
def second_derivative_wrong_in_the_rule_that_the_rule_uses() -> tuple[Any, ...]:
    cosine = planted(lambda g, x: g * np.sin(x), np.cos)

    @op("sine", x=lambda g, x: g * cosine(x))
    def sine(x: Any, /) -> Any:
        return np.sin(x)

    return sine, tensor(3)


@mistake(r"\(second order, order 2[^(]*the Hessian is not symmetric", order=2)
def gradient_that_is_right_here_and_no_gradient_beside() -> tuple[Any, ...]:
    """Right in value, and its derivative is that of what it computes: only symmetry can tell."""
    x = tensor(4)
    here = x.numpy().copy()
    rule = lambda g, x: g * np.cos(x) + g * (np.roll(x, 1) - np.roll(here, 1)) / 2  # noqa: E731
    return planted(rule), x


# ---- dtypes and layouts --------------------------------------------------------------------------


@mistake(r"pattern: dtype float64 for a float32 input")
def float64_leaks_from_the_rule() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        return g * np.cos(x) * np.array(1.0)

    return planted(rule), tensor(3, dtype=np.float32)


@mistake(r"\(float32, order 1, float32")
def wrong_in_float32_alone() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        return g * np.cos(x) * (2 if x.dtype == np.float32 else 1)

    return planted(rule), tensor(3, dtype=np.float32)


@mistake(r"pattern: conjugate missing")
def conjugated_where_it_should_not_be() -> tuple[Any, ...]:
    z = ag.Tensor(draw(3, complex_=True))
    return planted(lambda g, x: g * np.conj(2 * x), np.square), z


@mistake(r"pattern: imaginary part of the slope lost")
def real_part_of_a_complex_slope() -> tuple[Any, ...]:
    z = ag.Tensor(draw(3, complex_=True))
    return planted(lambda g, x: g * np.real(2 * x), np.square), z


@mistake(r"\(layout, order 1")
def wrong_for_columns_first() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        return g * np.cos(np.reshape(np.ravel(x, order="K"), x.shape))

    return planted(rule), tensor(3, 4)


@mistake(r"negative strides")
def wrong_for_negative_strides() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        backwards = any(stride < 0 for stride in x.strides)
        return g * np.cos(x) * (2 if backwards else 1)

    return planted(rule), tensor(3, 4)


@mistake(r"stride-0 cotangent")
def wrong_for_a_cotangent_of_stride_zero() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        return g * np.cos(x) * (1 if all(g.strides) else 2)

    return planted(rule), tensor(3, 4)


# ---- the verdict ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "pattern", "order"), MISTAKES)
def test_a_planted_mistake_is_caught_and_named(make: Make, pattern: str, order: int) -> None:
    assert_caught(make, pattern, order)


def test_the_table_of_mistakes_is_long() -> None:
    assert len(MISTAKES) >= 55


def test_the_report_says_which_element_how_much_and_where() -> None:
    sign = np.ones((25, 40))
    sign[3, 17] = -1
    bad = planted(lambda g, x: sign * g * np.cos(x))
    with pytest.raises(GradcheckError) as caught:
        gradcheck(lambda x: ag.exp(bad(x * 2)), tensor(25, 40))
    text = str(caught.value)
    for part in (
        r"FAIL .*d out / d x .*reverse, order 1, float64, seed 0",
        r"1 of 1,?000 elements wrong; the others agree to \de-\d+",
        r"x\[3, 17\].* analytic \S+ +numeric \S+ ± \S+ +ratio -1\.000",
        r"pattern: sign flipped",
        r"first bad node: planted +\S*test_gradcheck_wrong\.py:\d+",
    ):
        assert re.search(part, text), f"{part!r} is not in\n{text}"


def test_a_finding_counts_and_ranks_its_elements() -> None:
    scale = np.array([[1.0, 1.5, 1.0], [3.0, 1.0, 1.0]])
    bad = planted(lambda g, x: scale * g * np.cos(x))
    x = ag.Tensor(np.full((2, 3), 0.5))
    report = gradcheck(bad, x, raise_exception=False)
    (finding,) = [f for f in report.failures if f.leg == "reverse"]
    assert (finding.wrong, finding.total) == (2, 6)
    assert [entry.index for entry in finding.entries[:2]] == [(1, 0), (0, 1)]
    assert finding.agreement < 1e-8
    assert finding.order == 1


def test_the_wrong_input_is_named_and_the_right_one_is_not() -> None:
    @op("planted", x=lambda g, y: g * y, y=lambda g, x: -g * x)
    def planted(x: Any, y: Any, /) -> Any:
        return x * y

    report = gradcheck(
        lambda left, right: planted(left, right), tensor(3), tensor(3), raise_exception=False
    )
    assert {finding.input for finding in report.failures} == {"right"}


def test_probes_blame_the_wrong_weight_of_a_network_and_no_other() -> None:
    f, *inputs = one_weight_of_a_larger_network_is_wrong()
    report = gradcheck(f, *inputs, raise_exception=False)
    found = [(f.input, entry.index) for f in report.failures for entry in f.entries]
    assert found == [("w2", (4, 7))]


@pytest.mark.parametrize("seed", range(5))
def test_no_seed_hides_one_wrong_sign_in_ten_thousand(seed: int) -> None:
    sign = np.ones(10_000)
    sign[5_432] = -1
    bad = planted(lambda g, x: sign * g * np.cos(x))
    assert not gradcheck(bad, tensor(10_000), rng=seed, raise_exception=False)


@pytest.mark.parametrize("order", [1, 2])
def test_raise_makes_an_error_of_a_report(order: int) -> None:
    bad = planted(lambda g, x: -g * np.cos(x))
    report = gradcheck(bad, tensor(3), order=order, raise_exception=False)
    with pytest.raises(GradcheckError, match="sign flipped"):
        report.raise_()


def test_what_was_given_is_as_it_was() -> None:
    x = tensor(3, 4)
    before = x.numpy().copy()
    gradcheck(planted(lambda g, x: -g * np.cos(x)), x, raise_exception=False)
    np.testing.assert_array_equal(x.numpy(), before)
    assert x.grad is None
    assert not x.requires_grad
