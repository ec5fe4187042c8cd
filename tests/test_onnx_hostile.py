"""A model may be hostile: what takes too much memory or time is refused before it is begun."""

from __future__ import annotations

import itertools
import random
import re
import resource
import time
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.errors import AutogradError, UnsupportedError

onnx = pytest.importorskip("onnx")
from onnx import TensorProto as T  # noqa: E402
from onnx import helper, numpy_helper  # noqa: E402

from nn.onnx.patterns import Pattern  # noqa: E402
from tests.test_onnx_load import model, node  # noqa: E402

MEGABYTE = 2**20


@pytest.fixture(autouse=True)
def small(monkeypatch: Any) -> None:
    """The bounds at a 16th of what they are, so that nothing here is large."""
    monkeypatch.setattr("nn.onnx.budget._ALIVE", (2**24, 2**8))
    monkeypatch.setattr("nn.onnx.budget._MADE", (2**26, 2**14))


@pytest.mark.parametrize("kind", ["Tile", "Pad", "Expand", "ConstantOfShape"])
def test_an_array_that_is_too_large_is_not_made(kind: str) -> None:
    sizes = {"Pad": [0, 2**40, 0, 2**40], "Expand": [2**40, 2, 3]}.get(kind, [2**40, 2**20])
    inputs = "n" if kind == "ConstantOfShape" else "x n"
    loaded = ag.onnx.load(model([node(kind, inputs)], arrays={"n": np.array(sizes)}))
    with pytest.raises(
        AutogradError, match=r"of the shape \[[\d, ]{9,}\]: too large.*\([\d,]+ MiB, where 1\d are"
    ):
        loaded(np.ones((2, 3), np.float32))


LONG = {"l": np.array([40_000, 1]), "w": np.array([1, 40_000]), "k": np.ones((2, 1, 2), "f4")}
GROWN: dict[str, list[Any]] = {
    "Add": [
        node("ConstantOfShape", "l", "a"), node("ConstantOfShape", "w", "b"), node("Add", "a b"),
    ],
    "Where": [
        node("ConstantOfShape", "l", "a"), node("ConstantOfShape", "w", "b"),
        node("Greater", "a b", "c"), node("Where", "c a b"),
    ],
    "MatMul": [
        node("ConstantOfShape", "l", "a"), node("ConstantOfShape", "w", "b"), node("MatMul", "a b"),
    ],
    "Gemm": [
        node("ConstantOfShape", "l", "a"), node("ConstantOfShape", "w", "b"), node("Gemm", "a b"),
    ],
    "Concat": [
        node("Concat", "x x", "a0", axis=0),
        *(node("Concat", f"a{k} a{k}", f"a{k + 1}" if k < 28 else "y", axis=0) for k in range(29)),
    ],
    "Conv": [node("Conv", "q k", pads=[2**28, 2**28])],
    "ConvTranspose": [node("ConvTranspose", "q k", strides=[2**28])],
    "AveragePool": [node("AveragePool", "q", kernel_shape=[2], pads=[2**28, 2**28])],
    "MaxUnpool": [node("MaxUnpool", "q i s", kernel_shape=[1])],
}  # fmt: skip


@pytest.mark.parametrize("kind", GROWN)
def test_what_grows_beyond_all_bounds_is_not_made(kind: str) -> None:
    more = {"i": np.zeros((1, 2, 3), int), "s": np.array([1, 2, 2**28])}
    three = [node("Unsqueeze", "x ax", "q")] if "q" in str(GROWN[kind]) else []
    arrays = LONG | more | {"ax": np.array([0])}
    loaded = ag.onnx.load(model([*three, *GROWN[kind]], arrays=arrays))
    with pytest.raises(AutogradError, match="too large"):
        loaded(np.ones((2, 3), np.float32))


def zero(dtype: Any = np.int64) -> Any:
    return numpy_helper.from_array(np.zeros(1, dtype))


