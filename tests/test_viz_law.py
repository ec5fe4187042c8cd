"""The law of pictures: what is written is true, and is what the engine computes.

For every op of the table the finished SVG, page, text, LaTeX and stepper are read back.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS, Op
from autograd.viz import draw
from autograd.viz.model.numbers import number, subscript
from autograd.viz.render.packed import unpacked
from tests.shown_formulas import formula_value
from tests.shown_numbers import from_latex, holds, value_of

ROOMS = ("attention", "convolution", "loss", "normalization", "pooling", "recurrent", "resampling")
for _room in ROOMS:  # whose ops join the table
    for _module in pkgutil.iter_modules(importlib.import_module(f"nn.{_room}").__path__):
        importlib.import_module(f"nn.{_room}.{_module.name}")


MOST = 12  # calls of an op on numbers


def is_inexact(x: Any) -> bool:
    return x is not None and np.asarray(x).dtype.kind in "fc"


def numbers_of(op: Op) -> Iterator[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """Calls of an op on numbers: ordinary, complex, and at every kink."""
    for sample in op.samples():
        ones = [x for x in sample.inputs if x is not None]
        if all(np.ndim(x) == 0 for x in ones):
            yield f"0-d {sample}", tuple(sample.inputs), dict(sample.params)
        elif op.elementwise and all(np.size(x) and np.shape(x) == np.shape(ones[0]) for x in ones):
            rows = [np.ravel(x) if x is not None else None for x in sample.inputs]
            for i in range(np.size(ones[0]) if not sample.smooth else 1):
                point = tuple(None if row is None else row[i] for row in rows)
                yield f"{sample}[{i}]", point, dict(sample.params)
                if sample.label == "complex":  # beside real inputs, which take the real part
                    for j in range(len(point) * (len(point) > 1)):
                        mixed = (*point[:j], point[j].real, *point[j + 1 :])
                        yield f"{sample}[{i}], {j} real", mixed, dict(sample.params)


RULED = [
    name
    for name, op in sorted(OPS.items())
    if op.samples and op.differentiable and not op.composite
]
SCALAR = [name for name in RULED if next(numbers_of(OPS[name]), None)]


def graph_of_numbers(op: Op, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
    """An upstream gradient that is not 1, and the leaves; None where nothing needs a gradient."""
    leaves = [
        ag.Tensor(np.asarray(x), requires_grad=True, name=f"x{i}") if is_inexact(x) else x
        for i, x in enumerate(inputs)
    ]
    out = op.record(*leaves, **params)
    outs = [y for y in (out if isinstance(out, tuple) else (out,))
            if getattr(y, "requires_grad", False) and y.ndim == 0]  # fmt: skip
    if not outs:
        return None
    y = outs[0]
    y.name = "y"
    loss = ag.real(y * (-1.5 + 0.5j)) if y.dtype.kind == "c" else y * -1.5
    loss.name = "L"
    return loss, [x for x in leaves if isinstance(x, ag.Tensor)]


def check_equation(text: str, wanted: Any, scale: bool = True) -> None:
    """`upstream × local = contribution`, or the contribution alone."""
    left, _, right = text.rpartition(" = ")
    shown = value_of(right)
    np.testing.assert_allclose(shown, wanted, rtol=1e-3, err_msg=text)
    if left:
        assert holds(left, right), text


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", SCALAR)
def test_every_product_of_numbers_is_true_in_every_artefact(op: str) -> None:
    for label, inputs, params in islice(numbers_of(OPS[op]), MOST):
        try:
            check_call(OPS[op], inputs, params)
        except Exception as error:
            error.add_note(f"{op}, {label}: {inputs}")
            raise


def check_call(op: Op, inputs: tuple[Any, ...], params: dict[str, Any]) -> None:
    made = graph_of_numbers(op, inputs, params)
    if made is None:
        return
    loss, leaves = made
    with np.errstate(all="ignore"):
        engine = ag.grad(loss, leaves, allow_unused=True)
    picture = draw(loss, names={})
    cards = {card.name: card for card in picture.model.cards}
    for leaf, g in zip(leaves, engine, strict=True):
        if g is not None:
            np.testing.assert_allclose(cards[leaf.name].gradient, g.numpy(), rtol=1e-12)
    svg, page = pills(picture.svg()), rows(picture.html())
    for edge in picture.model.edges:
        if edge.contribution is None:
            continue
        key = f"{edge.target.key}p{edge.position}"
        check_equation(svg[key][-1], edge.contribution)
        row = page[key]
        check_equation(" = ".join(filter(None, (row.get("product"), row["contribution"]))),
                       edge.contribution)  # fmt: skip
        assert (" × " in svg[key][-1]) == bool(row.get("product")), "both or neither"
        check_formula(edge)
    check_steps(loss, picture)
    for leaf, g in zip(leaves, engine, strict=True):
        if g is not None:
            check_paths(loss, leaf, g.numpy())


def check_formula(edge: Any) -> None:
    """`∂y/∂x = formula = value`, and the formula of what multiplies."""
    if not edge.product or edge.derivation.barred is not None or not edge.derivative:
        return
    step = edge.target
    names = {e.source.name: e.source.value for e in step.edges}
    names |= {card.name: card.value for card in step.outputs}
    wanted = edge.local
    for text, value in ((edge.derivative, wanted), (edge.multiplier, np.conj(wanted))):
        found = formula_value(text, names)
        if edge.derivation.is_real or not np.iscomplexobj(value):
            found, value = np.real(found), np.real(value)
        np.testing.assert_allclose(found, value, rtol=2e-3, atol=1e-9, err_msg=text)


def pills(svg: str) -> dict[str, list[str]]:
    """The texts of every box between a tensor and an op."""
    root = ElementTree.fromstring(svg)
    return {
        g.get("id", ""): [t.text or "" for t in g.iter() if t.tag.endswith("}text")]
        for g in root.iter()
        if g.get("class") == "local"
    }


def rows(page: str) -> dict[str, dict[str, Any]]:
    """What the page says about every edge."""
    data = re.search(r'<script[^>]*id="data">(.*?)</script>', page, re.DOTALL)
    assert data
    steps = json.loads(unpacked(data[1]))["steps"]
    return {row["edge"]: row for step in steps for row in step["rows"]}


def check_steps(loss: Any, picture: Any) -> None:
    stepper = ag.stepper(loss, names={})
    contributions = {
        (step.order, edge.source.name): edge.contribution
        for step in picture.model.steps
        for edge in step.edges
    }
    for order in range(1, len(stepper) + 1):
        lines = str(stepper.next()).splitlines()
        for line, after in pairwise(lines):
            if found := re.match(r"   (\w+):  ", line):
                check_equation(after.strip(), contributions[order, found[1]])


def check_paths(loss: Any, leaf: Any, gradient: Any) -> None:
    ledger = ag.explain(loss, leaf, names={})
    assert holds(re.search(r" = (.*), the sum", ledger.text())[1], value_text(gradient))
    for path in ledger.paths:
        if path.numbers:
            assert holds(path.numbers, value_text(path.contribution)), path.numbers
    for line in ledger.latex().splitlines():
        if "\\frac" in line:
            parts = from_latex(line.removesuffix(r" \\")).split(" = ")
            if len(parts) == 3:
                assert holds(parts[1], parts[2]), line


def value_text(value: Any) -> str:
    return number(value)


# ---- rules of arrays -----------------------------------------------------------------------------


def arrays_of(op: Op) -> Iterator[Any]:
    """The samples of an op that have arrays, with something in each."""
    for sample in op.samples():
        sizes = [(np.ndim(x), np.size(x)) for x in sample.inputs]
        if any(ndim for ndim, _ in sizes) and all(size for _, size in sizes):
            yield sample


TENSOR = [name for name in RULED if next(arrays_of(OPS[name]), None)]

# Rules that are programs, not formulas: a picture says whose transpose they are.
NAMED = {
    "attention", "attention_pull", "cofactor_slope", "cross_entropy", "cross_entropy_pull", "eig",
    "eigh", "extreme_at", "gelu", "gru", "log_bands", "logcumsumexp", "lstm", "lstm_cell",
    "max_pool", "nll", "prod", "resample", "rnn", "standardize", "svd", "tensordot",
}  # fmt: skip
# Formulas that leave sizes and steps to the op, which their text alone does not give.
BRIEF = {
    "convolution", "convolution_transposed", "convolution_weight", "extreme_at", "move_rows",
    "expm", "fold",
    "unfold", "gather_planes", "scatter_planes", "max_of_bins", "max_pool_pull", "weighted_sum",
    "weighted_products", "weighted_spread", "window_spread", "window_sum", "solve_triangular",
}  # fmt: skip


def picture_of(op: Op, sample: Any) -> Any:
    """A call, drawn with upstream gradients that differ between elements; and what is asked."""
    leaves = [
        ag.Tensor(np.asarray(x), requires_grad=True, name=f"x{i}") if is_inexact(x) else x
        for i, x in enumerate(sample.inputs)
    ]
    out = op.record(*leaves, **sample.params)
    outs = [y for y in (out if isinstance(out, tuple) else (out,))
            if getattr(y, "requires_grad", False)]  # fmt: skip
    for i, y in enumerate(outs):
        y.name = f"y{i}"
    weighted = [(y * weights(y)).sum() for y in outs]
    return draw(ag.Graph(*weighted), names={}, style="tower") if weighted else None


def rules_of_tensors(op: Op, sample: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The edges of a call, each with the numbers that its rule speaks of."""
    picture = picture_of(op, sample)
    if picture is None:
        return
    model = picture.model
    for step in model.steps:
        if step.op is not op or step.outputs[0].name[0] != "y":
            continue
        kept = kept_shape(op, step.node.parameters(), sample)
        names = {edge.source.name: edge.source.value for edge in step.edges}
        names |= {card.name: kept(card.value) for card in step.outputs}
        names |= {f"∇{card.name}": kept(card.gradient) for card in step.outputs}
        names["G"] = kept(step.outputs[0].gradient)
        values = model.values[step.node]
        for i, value in enumerate(values if isinstance(values, tuple) else ()):
            names[f"out{subscript(i)}"] = kept(value)
        for edge in step.edges:
            if edge.contribution is not None:
                yield edge, names


