"""Exported models: valid ONNX, which gives in onnxruntime what the call gives here."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.engine.op import OPS
from autograd.engine.samples import Sample
from autograd.errors import ArgumentError, DTypeError, ExportError, MissingPackageError, TraceError
from autograd.graph.pytree import flat
from autograd.onnx import export
from autograd.onnx.exporting import NEWEST, OLDEST
from autograd.onnx.table import REFUSED, ROWS
from tests.layers import CASES
from tests.layers.case import Case, flatten

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
ort.set_default_logger_severity(4)
F = nn.functional

for module in pkgutil.walk_packages(nn.__path__, "nn."):
    if not any(s in module.name for s in ("keras", "torch", "tensorboard", "imports", "__main__")):
        importlib.import_module(module.name)

ROOT = Path(__file__).parents[1]
TOLERANCE = {"float32": 1e-5, "float64": 1e-12}
LATER = "since opset 18; export with opset=18"
# Ops whose samples (or some of them) need what has no operator: the words that the error has.
PARTLY = {
    "getitem": "truth value", "masked_select": "truth value", "bincount": "minlength",
    "unwrap": "function of Python",
    "interp": "function of Python",
    "intersect1d": "function of Python",
    "compress": "function of Python",
    "choose": "function of Python",
    "extract": "function of Python",
    "union1d": "function of Python",
    "setdiff1d": "function of Python",
    "setxor1d": "function of Python",
}  # fmt: skip
REASONS = "|".join(map(re.escape, [*REFUSED.values(), "complex numbers have no operators"]))
LAYERS_PARTLY = {
    "AdaptiveLogSoftmaxWithLoss": "depends on the values", "CTCLoss": "alignments",
    "Embedding": "minlength", "EmbeddingBag": "_tops|minlength", "FractionalMaxPool2d": "_all_bins",
    "FractionalMaxPool3d": "_all_bins",
}  # fmt: skip


def run(model: Any, *inputs: Any) -> list[Any]:
    """What onnxruntime gives, in the order of the model's outputs."""
    onnx.checker.check_model(model, full_check=True)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    known = {x.name for x in session.get_inputs()}
    named = zip((x.name for x in model.graph.input), inputs, strict=True)
    return session.run(None, {n: np.asarray(x) for n, x in named if n in known})


def agree(found: Any, right: Any, dtype: str) -> None:
    for y, own in zip(found, right, strict=True):
        own = np.asarray(own.detach().numpy() if hasattr(own, "detach") else own)
        assert (y.shape, y.dtype) == (own.shape, own.dtype)
        finite = own[np.isfinite(own)]
        scale = np.abs(finite).max() if finite.size and own.dtype.kind == "f" else 0
        tolerance = TOLERANCE[dtype]
        np.testing.assert_allclose(y, own, rtol=tolerance, atol=tolerance * scale)


def is_real(sample: Sample) -> bool:
    return all(np.asarray(x).dtype.kind != "c" for x in sample.inputs if x is not None)


def samples_of(name: str) -> list[Sample]:
    """The first and the last of each op: the law of all is dear, and they differ in little."""
    found = [s for s in OPS[name].samples() if is_real(s)]
    if name.removesuffix("_pull") in ("rnn", "gru", "lstm"):
        return found
    return found[:1] + found[-1:] if len(found) > 2 else found


def calls_of(name: str) -> Iterator[tuple[Any, list[Any], str, int]]:
    """Calls of an op with their inputs, in which precision, and for which opset."""
    for number, sample in enumerate(samples_of(name)):
        rows = (("float64", NEWEST), ("float32", NEWEST), ("float32", OLDEST))
        for dtype, opset in rows[: 1 if number else 3]:
            arrays = [None if x is None else np.asarray(x) for x in sample.inputs]
            arrays = [x.astype(dtype) if x is not None and x.dtype == float else x for x in arrays]
            there = [k for k, x in enumerate(arrays) if x is not None]

            def call(*xs: Any, full: Any = tuple(arrays), s: Any = sample, at: Any = there) -> Any:
                given = list(full)
                for k, x in zip(at, xs, strict=True):
                    given[k] = x
                return OPS[name].record(*given, **s.params)

            yield lambda *xs, f=call: f(*xs), [arrays[k] for k in there], dtype, opset