def filled(out: str, lengths: str = "n", **attributes: Any) -> Any:
    return node("ConstantOfShape", lengths, out, **attributes)


def chain(op: str, more: str = "", count: int = 60, first: str = "a", **attributes: Any) -> Any:
    """A node again and again, each on what the last gave; all that they give is kept."""
    names = [first, *(f"c{k}" for k in range(count))]
    made = [node(op, f"{a} {more}", b, **attributes) for a, b in itertools.pairwise(names)]
    return [*made, node("Concat", " ".join(names[1:]), axis=0)]


def looped(depth: int) -> Any:
    """Loops in loops, of a thousand turns each."""
    kinds = {"i": T.INT64, "go": T.BOOL, "on": T.BOOL}
    i, go, on = (
        helper.make_tensor_value_info(f"{n}{depth}", kind, []) for n, kind in kinds.items()
    )
    v, w = (helper.make_tensor_value_info(f"{n}{depth}", T.FLOAT, None) for n in "vw")
    inner = [helper.make_node("Identity", [go.name], [on.name])]
    if depth:
        inner.append(
            helper.make_node(
                "Loop", ["turns", "true", v.name], [w.name], name=f"loop{depth}",
                body=looped(depth - 1),
            )
        )  # fmt: skip
    else:
        inner.append(helper.make_node("Neg", [v.name], [w.name]))
    return helper.make_graph(inner, f"b{depth}", [i, go, v], [on, w])


def kept_by_turns() -> Any:
    """A loop each turn of which gives an array to keep."""
    i = helper.make_tensor_value_info("i", T.INT64, [])
    go, on = (helper.make_tensor_value_info(n, T.BOOL, []) for n in ("go", "on"))
    z = helper.make_tensor_value_info("z", T.FLOAT, None)
    inner = [helper.make_node("Identity", ["go"], ["on"]), filled("z", "n")]
    body = helper.make_graph(inner, "b", [i, go], [on, z])
    return helper.make_node("Loop", ["turns", "true"], ["y"], name="the_Loop", body=body)


