"""Each operator that is claimed passes all of the cases that the onnx package has for it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import AutogradError
from docs.make_onnx_in import table
from nn.onnx.bodies import BODIES
from nn.onnx.budget import bounded
from nn.onnx.load import load
from nn.onnx.reading import chapters, unsupported
from nn.onnx.table import TABLE
from nn.onnx.tensors import held
from tests.onnx_cases import agree, cases, data

pytest.importorskip("onnx")
chapters()
CLAIMED = sorted(
    {name for _, name in TABLE} | {name for names in BODIES.values() for name in names}
)
DRAWN = ("Bernoulli", "RandomUniformLike")  # by chance: the shape and the type are compared
# onnx' numbers for these were computed in float32, whose rounding of the largest (99) is more
# than their tolerance near 0.
ROUNDED = {"test_dft_inverse": 99 * 2.0**-23, "test_dft_inverse_opset19": 99 * 2.0**-23}


def run(case: Any, model: Any) -> None:
    loaded = load(model)
    for inputs, outputs in data(case, model):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            found = loaded(*inputs)
        found = found if isinstance(found, tuple) else (found,)
        for got, wanted in zip(found, outputs, strict=True):
            if any(node.op_type in DRAWN for node in model.graph.node):
                assert (got.shape, got.dtype) == (wanted.shape, wanted.dtype)
            else:
                agree(got, wanted, case.rtol, ROUNDED.get(case.name, case.atol))


@pytest.mark.parametrize("name", [n for n in CLAIMED if n in cases()])
def test_an_operator_passes_the_cases_of_onnx(name: str) -> None:
    failed = []
    for case, model in cases()[name]:
        try:
            run(case, model)
        except (AssertionError, RuntimeError) as error:
            failed.append(f"{case.name}: {str(error)[:300]}")
    assert not failed, "\n".join(failed)


def test_definitions_by_other_operators_pass() -> None:
    failed = []
    for case, model in cases()["several"]:
        if unsupported(model):
            failed.append(f"{case.name}: {unsupported(model)}")
            continue
        try:
            run(case, model)
        except (AssertionError, RuntimeError) as error:
            failed.append(f"{case.name}: {str(error)[:300]}")
    assert not failed, "\n".join(failed)


def test_the_claim_is_as_large_as_the_docs_say() -> None:
    claimed = [n for n in CLAIMED if n in cases()]
    count = sum(len(cases()[n]) for n in claimed) + len(cases()["several"])
    text = Path(__file__).parents[1].joinpath("docs", "onnx_in.md").read_text()
    assert f"{len(CLAIMED)} operators" in text
    assert f"{count:,} cases" in text
    assert table() in text


# Inputs that say how, and are no numbers to differentiate by: places, rates, sizes.
HOW = {
    "Adagrad": {0}, "Adam": {0}, "DequantizeLinear": {2}, "Momentum": {0}, "Range": {0, 1, 2},
    "Resize": {1, 2}, "RoiAlign": {1}, "Unique": {0}, "Upsample": {1},
}  # fmt: skip
SMOOTH = [
    n
    for n in CLAIMED
    if n in cases() and n not in DRAWN and n != "LinearAttention"  # defined in float32
]


def differentiable(case: Any, model: Any, name: str) -> list[int]:
    """The inputs of a case by which its first output is differentiated."""
    inputs, outputs = data(case, model)[0]
    if not all(isinstance(v, np.ndarray) and v.size for v in (*inputs, outputs[0])):
        return []
    if not all(np.isfinite(v).all() for v in inputs if v.dtype.kind == "f"):
        return []
    floats = [i for i, v in enumerate(inputs) if v.dtype in (np.float32, np.float64)]
    return [i for i in floats if i not in HOW.get(name, ())] if outputs[0].dtype.kind == "f" else []


@pytest.mark.parametrize("name", SMOOTH)
def test_the_gradient_of_an_operator_is_its_slope(name: str) -> None:
    rng = np.random.default_rng(0)
    for case, model in cases()[name][:40]:
        at = differentiable(case, model, name)
        if not at:
            continue
        inputs, _ = data(case, model)[0]
        loaded = load(model)
        off = [rng.uniform(0.011, 0.029, v.shape) for v in inputs]  # from kinks and ends
        wide = [v + off[i] if i in at else v for i, v in enumerate(inputs)]
        ways = {i: rng.normal(size=wide[i].shape) for i in at}

        def first(
            t: float, loaded: Any = loaded, wide: Any = wide, ways: Any = ways, at: Any = at
        ) -> Any:
            moved = [
                ag.Tensor(v + t * ways[i], requires_grad=True) if i in at else v
                for i, v in enumerate(wide)
            ]
            found = loaded(*moved)
            return moved, found[0] if isinstance(found, tuple) else found

        leaves, y = first(0.0)
        if not y.requires_grad or y.dtype != np.float64:
            continue
        weights = rng.normal(size=y.shape)
        (y * ag.Tensor(weights)).sum().backward()
        slope = sum(
            float((leaves[i].grad.numpy() * ways[i]).sum())
            for i in at
            if leaves[i].grad is not None
        )
        before, after = (
            float((first(t)[1].detach().numpy() * weights).sum()) for t in (-1e-6, 1e-6)
        )
        size = np.abs(weights).sum() * max(1.0, np.abs(y.detach().numpy()).max())
        assert abs((after - before) / 2e-6 - slope) < 1e-7 * size, case.name
        return


def unasked(case: Any, model: Any) -> str:
    """A case in which an array larger than all that goes in is made without asking."""
    for inputs, outputs in data(case, model):
        loaded = load(model)
        kept = [v.numpy() for v in loaded.state_dict().values()]
        given = max((np.size(v) for v in (*inputs, *kept) if isinstance(v, np.ndarray)), default=0)
        made = max((np.size(v) for v in outputs if isinstance(v, np.ndarray)), default=0)
        if made <= max(given, 1):
            continue
        with bounded(float("inf")) as bound, np.errstate(all="ignore"):
            bound.alive = max(v.nbytes for v in outputs if isinstance(v, np.ndarray)) - 1
            values = {n: getattr(owner, a) for n, (owner, a) in loaded._places.items()}
            named = dict(zip(loaded.inputs, map(held, inputs), strict=False))
            try:
                loaded._graph.run(values | named)
            except AutogradError as error:
                if "too large" in str(error):
                    continue
        return f"{case.name}: {given} numbers go in, {made} come out"
    return ""


ASKS = [n for n in CLAIMED if n in cases() and n not in ("Constant", "If")]  # kept in the file


@pytest.mark.parametrize("name", ASKS)
def test_an_operator_makes_nothing_larger_than_its_inputs_unasked(name: str) -> None:
    failed = [unasked(case, model) for case, model in cases()[name]]
    assert not any(failed), "\n".join(filter(None, failed))