@pytest.mark.parametrize("name", [n for n in OPS if n not in REFUSED])
def test_an_op_gives_there_what_it_gives_here(name: str) -> None:
    done, refused = 0, False
    for call, given, dtype, opset in calls_of(name):
        right = flat(call(*map(ag.Tensor, given)))
        if any(np.asarray(y).dtype.kind == "c" for y in right):
            with pytest.raises((ExportError, DTypeError)):
                export(call, *given)
            refused = True
            continue
        try:
            model = export(call, *given, opset=opset)
        except ExportError as error:
            known = [PARTLY.get(name), LATER * (opset == OLDEST)]
            known.append(REASONS if OPS[name].composite else None)  # of what it is made of
            if not re.search("|".join(filter(None, known)) or "none", str(error)):
                raise
            refused = True
            continue
        assert model.opset_import[0].version == opset
        agree(run(model, *given), right, dtype)
        done += 1
    assert done or refused or not samples_of(name)


def test_every_op_is_exported_or_says_why_not() -> None:
    assert not ROWS.keys() & REFUSED.keys()
    assert REFUSED.keys() <= OPS.keys()
    assert all(len(reason) > 20 for reason in REFUSED.values())


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_refused_op_names_itself_and_the_reason(name: str) -> None:
    for sample in OPS[name].samples():
        there = [k for k, x in enumerate(sample.inputs) if x is not None]

        def call(*xs: Any, s: Any = sample, at: Any = there) -> Any:
            given = list(s.inputs)
            for k, x in zip(at, xs, strict=True):
                given[k] = x
            return OPS[name].record(*given, **s.params)

        with pytest.raises(
            (ExportError, DTypeError), match=rf"{name}.*: |complex numbers have no operators"
        ):
            export(lambda *xs, f=call: f(*xs), *[np.asarray(sample.inputs[k]) for k in there])


COMPLEX = [n for n in OPS if any(not is_real(s) for s in OPS[n].samples())]


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_numbers_are_refused_by_name(name: str) -> None:
    sample = next(s for s in OPS[name].samples() if not is_real(s))
    there = [k for k, x in enumerate(sample.inputs) if x is not None]

    def call(*xs: Any) -> Any:
        given = list(sample.inputs)
        for k, x in zip(there, xs, strict=True):
            given[k] = x
        return OPS[name].record(*given, **sample.params)

    with pytest.raises((ExportError, DTypeError), match="complex numbers have no operators there"):
        export(call, *[np.asarray(sample.inputs[k]) for k in there])


def few_of_each() -> list[Case]:
    """Two rows of each layer's table."""
    counts: dict[str, int] = {}
    found = []
    for case in CASES:
        counts[case.name] = counts.get(case.name, 0) + 1
        if counts[case.name] in (1, 4):
            found.append(case)
    return found