MANY, WIDE = {"n": np.array([2**21 - 1])}, {"n": np.array([1, 2**18, 1])}
TURNS = {"turns": np.array(1000), "true": np.array(True)}
PICTURE = {"n": np.array([1, 1, 512, 512]), "m": np.array([1, 1, 256, 256])}
COLUMN = {"n": np.array([2**18])}
ROI = {"r": np.array([[0, 0, 1, 1]], np.float32), "b": np.array([0]), "n": np.array([1, 1, 4, 4])}
# What is asked for, in arrays that have room alone or in steps that are short alone.
HOSTILE: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "Gather": ([filled("i", value=zero()), node("Gather", "x i")], MANY),
    "GatherND": ([filled("i", value=zero()), node("GatherND", "x i")], {"n": np.array([2**20, 1])}),
    "ConstantOfShape": (
        [*(filled(f"a{k}") for k in range(99)), node("Sum", " ".join(f"a{k}" for k in range(99)))],
        MANY,
    ),
    "Range": (
        [node("Range", "s n t", "a"), *chain("Neg")],
        {"s": np.array(0), "t": np.array(1), "n": np.array(2**21 - 1)},
    ),
    "EyeLike": ([filled("a"), *chain("EyeLike")], {"n": np.array([1023, 1023])}),
    "Tile": ([node("Identity", "x", "a"), *chain("Tile", "t")], {"t": np.array([2, 1])}),
    "Pad": ([node("Identity", "x", "a"), *chain("Pad", "p")], {"p": np.array([0, 0, 2**18, 0])}),
    "Expand": ([node("Expand", "x n", "a"), *chain("Neg")], {"n": np.array([2**17, 2, 3])}),
    "OneHot": (
        [node("Range", "s n t", "r"), node("OneHot", "r n v")],
        {"s": np.array(0), "n": np.array(2**16), "t": np.array(1), "v": np.array([0.0, 1.0])},
    ),
    "Resize": (
        [filled("a"), helper.make_node("Resize", ["a", "", "s"], ["y"], mode="linear")],
        {"n": np.array([1, 1, 2**18]), "s": np.array([1, 1, 0.5], np.float32)},
    ),
    "Conv": (
        [filled("a"), filled("w", "m"), node("Conv", "a w")],
        {"n": np.array([2**16, 1, 1]), "m": np.array([2**16, 1, 1])},
    ),
    "Conv, its time": ([filled("a"), filled("w", "m"), node("Conv", "a w")], PICTURE),
    "MatMul, its time": ([filled("a"), node("MatMul", "a a")], {"n": np.array([1400, 1400])}),
    "MatMulInteger": (
        [filled("a", value=zero(np.uint8)), node("MatMulInteger", "a a")],
        {"n": np.array([1400, 1400])},
    ),
    "Einsum": ([filled("a"), node("Einsum", "a a", equation="i,j->ij")], COLUMN),
    "Einsum, its time": ([filled("a"), node("Einsum", "a a a", equation="i,j,k->")], COLUMN),
    "Einsum, dots": ([filled("a"), node("Einsum", "a a", equation="i...,j...->ij...")], COLUMN),
    "DFT": ([filled("a"), node("DFT", "a", axis=1)], WIDE),
    "STFT": (
        [filled("a"), helper.make_node("STFT", ["a", "one", "", "l"], ["y"])],
        WIDE | {"one": np.array(1), "l": np.array(2**12)},
    ),
    "MelWeightMatrix": (
        [node("MelWeightMatrix", "b l r lo hi")],
        {"b": np.array(2**20), "l": np.array(-2), "r": np.array(8000)}
        | {"lo": np.array(1, np.float32), "hi": np.array(9, np.float32)},
    ),
    "LRN": ([filled("a"), node("LRN", "a", size=2**30)], {"n": np.array([1, 1, 8, 8])}),
    "MaxPool": (
        [filled("a"), node("MaxPool", "a", kernel_shape=[999, 999], auto_pad="SAME_UPPER")],
        PICTURE,
    ),
    "LpPool": ([filled("a"), node("LpPool", "a", kernel_shape=[400, 400])], PICTURE),
    "Multinomial": ([node("Multinomial", "x", sample_size=2**40)], {}),
    "GridSample": (
        [filled("a"), filled("b", "m"), node("GridSample", "a b")],
        {"n": np.array([1, 2**16, 2, 2]), "m": np.array([1, 2**8, 2**8, 2])},
    ),
    "RoiAlign": ([filled("a"), node("RoiAlign", "a r b", output_height=2**24)], ROI),
    "RoiAlign, its ratio": ([filled("a"), node("RoiAlign", "a r b", sampling_ratio=2**40)], ROI),
    "ScatterND": (
        [filled("i", value=zero()), filled("a", "m"), node("ScatterND", "a i x")],
        {"n": np.array([2**16, 1]), "m": np.array([1, 2**16])},
    ),
    "ReduceSum": (
        [node("Reshape", "e n", "r", allowzero=1), node("ReduceSum", "r k")],
        {"e": np.zeros(0, np.float32), "n": np.array([2**30, 0, 2**30]), "k": np.array([1])},
    ),
    "SplitToSequence": (
        [filled("a"), node("SplitToSequence", "a one", "s"), node("SequenceAt", "s one")],
        COLUMN | {"one": np.array(1)},
    ),
    "PRelu": (
        [filled("a"), filled("b", "m"), node("PRelu", "a b")],
        {"n": np.array([2**16, 1]), "m": np.array([1, 2**16])},
    ),
    "StringConcat": (
        [
            helper.make_node("Constant", [], ["t0"], value_strings=[b"abcdefgh"]),
            *(node("StringConcat", f"t{k} t{k}", f"t{k + 1}") for k in range(40)),
            node("StringSplit", "t40", "parts y"),
        ],
        {},
    ),
    "Loop": (
        [helper.make_node("Loop", ["turns", "true", "x"], ["y"], name="l", body=looped(3))], TURNS
    ),
    "Loop, what it keeps": ([kept_by_turns()], TURNS | {"n": np.array([2**16])}),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_takes_too_much_is_refused_soon_and_small(kind: str) -> None:
    nodes, arrays = HOSTILE[kind]
    loaded = ag.onnx.load(model(nodes, arrays=arrays))
    x = np.ones((2, 3), np.float32)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(AutogradError, match=r"(?s)too large beside what it was given.*trusted"):
        loaded(x)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 100 * MEGABYTE
    assert time.process_time() - start < 5


