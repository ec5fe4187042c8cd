"""explain and stepper: the ledger adds up, and every step shows what the engine does."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import BackwardError
from autograd.viz import draw
from tests.graphs import affine, deep_network, leaf, network, recurrent, shared


@pytest.mark.parametrize(
    "make", [affine, shared, network, lambda: deep_network(2), lambda: recurrent(2)]
)
def test_the_paths_add_up_to_the_gradient_of_every_tensor(make: Any) -> None:
    loss = make()
    for card in draw(loss, names={}).model.cards:
        if card.gradient is None:
            continue
        ledger = ag.explain(loss, card.name, names={})
        total = sum(path.contribution for path in ledger.paths)
        if ledger.rest is not None:
            total = total + ledger.rest
        np.testing.assert_allclose(total, card.gradient, rtol=1e-5, atol=1e-12)
        assert ledger.count >= len(ledger.paths) >= 1


def test_along_a_path_of_scalars_the_factors_multiply() -> None:
    ledger = ag.explain(shared(), "b", names={})
    for path in ledger.paths:
        assert path.factors is not None
        assert math.prod(float(f) for f in path.factors) == pytest.approx(float(path.contribution))
    sizes = [abs(float(path.contribution)) for path in ledger.paths]
    assert sizes == sorted(sizes, reverse=True)
    assert ledger.rest is None


def test_two_to_the_twentieth_paths_are_counted_and_the_strongest_are_found() -> None:
    w = leaf(1.0, "w")
    z = w
    for _ in range(20):
        z = z * 0.5 + z * 0.6
    ledger = ag.explain(z, w, paths=3)
    assert ledger.count == 2**20
    found = [float(path.contribution) for path in ledger.paths]
    assert found == pytest.approx([0.6**20, 0.6**19 * 0.5, 0.6**19 * 0.5])
    assert float(ledger.rest) == pytest.approx(1.1**20 - sum(found))
    assert "1,048,576 paths" in ledger.text()
    assert "1,048,573 other paths" in ledger.text()


def test_the_text_has_symbols_then_formulas_then_numbers() -> None:
    lines = ag.explain(affine(), "w", names={}).text().splitlines()
    assert lines == [
        "∂L/∂w = −18, the sum over 1 path",
        "  1. L ← e ← add ← p ← w",
        "     ∂L/∂e · ∂e/∂add · ∂add/∂p · ∂p/∂w",
        "     = 2e · 1 · 1 · x",
        "     = (−6)(1)(1)(3)",
        "     = −18",
    ]


def test_latex_and_html_are_well_formed_and_names_are_escaped() -> None:
    x = leaf(2.0, "a_b<i>%")
    ledger = ag.explain(x * x, x)
    assert r"\mathrm{a\_b<i>\%}" in ledger.latex()
    assert ledger.latex().startswith(r"\begin{aligned}")
    assert ledger._repr_latex_().startswith("$$")
    table = ElementTree.fromstring(ledger.html().replace("<br>", "<br/>"))
    assert len(list(table.iter("tr"))) == 3
    assert not list(table.iter("i"))
    assert ledger._repr_html_() == ledger.html()
    assert repr(ledger).endswith("2 paths>")


def test_an_op_with_several_outputs_is_followed_through_each() -> None:
    x = leaf(np.arange(6.0).reshape(2, 3) / 7, "x")
    first, second = ag.split(x, 2, axis=0)
    loss = (first * second).sum() + first.sum()
    ledger = ag.explain(loss, x)
    assert ledger.count == 3
    loss.backward()
    np.testing.assert_allclose(ledger.gradient, x.grad.numpy())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ag.explain(affine(), leaf(1.0, "q")), "does not depend on q"),
        (lambda: ag.explain(affine(), "q"), "no tensor of the graph is named 'q'"),
        (lambda: ag.explain(affine(), "x", names={}), "does not depend on x: no path leads there"),
        (lambda: ag.explain(affine(), leaf(1.0, "q") * 2), "a result of multiply: it is no tensor"),
        (lambda: ag.explain(affine(), ag.Tensor(1.0, name="c")), "c .* it requires no gradient"),
    ],
)
def test_what_cannot_be_explained_says_why(call: Any, message: str) -> None:
    with pytest.raises(BackwardError, match=message):
        call()


def matrix() -> ag.Tensor:
    return leaf(np.arange(1.0, 7.0).reshape(2, 3), "w")


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (lambda w: w[0, 0], "w[0, 0]"),
        (lambda w: w[1, ::-1], "w[1, ::-1]"),
        (lambda w: w[[0, 1, 0]], "w[i]"),
        (lambda w: w.mT[2], "matrix_transpose(w)[2]"),
        (lambda w: w.reshape(3, 2)[:, 1], "reshape(w)[:, 1]"),
        (lambda w: ag.split(w, 3, axis=1)[1], "split(w)[1]"),
        (lambda w: w, "w"),
    ],
)
def test_a_part_of_a_tensor_is_explained_by_the_same_places_of_every_path(
    part: Any, name: str
) -> None:
    w = matrix()
    loss = (w[0] * w[1]).sum() + (w * w).sum()
    ledger = ag.explain(loss, part(w), names={})
    loss.backward()
    wanted = part(ag.Tensor(w.grad.numpy())).numpy()
    assert ledger.name == name
    np.testing.assert_allclose(ledger.gradient, wanted)
    np.testing.assert_allclose(sum(path.contribution for path in ledger.paths), wanted)
    for face in (ledger.text(), ledger.latex(), ledger.html()):
        assert face


def test_several_losses_are_explained_together() -> None:
    w = leaf(2.0, "w")
    a, b = w * 3, w * w
    a.name, b.name = "a", "b"
    assert ag.explain([a, b], w).text().startswith("∂(a + b)/∂w = 7, the sum over 3 paths")


def test_a_rule_that_is_not_linear_does_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    x = leaf(2.0, "x")
    y = x * 1.0
    loss = y * y
    monkeypatch.setattr(ag.OPS["multiply"], "rules",
                        {"x": lambda g, y: g * g * y, "y": lambda g, x: g * g * x})  # fmt: skip
    with pytest.raises(AssertionError, match="not linear in its cotangent"):
        ag.explain(loss, x)


# ---- stepper -------------------------------------------------------------------------------------


def test_the_stepper_walks_the_backward_pass() -> None:
    loss = affine()
    with ag.stepper(loss, names={}) as s:
        assert "forward is done; backward starts at L" in str(s)
        assert s.current is None
        assert s.gradients == {"L": 1.0}
        s.next()
        assert s.current.op.name == "power"
        assert s.rules == {"e": "G · (2e)"}
        assert s.gradients["e"] == -6
        s.back().back()
        assert s.position == 0
        s.run_to("multiply")
        assert s.position == len(s) == 4
        assert s.gradients["w"] == -18
        assert s.next().position == 4
        assert "G = ∇p = −6" in str(s)
        assert "(−6) × 3 = −18" in str(s)
        assert s.html().startswith("<!doctype html>")
    assert repr(s) == "<Stepper at 4 of 4>"


def test_the_stepper_runs_to_a_tensor_by_name_or_says_what_is_left() -> None:
    s = ag.stepper(affine(), names={})
    assert s.run_to("p").position == 4
    with pytest.raises(ValueError, match="no 'add' is left to run to; from here on there are no"):
        s.run_to("add")


def test_gradients_accumulate_where_paths_meet() -> None:
    x = leaf(3.0, "x")
    s = ag.stepper(x * x + x, names={})
    values = []
    for _ in range(len(s)):
        s.next()
        values.append(float(s.gradients["x"]) if "x" in s.gradients else None)
    assert values == [1.0, 7.0]
    assert "∇x = 1 + 3 + 3 = 7" in str(s)


def test_tensors_are_told_by_shape_and_size() -> None:
    s = ag.stepper(network(), names={})
    assert "rms" in str(s.run_to("h"))


def test_a_sum_that_is_not_complete_says_so() -> None:
    x = leaf(3.0, "x")
    s = ag.stepper(x * x + x, names={})
    assert "∇x so far = 1\n" in str(s.next()) + "\n"
    assert "∇x so far = 1 + 3 = 4" in str(s.next())
    assert str(s).endswith("∇x = 1 + 3 + 3 = 7")
    v = leaf([1.0, 2.0], "v")
    s = ag.stepper((v * v).sum(), names={})
    assert "∇v so far: 1 of 2 terms" in str(s.next().next())
    assert str(s).endswith("∇v: 2 of 2 terms")


def test_every_line_of_a_complex_product_is_conjugated_alike() -> None:
    z = ag.Tensor(1 + 2j, requires_grad=True, name="z")
    x = leaf(3.0, "x")
    loss = ag.real(z * x * (1 - 1j))
    text = ag.explain(loss, z, names={}).text()
    barred = "".join(f"{c}\u0305" for c in "∂multiply/∂z")
    assert f"({barred})" in text
    assert (
        r"\overline{\frac{\partial \mathrm{multiply}}{\partial z}}" in ag.explain(loss, z).latex()
    )
    symbols, formulas, numbers = ag.explain(loss, x, names={}).text().splitlines()[2:5]
    assert symbols.strip().startswith("Re(")
    assert formulas.strip().startswith("= Re(")
    assert numbers.strip().startswith("= Re(")
    assert r"\operatorname{Re}(\frac" in ag.explain(loss, x).latex()


def test_long_names_are_cut_and_indices_are_indices_in_latex() -> None:
    long = leaf(2.0, "n" * 200)
    two = leaf(3.0, "2")
    ledger = ag.explain(long * 1.5 * two + long * two, long, names={})
    assert max(map(len, ledger.text().splitlines())) < 160
    assert r"\mathrm{multiply}_{2}" in ledger.latex()
    assert "₂" not in ledger.latex()
    assert ag.explain(long * two, two, names={}).text().startswith("∂multiply/∂“2” = 2")


def test_a_path_names_the_output_that_it_leads_by_and_a_step_all_of_them() -> None:
    x = leaf([3.0, 1.0, 2.0], "x")
    a, b = ag.split(x, [1])
    loss = a.sum() * 2.0 + (b * b).sum()
    names = {"a": a, "b": b, "L": loss}
    ledger = ag.explain(loss, x, names=names)
    assert {path.names[-2] for path in ledger.paths} == {"a", "b"}
    assert "∂b/∂x" in ledger.text()
    assert r"\frac{\partial b}{\partial x}" in ledger.latex()
    step = str(ag.stepper(loss, names).run_to("split"))
    assert "        ∇a = 2\n        ∇b = vector of 2, rms 3.16\n" in step
    assert "G = " not in step


@pytest.mark.parametrize("seed", range(4))
def test_a_gradient_that_cancels_to_a_rounding_is_explained(seed: int) -> None:
    """The bias of the keys before a softmax: what is left of it is rounding alone."""
    rng = np.random.default_rng(seed)
    x, w = (rng.normal(size=s).astype("float32") for s in ((4, 6, 8), (8, 8)))
    bias = ag.Tensor(np.zeros(8, "float32"), requires_grad=True, name="bias")
    key = ag.Tensor(x) @ ag.Tensor(w, requires_grad=True) + bias
    weights = ag.softmax(ag.Tensor(x) @ ag.swapaxes(key, 1, 2), -1)
    out = 30.0 * (weights @ ag.Tensor(x))
    ledger = ag.explain((ag.tanh(out) + ag.sin(out) * 3.0 + out).sum(), bias)
    assert ledger.count == 3
