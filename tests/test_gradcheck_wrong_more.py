"""Wrong rules at sizes where not every element is compared, at kinks, and in forward mode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.modes import current_mode
from autograd.engine.op import op
from autograd.engine.row import OPS
from autograd.engine.samples import draw
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


# ---- forward mode --------------------------------------------------------------------------------


@mistake(
    r"constant factor 2\n  forward mode: agrees with the numeric slopes: the vjp is wrong, not"
)
def rule_for_backward_is_twice_the_one_for_forward() -> tuple[Any, ...]:
    def planted(x: Any, /) -> Any:
        return np.sin(x)

    forward = {"x": lambda t, x: t * np.cos(x)}
    return op("planted", x=lambda g, x: 2 * g * np.cos(x), jvp=forward)(planted), tensor(3)


@mistake(
    r"\(forward, order 1[^(]*forward and reverse disagree, the jvp \(its forward rule\) is wrong"
)
def rule_for_forward_is_wrong() -> tuple[Any, ...]:
    def planted(x: Any, /) -> Any:
        return np.sin(x)

    forward = {"x": lambda t, x: -t * np.cos(x)}
    return op("planted", x=lambda g, x: g * np.cos(x), jvp=forward)(planted), tensor(3)


@mistake(r"\(forward, order 1[^(]*the jvp")
def op_is_declared_linear_and_is_not() -> tuple[Any, ...]:
    def planted(x: Any, /) -> Any:
        return x + 1.0

    return op("planted", x=lambda g: g, linear=True)(planted), tensor(3)


# ---- at any size ---------------------------------------------------------------------------------


@mistake(
    r"5 of 1,000 elements wrong; the others agree to \de-1\d[^p]*\n  pattern: constant factor 1.5"
)
def five_of_a_thousand_below_a_sum() -> tuple[Any, ...]:
    scale = np.ones(1000)
    scale[[3, 77, 500, 501, 999]] = 1.5
    bad = planted(lambda g, x: scale * g * np.cos(x))
    return lambda x: bad(x).sum(), tensor(1000)


@mistake(r"pattern: shifted by one")
def many_elements_are_off_by_one() -> tuple[Any, ...]:
    rule = lambda g, x: np.concatenate([g[1:], 0 * g[:1]]) * np.cos(x)  # noqa: E731
    return planted(rule), tensor(520)


@mistake(r"pattern: reversed")
def many_elements_are_reversed() -> tuple[Any, ...]:
    return planted(lambda g, x: np.flip(g * np.cos(x))), tensor(520)


@mistake(r"pattern: transposed")
def a_large_matrix_is_transposed() -> tuple[Any, ...]:
    return planted(lambda g, x: np.swapaxes(g * np.cos(x), 0, 1)), tensor(23, 23)


@mistake(r"pattern: swapped with the gradient of y")
def large_factors_are_swapped() -> tuple[Any, ...]:
    @op("planted", x=lambda g, x: g * x, y=lambda g, y: g * y)
    def planted(x: Any, y: Any, /) -> Any:
        return x * y

    return planted, tensor(600), tensor(600, low=1.0)


@mistake(r"missing broadcast sum: only the first of output axis 0")
def a_large_row_is_not_summed() -> tuple[Any, ...]:
    @op("planted", x=lambda g: g, y=lambda g: g[:1])
    def planted(x: Any, y: Any, /) -> Any:
        return x + y

    return planted, tensor(23, 23), tensor(1, 23)


@mistake(r"missing term: nothing comes from the other elements along axis 1")
def large_softmax_without_the_sum() -> tuple[Any, ...]:
    return planted(lambda g, out: g * out, softmax), tensor(23, 23)


@mistake(r"constant factor 2, column 1 only")
def one_column_of_a_large_matrix_is_doubled() -> tuple[Any, ...]:
    scale = np.where(np.arange(23) == 1, 2.0, 1.0)
    bad = planted(lambda g, x: scale * g * np.cos(x))
    return lambda x: bad(x).sum(), tensor(23, 23)


@mistake(r"pattern: block of zeros")
def half_of_many_is_lost() -> tuple[Any, ...]:
    keep = np.where(np.arange(520) < 260, 1.0, 0.0)
    return planted(lambda g, x: keep * g * np.cos(x)), tensor(520)


@mistake(r"constant factor 0\.5, only where x < 0")
def many_elements_are_wrong_below_zero() -> tuple[Any, ...]:
    return planted(lambda g, x: g * np.cos(x) * np.where(x < 0, 0.5, 1.0)), tensor(520)


@mistake(r"pattern: permuted")
def many_elements_are_permuted() -> tuple[Any, ...]:
    order = np.random.default_rng(1).permutation(520)
    scale = np.linspace(1.0, 2.0, 520)
    return planted(lambda g: (scale * g)[order], lambda x: scale * x), tensor(520)


@mistake(r"pattern: permuted")
def many_sorted_elements_are_not_put_back() -> tuple[Any, ...]:
    return planted(lambda g: g, np.sort), tensor(520)


@mistake(r"at least \d+ of 520 elements wrong; \d+ were looked at one by one")
def many_wrong_elements_are_more_than_are_looked_for() -> tuple[Any, ...]:
    return planted(lambda g, x: -g * np.cos(x)), tensor(520)


@mistake(r"pattern: conjugate missing")
def many_elements_are_not_conjugated() -> tuple[Any, ...]:
    z = ag.Tensor(draw(600, complex_=True))
    return planted(lambda g, x: g * np.conj(np.cos(x))), z


@mistake(r"pattern: missing path: f depends on this input outside its graph")
def a_path_of_many_elements_is_detached() -> tuple[Any, ...]:
    return lambda x: (x.tanh() * np.exp(x.numpy())).sum(), tensor(520)


@mistake(
    r"at weighting \d+\n  pattern: sign flipped\n(?s:.*)random weightings of the outputs\s+were"
)
def rule_that_cannot_be_differentiated_by_its_cotangent() -> tuple[Any, ...]:
    sign = np.ones(600)
    sign[77] = -1
    raw = lambda v: np.asarray(getattr(v, "_value", v))  # noqa: E731
    return planted(lambda g, x: sign * raw(g) * np.cos(raw(x))), tensor(600)


@mistake(r"\(float32, order 1, float32")
def rule_computes_in_float16_where_the_input_is_float32() -> tuple[Any, ...]:
    def rule(g: Any, x: Any) -> Any:
        slope = g * np.cos(x)
        return slope.astype(np.float16).astype(x.dtype) if x.dtype == np.float32 else slope

    return planted(rule), tensor(20, dtype=np.float32)


# ---- kinks, jumps and edges ----------------------------------------------------------------------

ZEROS = np.where(np.isin(np.arange(600), (3, 77, 500)), 0.0, np.arange(600) - 300.5)


@mistake(
    r"x\[500\] +analytic \+2 +one-sided slopes \+0 to \+1\n  pattern: outside the one-sided slopes"
)
def one_of_three_kinks_below_a_sum() -> tuple[Any, ...]:
    """Along any direction the three slopes together lie between the sums of the one-sided ones."""
    at_kink = np.where(np.arange(600) == 500, 2.0, 0.5)
    rule = lambda g, x: g * np.where(x == 0, at_kink, x > 0)  # noqa: E731
    bad = planted(rule, lambda x: np.maximum(x, 0))
    return lambda x: bad(x).sum(), ag.Tensor(ZEROS)


@mistake(r"x\[0\] +analytic \+5 +one-sided slopes \+0 to \+0 .*\n  pattern: outside the one-sided")
def slope_of_floor_at_its_jump_is_five() -> tuple[Any, ...]:
    return planted(lambda g, x: 5 * g * (x == 1), np.floor), ag.Tensor(np.array([1.0, 0.3]))


@mistake(r"x\[0\] +analytic \+1 +numeric .*\n  pattern: not zero where the slope is 0")
def slope_at_the_edge_of_the_domain_is_one() -> tuple[Any, ...]:
    rule = lambda g, x: g * np.where(x == 0, 1.0, 1.5 * np.abs(x) ** 0.5)  # noqa: E731
    return planted(rule, lambda x: x**1.5), ag.Tensor(np.array([0.0, 1.0]))


@mistake(r"pattern: NaN in the gradient")
def slope_at_a_cusp_is_not_a_number() -> tuple[Any, ...]:
    root = planted(lambda g, x: g * x / np.sqrt(np.abs(x)) ** 3 / 2, lambda x: np.sqrt(np.abs(x)))
    return root, ag.Tensor(np.array([0.0, 1.0]))


@mistake(r"pattern: constant factor 2\n")
def twice_too_much_and_not_the_same_from_run_to_run() -> tuple[Any, ...]:
    rng = np.random.default_rng(0)
    return planted(lambda g, x: 2 * g * np.cos(x) * (1 + 1e-9 * rng.normal())), tensor(4)


# ---- the verdict ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "pattern", "order"), MISTAKES)
def test_a_planted_mistake_is_caught_and_named(make: Make, pattern: str, order: int) -> None:
    assert_caught(make, pattern, order)


@pytest.mark.parametrize(("relative", "passes"), [(2e-9, True), (2e-6, False)])
def test_what_changes_from_run_to_run_is_allowed_for_and_no_more(
    relative: float, passes: bool
) -> None:
    rng = np.random.default_rng(0)

    def rule(g: Any, x: Any) -> Any:
        return g * np.cos(x) * (1 + relative) * (1 + 1e-9 * rng.normal())

    report = gradcheck(planted(rule), tensor(4), raise_exception=False)
    assert bool(report) is passes, str(report)
    assert "from run to run (nondeterministic)" in str(report)


def test_an_error_below_that_of_each_element_is_found_along_directions() -> None:
    """Three thousand errors, each too small for a difference of values near 10,000."""
    sign = np.sign(draw(3000, seed="sign"))
    bad = planted(lambda g, x: g * (np.cos(x) + 1e-8 * sign))
    report = gradcheck(lambda x: bad(x).sum() + 1e4, tensor(3000), raise_exception=False)
    (finding,) = report.failures
    assert (finding.wrong, finding.unit, finding.entries) == (1, "outputs", ())
    assert "no single element is to blame" in str(report)
    assert str(report).startswith("gradcheck: 3,000 elements checked, 1 finding")


def test_why_no_bad_node_is_named_is_said() -> None:
    detached = gradcheck(lambda x: x * x.detach(), tensor(3), raise_exception=False)
    assert "first bad node: none: each rule is right at the values its node saw" in str(detached)

    def raises_when_traced(x: Any) -> Any:
        if current_mode().traces:
            raise ValueError("not now")
        return bad(x)

    bad = planted(lambda g, x: -g * np.cos(x))
    report = gradcheck(raises_when_traced, tensor(3), raise_exception=False)
    assert "first bad node: not found: looking for it raised ValueError: not now" in str(report)