def weights(y: Any) -> Any:
    """An upstream gradient that is another one for every element."""
    real = np.linspace(0.5, 1.5, max(y.size, 1))[: y.size].reshape(y.shape)
    return real * (1 + 0.25j) if y.dtype.kind == "c" else real


def kept_shape(op: Op, params: dict[str, Any], sample: Any) -> Any:
    """In a formula the axes that an op sums over have the length 1."""
    if "keepdims" not in op.params:
        return lambda value: value
    axis = params.get("axis")
    shape = np.shape(sample.inputs[0])
    return lambda value: np.asarray(value).reshape(
        np.sum(np.empty(shape), axis=axis, keepdims=True).shape
    )


def is_the_same(found: Any, wanted: Any) -> bool:
    found, wanted = np.asarray(found), np.asarray(wanted)
    if found.size == wanted.size:
        found = found.reshape(wanted.shape)
    found = np.broadcast_to(found, wanted.shape)
    scale = float(np.max(np.abs(wanted), initial=0.0, where=np.isfinite(wanted))) or 1.0
    return np.allclose(found, wanted, rtol=3e-3, atol=3e-3 * scale, equal_nan=True)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", TENSOR)
def test_every_rule_of_arrays_is_true_as_it_is_written(op: str) -> None:
    for sample in arrays_of(OPS[op]):
        for edge, names in rules_of_tensors(OPS[op], sample):
            check_is_mathematics(edge.rule)
            if edge.rule.startswith("(∂"):
                assert op in NAMED, edge.rule
            elif op not in BRIEF:
                found = formula_value(edge.rule, names, np.shape(edge.contribution))
                assert is_the_same(found, edge.contribution), f"{sample}: {edge.rule}"