@pytest.mark.parametrize("case", few_of_each(), ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_layer_gives_there_what_it_gives_here(case: Case, dtype: str) -> None:
    layer = case.make(dtype=dtype).eval()
    inputs = case.arrays(dtype)
    right = [y for y in flatten(layer(*inputs)) if y is not None]
    try:
        model = export(layer, *inputs, opset=OLDEST if dtype == "float64" else NEWEST)
    except ExportError as error:
        words = LAYERS_PARTLY.get(case.name)
        if words is None or not re.search(words, str(error)):
            raise
        return
    found = run(model, *[x for x in flatten(inputs) if x is not None])
    agree(found[: len(right)], right, dtype)


def image(n: int, *shape: int) -> Any:
    return np.random.default_rng(n).standard_normal((n, *shape)).astype("float32")


MODELS = {
    "LSTM": (
        lambda: nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True),
        lambda n: image(n, n + 3, 3), {0: "n", 1: "t"},
    ),
    "GRU": (lambda: nn.GRU(3, 4), lambda n: image(n, n + 3, 3), {1: "n", 0: "t"}),
    "encoder": (
        lambda: nn.TransformerEncoderLayer(8, 2, 16, batch_first=True),
        lambda n: image(n, n + 3, 8), {0: "n", 1: "t"},
    ),
    "pooling": (
        lambda: nn.Sequential(nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2), nn.Upsample(scale_factor=2)),
        lambda n: image(n, 2, 9, 9), {0: "n"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_a_model_holds_at_other_lengths(name: str) -> None:
    make, inputs, axes = MODELS[name]
    nn.manual_seed(0)
    net = make().eval()
    model = export(net, inputs(2), dynamic_axes={0: axes})
    dims = model.graph.input[0].type.tensor_type.shape.dim
    assert [dims[a].dim_param for a in axes] == list(axes.values())
    for n in (2, 3):
        x = inputs(n)
        agree(run(model, x)[:1], flat(net(x))[:1], "float32")


class Packed(nn.Module):
    """A recurrent layer whose sequences end at different steps."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Any) -> Any:
        packed = nn.utils.rnn.pack_padded_sequence(x, [2, 4, 1], enforce_sorted=False)
        found, last = self.layer(packed)
        return nn.utils.rnn.pad_packed_sequence(found)[0], last


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_packed_sequences_end_there_where_they_end_here(kind: str, dtype: str) -> None:
    nn.manual_seed(0)
    net = Packed(getattr(nn, kind)(2, 3, num_layers=2, bidirectional=True)).to(dtype).eval()
    x = image(4, 3, 2).astype(dtype)
    model = export(net, x)
    kinds = {node.op_type for node in model.graph.node}
    assert kind in kinds if dtype == "float32" else "Scan" in kinds
    agree(run(model, x), flat(net(x)), dtype)


class Loss(nn.Module):
    def __init__(self, net: Any) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Any, y: Any) -> Any:
        found = self.net(x)
        found = found[0] if isinstance(found, tuple) else found
        return F.cross_entropy(found if found.ndim == 2 else found.mean(1), y)


def encoder() -> Any:
    return nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0, batch_first=True)


NETS = {
    "mlp": (lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), (3,)),
    "norm": (lambda: nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.GELU(),
                                   nn.Linear(4, 2)), (3,)),
    "conv": (
        lambda: nn.Sequential(
            nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(8, 2),
        ), (1, 4, 4),
    ),
    "transposed": (
        lambda: nn.Sequential(
            nn.ConvTranspose2d(1, 2, 3, 2), nn.InstanceNorm2d(2, affine=True), nn.SiLU(),
            nn.AvgPool2d(2), nn.Upsample(scale_factor=2), nn.Flatten(), nn.Linear(32, 2),
        ), (1, 2, 2),
    ),
    "tokens": (
        lambda: nn.Sequential(nn.Embedding(5, 3), nn.Flatten(), nn.Linear(9, 2)), (3,)),
    "LSTM": (lambda: nn.LSTM(3, 4, 2, proj_size=2, bidirectional=True, batch_first=True), (5, 3)),
    "GRU": (lambda: nn.GRU(3, 4, batch_first=True), (5, 3)),
    "RNN": (lambda: nn.RNN(3, 4, bidirectional=True, batch_first=True), (5, 3)),
    "encoder": (encoder, (3, 4)),
    "GPT": (lambda: nn.models.GPT(5, context=4, width=4, depth=1, heads=2), (3,)),
    "LeNet5": (nn.models.LeNet5, (1, 28, 28)),
}  # fmt: skip


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_train_gives_the_loss_and_all_gradients(name: str, dtype: str) -> None:
    make, shape = NETS[name]
    nn.manual_seed(0)
    loss = Loss(make().to(dtype))
    rng = np.random.default_rng(0)

    def batch(n: int) -> Any:
        if name in ("tokens", "GPT"):
            return rng.integers(0, 5, (n, *shape)), rng.integers(0, 2, n)
        return rng.standard_normal((n, *shape)).astype(dtype), rng.integers(0, 2, n)

    x, y = batch(5)
    model = export(loss, x, y, train=True, dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
    x, y = batch(7)
    names = [output.name for output in model.graph.output]
    found = dict(zip(names, run(model, x, y), strict=True))
    value = loss(x, y)
    slopes = ag.grad(value, list(loss.parameters()))
    own = {"loss": value, **{f"grad.{n}": g for (n, _), g in
                             zip(loss.named_parameters(), slopes, strict=True)}}  # fmt: skip
    assert own.keys() <= found.keys()
    for key, right in own.items():
        scale = max(1.0, np.abs(right.detach().numpy()).max())
        error = np.abs(found[key] - right.detach().numpy()).max()
        assert error <= TOLERANCE[dtype] * scale, key


def test_names_modules_and_lines_are_kept() -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    model = export(net, np.ones((1, 3)), names=["image", "score"])
    assert [x.name for x in model.graph.input] == ["image"]
    assert [x.name for x in model.graph.output] == ["score"]
    assert {x.name for x in model.graph.initializer} == {"0.weight", "0.bias"}
    gemm = model.graph.node[0]
    kept = {p.key: p.value for p in gemm.metadata_props}
    assert kept["module"] == "0 (Linear)"
    assert "test_onnx_export.py" in kept["line"]


def test_large_weights_lie_beside_the_model(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("autograd.onnx.exporting.LARGE", 4096)
    net = nn.Linear(64, 64).eval()
    made = export(net, np.ones((1, 64), "float32"), path=tmp_path / "net.onnx")
    onnx.checker.check_model(str(tmp_path / "net.onnx"), full_check=True)
    places = {e.key: e.value for t in made.graph.initializer for e in t.external_data}
    assert places == {"location": "net.onnx.data", "offset": "0", "length": "16384"}
    assert (tmp_path / "net.onnx.data").stat().st_size == 64 * 64 * 4
    assert {p.name for p in tmp_path.iterdir()} == {"net.onnx", "net.onnx.data"}
    back = ag.onnx.load(tmp_path / "net.onnx")(image(1, 64))
    agree([back.detach().numpy()], [net(image(1, 64))], "float32")
    session = ort.InferenceSession(str(tmp_path / "net.onnx"))
    x = image(1, 64)
    agree(session.run(None, {session.get_inputs()[0].name: x}), [net(x)], "float32")


def test_a_module_is_exported_as_it_predicts_and_stays_as_it_was() -> None:
    net = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(3))
    model = export(net, np.ones((2, 3), "float32"))
    assert net.training
    assert net[0].training
    assert [node.op_type for node in model.graph.node if "Batch" in node.op_type]


BAD = {
    "an old opset": (
        lambda: export(nn.ReLU(), np.ones(2), opset=9), "opset is 9; write one from 17 to"),
    "a new opset": (
        lambda: export(nn.ReLU(), np.ones(2), opset=99), "opset is 99; write one from 17 to"),
    "complex numbers": (
        lambda: export(ag.real, np.ones(2, complex)), "export: x: complex numbers have no"),
    "a complex constant": (
        lambda: export(lambda x: ag.real(x * np.array([1j, 2])), np.ones(2)), "complex numbers"),
    "no opset": (
        lambda: export(nn.ReLU(), np.ones(2), opset=True), "whole number or None, got True"),
    "an op that came later": (
        lambda: export(ag.bitwise_and, np.ones(2, int), np.ones(2, int), opset=17),
        "bitwise_and .*BitwiseAnd is there since opset 18; export with opset=18"),
    "no function": (lambda: export(3, np.ones(2)), "must be a function"),
    "an unknown axis": (
        lambda: export(nn.ReLU(), np.ones((2, 2)), dynamic_axes={"y": [0]}), "'y', which is no"),
    "an axis too many": (
        lambda: export(nn.ReLU(), np.ones((2, 2)), dynamic_axes={0: [5]}), "no axis 5"),
    "a function for train": (
        lambda: export(ag.sin, np.ones(2), train=True), "needs a module"),
    "no loss": (lambda: export(nn.Linear(2, 2), np.ones((1, 2)), train=True), "one number"),
    "two of a name": (
        lambda: export(nn.ReLU(), np.ones(2), names=["a", "a"]), "different ones"),
    "lengths of one name": (
        lambda: export(lambda x, y: x.sum() + y.sum(), np.ones(2), np.ones(3),
                       dynamic_axes={0: {0: "n"}, 1: {0: "n"}}), "one length"),
    "draws": (
        lambda: export(lambda x: F.dropout(x, 0.5, True), np.ones(2)), "random numbers"),
    "another program": (
        lambda: export(lambda x: sum(x[i] for i in range(len(x))), np.ones(3),
                       dynamic_axes={0: {0: "n"}}), "cannot have another length"),
}  # fmt: skip


# What follows from a length in no way that two of them could tell.
@pytest.mark.parametrize("n", [2, 4])  # 2 may become 1, which goes with any other length
def test_axes_that_go_together_are_told_to_share_a_name(n: int) -> None:
    free, x = {"x": [0], "y": [0]}, np.ones((n, 3))
    with pytest.raises(ExportError, match="give axes that are always equally long one name"):
        export(lambda x, y: x + y, x, x, dynamic_axes=free)
    with pytest.raises(ExportError, match="cannot have another length than 3") as caught:
        export(lambda x: x @ np.ones(3), x, dynamic_axes={"x": [1]})
    assert "one name" not in str(caught.value)


BEYOND = {
    "half of it": lambda x: x[: x.shape[0] // 2],
    "half of it, up": lambda x: x[-(-x.shape[0] // 2) :],
    "the rest": lambda x: x[: x.shape[0] % 4],
    "at most five": lambda x: x[: min(5, x.shape[0])].reshape(min(5, x.shape[0]), -1) * 2,
    "a branch": lambda x: x if x.shape[0] < 7 else -x,
    "a longer loop": lambda x: sum(x[k] for k in range(x.shape[0] // 3)),
}


@pytest.mark.parametrize("what", BEYOND)
def test_what_no_law_of_lengths_tells_is_refused_and_not_guessed(what: str) -> None:
    with pytest.raises(ExportError, match=r"in no simple way|does other things"):
        export(BEYOND[what], np.ones((4, 3)), dynamic_axes={0: {0: "n"}})


LENGTHS = {
    "as a number": lambda x: x.sum(0) / x.shape[0] + x.shape[0],
    "of two axes": lambda x: x.reshape(x.shape[0] * x.shape[1]) * (x.shape[0] * x.shape[1]),
    "with a start": lambda x: x[1:-1].reshape(x.shape[0] - 2, -1),
    "twice it": lambda x: ag.concat([x, x[::-1]], 0).reshape(2 * x.shape[0], 1, -1),
    "places": lambda x: x + ag.arange(x.shape[1]) + np.tri(x.shape[0], x.shape[1]),
    "unbiased": lambda x: ag.var(x, ddof=1) + ag.std(x, 0, ddof=1),
}


@pytest.mark.parametrize("what", LENGTHS)
def test_what_follows_from_lengths_is_computed_there(what: str) -> None:
    axes = {0: {0: "n", 1: "m"}}
    model = export(LENGTHS[what], image(4, 3).astype("float64"), dynamic_axes=axes)
    for shape in ((4, 3), (5, 3), (4, 7), (9, 12)):
        x = image(*shape).astype("float64")
        agree(run(model, x), [LENGTHS[what](ag.Tensor(x))], "float64")


@pytest.mark.parametrize("what", BAD)
def test_bad_input_says_what_to_write(what: str) -> None:
    call, words = BAD[what]
    with pytest.raises((ArgumentError, DTypeError, ExportError), match=words):
        call()


def test_branches_on_values_are_refused() -> None:
    with pytest.raises(TraceError, match="truth value"):
        export(lambda x: x if x.sum() > 0 else -x, np.ones(2))


def test_the_newest_opset_is_that_of_the_onnx_that_is_here(monkeypatch: Any) -> None:
    model = export(nn.ReLU(), np.ones(2))
    assert model.opset_import[0].version == min(NEWEST, onnx.defs.onnx_opset_version())
    monkeypatch.setattr(onnx.defs, "onnx_opset_version", lambda: 22)
    older = export(nn.ReLU(), np.ones(2))
    assert (older.opset_import[0].version, older.ir_version) == (22, 10)
    with pytest.raises(ArgumentError, match="to 22, the newest of the onnx"):
        export(nn.ReLU(), np.ones(2), opset=23)


def test_without_onnx_the_error_has_the_line_to_install_it(monkeypatch: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(MissingPackageError, match="pip install onnx"):
        export(nn.ReLU(), np.ones(2))


class Unequal:
    def __eq__(self, other: object) -> bool:
        raise ValueError("the truth value is ambiguous")

    __hash__ = None  # type: ignore[assignment]


def test_what_cannot_be_compared_is_not_taken_for_the_same_at_another_length() -> None:
    from autograd.onnx.sizes import together

    with pytest.raises(ExportError, match="option is another thing at another length"):
        together([Unequal(), Unequal()], "option")


def test_the_table_of_operators_is_the_one_that_is_made() -> None:
    from docs.make_onnx_out import table

    assert table() in (ROOT / "docs" / "onnx_out.md").read_text(encoding="utf-8")