def test_a_model_that_is_trusted_has_no_bounds() -> None:
    nodes, arrays = HOSTILE["Gather"]
    assert ag.onnx.load(model(nodes, arrays=arrays), trusted=True)(np.ones((2, 3))).shape[0] > 2**20


def test_what_is_given_allows_for_more() -> None:
    loaded = ag.onnx.load(model([node("Tile", "x t")], arrays={"t": np.array([100, 1])}))
    assert loaded(np.ones((2**16, 3), np.float32)).shape == (100 * 2**16, 3)


def test_what_no_one_takes_any_more_is_let_go() -> None:
    names = ["x", *(f"a{k}" for k in range(300))]
    pairs = itertools.pairwise(names)
    loaded = ag.onnx.load(model([*(node("Neg", a, b) for a, b in pairs), node("Neg", names[-1])]))
    with ag.no_grad():
        assert loaded(np.ones((2**15, 3), np.float32)).shape == (2**15, 3)


def test_updates_that_meet_at_one_place_take_no_longer() -> None:
    count = 20_000
    given = {"i": np.zeros(count, int), "u": np.ones(count), "v": np.zeros(3)}
    for how, wanted in {"add": count, "mul": 0, "max": 1, "min": 0, "none": 1}.items():
        nodes = [node("ScatterElements", "v i u", reduction=how)]
        start = time.process_time()
        found = ag.onnx.load(model(nodes, arrays=given))(np.ones((2, 3), np.float32))
        assert found[0].item() == wanted
        assert time.process_time() - start < 3


def test_patterns_match_what_python_s_do() -> None:
    draw = random.Random(0)
    atoms = ["a", "b", ".", "[ab]", "[^a]", r"\w", r"\d", r"\.", r"\x61", "^", "$", r"\b"]

    def made(depth: int) -> str:
        kind = draw.random()
        if not depth or kind < 0.3:
            return draw.choice(atoms)
        if kind < 0.55:
            return made(depth - 1) + made(depth - 1)
        if kind < 0.75:
            return f"({made(depth - 1)}|{made(depth - 1)})"
        return f"(?:{made(depth - 1)}){draw.choice(['*', '+', '?', '{2}', '{1,2}', '{0,}', '*?'])}"

    for _ in range(400):
        pattern = made(4)
        text = "".join(draw.choice("ab.1") for _ in range(draw.randrange(7)))
        assert Pattern(pattern).matches(text) == bool(re.fullmatch(pattern, text)), (pattern, text)


def test_patterns_take_time_that_is_linear_in_the_text() -> None:
    start = time.process_time()
    assert not Pattern("(a+)+b").matches("a" * 2000)
    assert not Pattern("a*" * 12 + "b").matches("a" * 2000)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("pattern", ["(a", "a)", "*", "[", r"\p{Greek}", "a{999}{999}", "(" * 9999])
def test_patterns_that_cannot_be_matched_are_refused(pattern: str) -> None:
    with pytest.raises(UnsupportedError, match="pattern"):
        Pattern(pattern)