CODE = (
    "None", "True", "False", "slice(", "zeros_like", "conjugate", "axis=", "**", "==", "!=",
    "where(", "dtype", "_pull", "einsum", " @ ", "quotient", "shift", "ldexp",
    "power′", "power ln", "ᵀᵀ", "Re(0)", "imag(", "real(",
)  # fmt: skip


def check_is_mathematics(rule: str) -> None:
    assert not [code for code in CODE if code in rule], rule


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", TENSOR)
def test_every_artefact_writes_the_same_rule(op: str) -> None:
    picture = picture_of(OPS[op], next(arrays_of(OPS[op])))
    if picture is None:
        return
    rules = {f"{e.target.key}p{e.position}": e for e in picture.model.edges
             if e.contribution is not None}  # fmt: skip
    page = rows(picture.html())
    assert page.keys() == rules.keys()
    outputs = [node for node, card in picture.model.nodes.items() if card.kind == "loss"]
    stepped = "\n".join(walked(ag.Graph(*outputs)))
    for key, edge in rules.items():
        assert page[key]["rule"] == edge.rule
        assert page[key].get("product") or f"∇ += {edge.rule}" in stepped
    drawn = {t.text for t in ElementTree.fromstring(picture.svg()).iter() if t.text}
    for text in drawn:
        if text.startswith("∇ = ") and "sum over" not in text:
            assert text.removeprefix("∇ = ").removesuffix(" + …") in {
                e.rule for e in rules.values()
            }


def walked(graph: Any) -> Iterator[str]:
    stepper = ag.stepper(graph, names={})
    for _ in range(len(stepper)):
        yield str(stepper.next())
