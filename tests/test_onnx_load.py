"""A loaded ONNX model is a module: it has parameters, learns, is drawn, and refuses bad files."""

from __future__ import annotations

import contextlib
import copy
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import optim
from autograd.errors import AutogradError

onnx = pytest.importorskip("onnx")
from onnx import TensorProto as T  # noqa: E402
from onnx import helper, numpy_helper  # noqa: E402

from nn.onnx.budget import Budget  # noqa: E402


def model(
    nodes: list[Any],
    inputs: list[Any] | None = None,
    outputs: list[Any] | None = None,
    arrays: dict[str, Any] | None = None,
    opset: int = 21,
    **more: Any,
) -> Any:
    """A small model of nodes; x is (N, 3) and y anything if nothing is said."""
    x = [helper.make_tensor_value_info("x", T.FLOAT, ["N", 3])]
    y = [helper.make_tensor_value_info("y", T.FLOAT, None)]
    kept = [numpy_helper.from_array(np.asarray(a), n) for n, a in (arrays or {}).items()]
    graph = helper.make_graph(nodes, "g", inputs or x, outputs or y, kept)
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=imports, **more)


def node(op: str, inputs: str, outputs: str = "y", **attributes: Any) -> Any:
    return helper.make_node(op, inputs.split(), outputs.split(), name=f"the_{op}", **attributes)


rng = np.random.default_rng(0)
X = np.ones((1, 3), np.float32)
W = rng.normal(size=(3, 2)).astype(np.float32)
LINEAR = model(
    [node("MatMul", "x fc.weight", "h"), node("Add", "h fc/bias:0", "s"), node("Tanh", "s")],
    arrays={"fc.weight": W, "fc/bias:0": np.zeros(2, np.float32)},
)


def test_parameters_have_the_names_of_the_file() -> None:
    loaded = ag.onnx.load(LINEAR)
    assert {n for n, _ in loaded.named_parameters()} == {"fc.weight", "fc_bias_0"}
    assert np.array_equal(loaded.state_dict()["fc.weight"].numpy(), W)


def test_names_that_meet_are_kept_apart() -> None:
    names = ["a", "a.b", "a_b", "a/b", "forward", "x y", "3", "", "train.w", "inputs"]
    names = [n for n in names if n]
    nodes, last = [], "x"
    for i, n in enumerate(names):
        nodes.append(helper.make_node("Add", [last, n], [f"h{i}"]))
        last = f"h{i}"
    nodes.append(helper.make_node("Identity", [last], ["y"]))
    loaded = ag.onnx.load(model(nodes, arrays={n: np.ones(3, np.float32) for n in names}))
    assert len(dict(loaded.named_parameters())) == len(names)
    assert (loaded(np.zeros((1, 3), np.float32)).detach().numpy() == len(names)).all()


@pytest.mark.parametrize("how", ["path", "str", "bytes", "proto"])
def test_a_model_is_a_path_bytes_or_a_proto(how: str, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(LINEAR.SerializeToString())
    source = {"path": path, "str": str(path), "bytes": path.read_bytes(), "proto": LINEAR}[how]
    x = rng.normal(size=(4, 3)).astype(np.float32)
    for given in (x, ag.Tensor(x)):
        y = ag.onnx.load(source)(given)
        np.testing.assert_allclose(y.detach().numpy(), np.tanh(x @ W), rtol=1e-6)
    np.testing.assert_array_equal(
        ag.onnx.load(source)(x=x).detach().numpy(), ag.onnx.load(source)(x).detach().numpy()
    )


def test_a_loaded_model_learns_and_is_saved() -> None:
    loaded, x = ag.onnx.load(LINEAR), ag.Tensor(rng.normal(size=(8, 3)).astype(np.float32))
    step = optim.Adam(loaded.parameters(), lr=0.05)
    losses = []
    for _ in range(30):
        step.zero_grad()
        loss = ((loaded(x) - 0.5) ** 2).mean()
        loss.backward()
        step.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4
    other = ag.onnx.load(LINEAR)
    other.load_state_dict(loaded.state_dict())
    assert np.array_equal(other(x).detach().numpy(), loaded(x).detach().numpy())


def test_nodes_are_scopes_in_pictures_and_are_checked_one_by_one() -> None:
    loaded = ag.onnx.load(LINEAR)
    x = ag.Tensor(rng.normal(size=(2, 3)), requires_grad=True)
    assert "the_Tanh" in ag.viz.draw(loaded(x)).svg()
    assert ag.gradcheck(loaded.double(), x)
    for name in ("the_MatMul", "the_Add", "the_Tanh"):
        scopes = {str(n.scope) for n in ag.Graph(loaded(x)).nodes if n.scope}
        assert any(name in s for s in scopes)


def test_what_tells_how_is_no_parameter() -> None:
    stats = {k: np.ones(3, np.float32) for k in ("scale", "bias", "mean", "var")}
    loaded = ag.onnx.load(
        model(
            [
                node("BatchNormalization", "x scale bias mean var", "h"),
                node("Clip", "h low", "y"),
            ],
            arrays={**stats, "low": np.float32(0), "unused": np.ones(2, np.int64)},
        )
    )
    assert [n for n, _ in loaded.named_parameters()] == ["scale", "bias"]
    assert {n for n, _ in loaded.named_buffers()} == {"mean", "var", "low", "unused"}


@pytest.mark.parametrize(
    ("name", "shape", "learned"),
    [
        ("logit_scale", (), True),
        ("constant_3", (), False),
        ("/layer/Constant_1_output_0", (3,), False),
        ("const_fold_opt__12", (3,), False),
        ("1.running_var", (3,), False),
        ("onnx::MatMul_12", (3,), True),
        ("val_7", (3,), True),
        ("val_7", (), False),
        ("constants_of_motion.weight", (3,), True),
        ("inconstant", (3,), True),
    ],
)
def test_constants_are_told_by_their_names(name: str, shape: Any, learned: bool) -> None:
    built = model([helper.make_node("Add", ["x", name], ["y"])], arrays={name: np.ones(shape, "f")})
    assert len([*ag.onnx.load(built).parameters()]) == learned


def test_functions_of_the_model_run() -> None:
    double = helper.make_function(
        "own", "Scaled", ["a"], ["b"],
        [
            helper.make_node("Constant", [], ["k"], value_float=0.0),
            helper.make_node("Add", ["a", "k"], ["c"]),
            helper.make_node("Elu", ["c"], ["b"]),
        ],
        [helper.make_opsetid("", 21)], attributes=["alpha"],
    )  # fmt: skip
    reference = double.node[2].attribute.add()
    reference.name, reference.ref_attr_name, reference.type = "alpha", "alpha", 1
    built = model([node("Scaled", "x", domain="own", alpha=0.5)], functions=[double])
    x = np.array([[-1.0, 0.5, 2.0]], np.float32)
    y = ag.onnx.load(built)(x).numpy()
    np.testing.assert_allclose(y, np.where(x < 0, 0.5 * np.expm1(x), x), rtol=1e-6)


def _weights(**shapes: Any) -> dict[str, Any]:
    return {name: np.ones(shape, np.float32) for name, shape in shapes.items()}


EMPTY: dict[str, tuple[Any, dict[str, Any], int]] = {
    "RNN": (node("RNN", "q w r", hidden_size=2), _weights(w=(1, 2, 3), r=(1, 2, 2)), 21),
    "GRU": (node("GRU", "q w r", hidden_size=2), _weights(w=(1, 6, 3), r=(1, 6, 2)), 21),
    "LSTM": (node("LSTM", "q w r", hidden_size=2), _weights(w=(1, 8, 3), r=(1, 8, 2)), 21),
    "Softmax": (node("Softmax", "x"), {}, 11),
    "Hardmax": (node("Hardmax", "x", axis=0), {}, 13),
    "GroupNormalization": (
        node("GroupNormalization", "x s s", num_groups=3), _weights(s=(3,)), 21,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", EMPTY)
def test_a_batch_of_none_gives_as_many_and_zero_gradients(kind: str) -> None:
    one, arrays, opset = EMPTY[kind]
    nodes = [one] if "x" in one.input else [node("Unsqueeze", "x ax", "q"), one]
    arrays = arrays | ({} if "x" in one.input else {"ax": np.array([0])})
    loaded = ag.onnx.load(model(nodes, arrays=arrays, opset=opset))
    found = loaded(np.zeros((0, 3), np.float32))
    assert found.shape == ((0, 3) if "x" in one.input else (1, 1, 0, 2))
    if arrays:
        found.sum().backward()
        assert all(not p.grad.numpy().any() for p in loaded.parameters())


@pytest.mark.parametrize("batch", [0, 1, 2])
def test_a_grid_of_any_batch_is_there(batch: int) -> None:
    loaded = ag.onnx.load(
        model(
            [node("Unsqueeze", "x ax", "q"), node("Expand", "q t", "m"), node("AffineGrid", "m s")],
            arrays={"ax": np.array([0]), "t": np.array([batch, 2, 3]),
                    "s": np.array([batch, 1, 4, 5])},
        )
    )  # fmt: skip
    assert loaded(np.ones((2, 3), np.float32)).shape == (batch, 4, 5, 2)


@pytest.mark.parametrize(("given", "held", "asked"), [
    (2**23, 2**20 * 256 * 4, 2**20 * 256 * 8),  # 256 units at each of a million coordinates
    (2**18, 8 * 2048**2 * 4, 8 * 2048**2 * 8),  # attention of 8 heads over 2048 steps
])  # fmt: skip
def test_honest_models_stay_within_the_bounds(given: int, held: int, asked: int) -> None:
    bound = Budget(given)
    bound.alive -= held
    bound.ask(asked, "the next layer")


def test_a_loop_is_differentiated() -> None:
    body = helper.make_graph(
        [
            helper.make_node("Mul", ["v", "v"], ["w"]),
            helper.make_node("Identity", ["going"], ["on"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", T.INT64, []),
            helper.make_tensor_value_info("going", T.BOOL, []),
            helper.make_tensor_value_info("v", T.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on", T.BOOL, []),
            helper.make_tensor_value_info("w", T.FLOAT, None),
        ],
    )
    built = model([helper.make_node("Loop", ["n", "", "x"], ["y"], body=body)],
                  arrays={"n": np.int64(2)})  # fmt: skip
    loaded = ag.onnx.load(built)
    x = ag.Tensor(np.array([[1.0, 2.0, 3.0]]), requires_grad=True)
    loaded(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 4 * x.detach().numpy() ** 3)


# ---- bad input -----------------------------------------------------------------------------------


def _outside(location: str, **told: Any) -> Any:
    built = model([node("MatMul", "x w")], arrays={"w": W})
    tensor = built.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = T.EXTERNAL
    for key, value in {"location": location, **told}.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, str(value)
    return built


def _huge(dims: list[int]) -> Any:
    built = model([node("MatMul", "x w")], arrays={"w": W})
    del built.graph.initializer[0].dims[:]
    built.graph.initializer[0].dims.extend(dims)
    return built


def _recursive() -> Any:
    own = helper.make_function(
        "own", "F", ["a"], ["b"], [helper.make_node("F", ["a"], ["b"], domain="own")],
        [helper.make_opsetid("own", 1), helper.make_opsetid("", 21)],
    )  # fmt: skip
    return model([node("F", "x", domain="own")], functions=[own])


def _laughs() -> Any:
    """Functions of which each calls the next twelve times: 12⁸ nodes in a small file."""
    functions = [
        helper.make_function(
            "own", f"F{i}", ["a"], ["b"],
            [helper.make_node(f"F{i + 1}", ["a"], [f"b{k}" if k else "b"], domain="own")
             for k in range(12)],
            [helper.make_opsetid("own", 1)],
        )
        for i in range(8)
    ]  # fmt: skip
    last = helper.make_node("Identity", ["a"], ["b"])
    imports = [helper.make_opsetid("", 21)]
    functions.append(helper.make_function("own", "F8", ["a"], ["b"], [last], imports))
    return model([node("F0", "x", domain="own")], functions=functions)


def _deep(levels: int) -> Any:
    """A branch in a branch in a branch ..., as a proto that no file can hold."""
    y = helper.make_tensor_value_info("y", T.FLOAT, None)
    inner = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [], [y])
    for _ in range(levels):
        one = helper.make_node("If", ["x"], ["y"], then_branch=inner)
        inner = helper.make_graph([one], "g", [], [y])
    return model(list(inner.node))


def _changed(**fields: Any) -> Any:
    built = model([node("MatMul", "x w")], arrays={"w": W})
    for name, value in fields.items():
        setattr(built, name, value)
    return built


def _twice() -> Any:
    built = _changed()
    built.graph.initializer.add().CopyFrom(built.graph.initializer[0])
    return built


def _two_opsets() -> Any:
    built = _changed()
    built.opset_import.add(domain="ai.onnx", version=9)
    return built


DATA = LINEAR.SerializeToString()
BAD: dict[str, tuple[Any, str]] = {
    "an operator": (model([node("Warp", "x")]), "Warp (node 'the_Warp')"),
    "two operators": (model([node("Warp", "x", "h"), node("Bend", "h")]), "Bend"),
    "another domain": (model([node("Gelu", "x", domain="com.microsoft")]), "com.microsoft.Gelu"),
    "too new": (model([node("Tanh", "x")], opset=99), "opset 99"),
    "a newer format": (_changed(ir_version=99), "version 99 of the format"),
    "two opsets": (_two_opsets(), "two versions of 'ai.onnx': 21 and 9"),
    "a tensor twice": (_twice(), "'w' is made twice, by two tensors"),
    "too old": (model([node("Add", "x x")], opset=6), "Add before opset 7"),
    "truncated": (DATA[: len(DATA) // 2], "damaged"),
    "text": (b"# this is no model", "no ONNX model"),
    "nothing": (b"", "no ONNX model"),
    "a number": (3, "a path, bytes or an onnx.ModelProto; got int"),
    "no file": ("there/is/none.onnx", "no file 'there/is/none.onnx'"),
    "huge": (_huge([2**40, 2**20]), "too few numbers"),
    "not what it has": (_huge([3, 3]), "shape [3, 3]"),
    "negative": (_huge([-3, 2]), "negative"),
    "a cycle": (model([node("Add", "x b", "a"), node("Add", "a x", "b")]), "cycle"),
    "itself": (model([node("Add", "x y", "y")]), "by itself (a cycle)"),
    "of no one": (model([node("Add", "x q", "y")]), "'q', which is made by no one"),
    "made twice": (model([node("Tanh", "x"), node("Sin", "x")]), "made twice"),
    "no output": (model([node("Tanh", "x", "z")]), "outputs y are made by no node"),
    "calls itself": (_recursive(), "calls itself"),
    "a bomb": (_laughs(), "at most 262,144 are read"),
    "too deep": (_deep(29), "deep"),
    "outside": (_outside("w.bin"), "load it by its path"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_models_are_refused_in_a_sentence(kind: str) -> None:
    source, said = BAD[kind]
    with pytest.raises(AutogradError) as caught:
        ag.onnx.load(source)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("../secret.bin", {}),
        ("/etc/hostname", {}),
        ("", {}),
        ("link.bin", {}),
        (".", {}),
        ("w.bin\0x", {}),
        ("w" * 5000, {}),
        ("loop.bin", {}),
        ("up/secret.bin", {}),
        ("a pipe", {}),
        ("w.bin", {"offset": 10**9}),
        ("w.bin", {"offset": -8}),
        ("w.bin", {"length": 10**12}),
        ("w.bin", {"length": 4}),
        ("w.bin", {"offset": "ten"}),
    ],
)
def test_nothing_is_read_but_what_lies_in_the_folder(
    location: str, told: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(W.tobytes())
    (folder / "w.bin").write_bytes(W.tobytes())
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    (folder / "loop.bin").symlink_to("loop.bin")
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "a pipe")
    path = folder / "m.onnx"
    path.write_bytes(_outside(location, **told).SerializeToString())
    with pytest.raises(AutogradError, match=r"tensor 'w'|no name of a file"):
        ag.onnx.load(path)


def test_numbers_in_a_file_beside_the_model_are_read(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(b"1234" + W.tobytes())
    path = tmp_path / "m.onnx"
    path.write_bytes(_outside("w.bin", offset=4, length=W.nbytes).SerializeToString())
    x = np.eye(3, dtype=np.float32)
    assert np.array_equal(ag.onnx.load(path)(x).detach().numpy(), W)


def test_a_loop_that_never_ends_is_ended(monkeypatch: Any) -> None:
    monkeypatch.setattr("nn.onnx.operators.control._MOST_TURNS", 50)
    known = [helper.make_tensor_value_info(n, T.BOOL, []) for n in ("go", "on")]
    number = helper.make_tensor_value_info("i", T.INT64, [])
    v, w = (helper.make_tensor_value_info(n, T.FLOAT, None) for n in "vw")
    inner = [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Neg", ["v"], ["w"])]
    body = helper.make_graph(inner, "b", [number, known[0], v], [known[1], w])
    loop = helper.make_node("Loop", ["", "true", "x"], ["y"], name="the_Loop", body=body)
    loaded = ag.onnx.load(model([loop], arrays={"true": np.array(True)}))
    with pytest.raises(AutogradError, match=r"'the_Loop' .*more than 50 turns"):
        loaded(np.ones((2, 3), np.float32))


@pytest.mark.parametrize(
    ("args", "kwargs", "said"),
    [
        ((), {}, "needs the inputs x"),
        ((np.ones((1, 3), np.float32),) * 2, {}, "takes 1 inputs (x); got 2"),
        ((np.ones((1, 4), np.float32),), {}, "the input 'x' has the shape (N, 3); got (1, 4)"),
        ((np.ones(3, np.float32),), {}, "has the shape (N, 3); got (3,)"),
        ((np.ones((1, 3), np.int64),), {}, "the input 'x' is of float32; got int64"),
        ((), {"z": 1}, "'z', which is none of x"),
        ((np.ones((1, 3), np.float32),), {"x": 1}, "twice"),
    ],
)
def test_inputs_that_do_not_fit_are_named(args: Any, kwargs: Any, said: str) -> None:
    with pytest.raises(AutogradError) as caught:
        ag.onnx.load(LINEAR)(*args, **kwargs)
    assert said in str(caught.value)


RECURRENT = {"RNN": 1, "GRU": 3, "LSTM": 4}


@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"hidden_size": 5}, "hidden_size is 5"),
        ({"hidden_size": 0}, "hidden_size is 0"),
        ({"direction": "bidirectional"}, "direction is 'bidirectional'"),
        ({"direction": "sideways"}, "direction is 'sideways'"),
        ({"w": 1}, "for 3 inputs and a hidden_size of 2"),
        ({"r": 1}, "for 3 inputs and a hidden_size of 2"),
    ],
)
def test_sizes_of_a_recurrent_layer_that_differ_are_told(
    kind: str, changed: dict[str, Any], said: str
) -> None:
    rows = RECURRENT[kind] * 2
    own = {"hidden_size": 2} | changed
    arrays = {
        "w": np.ones((1, rows, 3 + own.pop("w", 0)), np.float32),
        "r": np.ones((1, rows + own.pop("r", 0), 2), np.float32),
    }
    x = [helper.make_tensor_value_info("x", T.FLOAT, [4, 1, 3])]
    loaded = ag.onnx.load(model([node(kind, "x w r", "y", **own)], inputs=x, arrays=arrays))
    with pytest.raises(AutogradError) as caught:
        loaded(np.ones((4, 1, 3), np.float32))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "nodes",
    [
        [node("Reshape", "x k")],
        [node("MatMul", "x w")],
        [node("Concat", "x w", axis=0)],
        [node("Transpose", "x", perm=[0, 5])],
        [node("Gather", "x k")],
        [node("Expand", "x k")],
        [node("Softmax", "x", axis=7)],
        [node("Conv", "x w")],
        [node("ConstantOfShape", "big")],
        [node("Tile", "x big")],
        [node("Add", "x")],
        [node("Tanh", "x x x")],
        [node("Cast", "x", to=777)],
        [node("Split", "x k", "y z", axis=1)],
    ],
)
def test_nodes_that_cannot_run_are_named(nodes: list[Any]) -> None:
    arrays = {
        "w": np.ones((7, 7), np.float32),
        "k": np.array([5, 77]),
        "big": np.array([2**40, 2**20]),
    }
    loaded = ag.onnx.load(model(nodes, arrays=arrays))
    with pytest.raises(AutogradError) as caught:
        loaded(np.ones((2, 3), np.float32))
    assert f"the_{nodes[0].op_type}" in str(caught.value)


@pytest.mark.parametrize("part", ["the_MatMul", "MatMul", "fc.weight", "answer"])
def test_a_name_that_is_no_text_is_damage(part: str) -> None:
    answer = [helper.make_tensor_value_info("answer", T.FLOAT, None)]
    nodes = [node("MatMul", "x fc.weight", "answer")]
    data = model(nodes, outputs=answer, arrays={"fc.weight": W}).SerializeToString()
    assert ag.onnx.load(data)(X).shape == (1, 2)
    with pytest.raises(AutogradError, match="is no text"):
        ag.onnx.load(data.replace(part.encode(), b"\xff" * len(part)))


def test_damaged_files_end_in_a_sentence_or_run() -> None:
    rng, refused = np.random.default_rng(0), 0
    for _ in range(60):
        data = bytearray(DATA)
        for at in rng.integers(len(data), size=rng.integers(1, 4)):
            data[at] = rng.integers(256)
        try:
            ag.onnx.load(bytes(data))(X)
        except AutogradError:
            refused += 1
    assert 10 < refused < 60


def test_every_prefix_of_a_file_is_refused_or_runs() -> None:
    for end in range(0, len(DATA), 7):
        with contextlib.suppress(AutogradError):
            ag.onnx.load(DATA[:end])(np.ones((1, 3), np.float32))


# ---- commands ------------------------------------------------------------------------------------


def test_a_model_is_checked_drawn_and_run(tmp_path: Path, capsys: Any) -> None:
    from nn.onnx.command import main

    path, x = tmp_path / "m.onnx", tmp_path / "x.npy"
    path.write_bytes(DATA)
    np.save(x, np.ones((1, 3), np.float32))
    assert main(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert "operator    Tanh x 1" in said
    assert "parameter   fc.weight (3, 2)" in said
    assert main(["run", str(path), "--input", str(x), "--output", str(tmp_path / "y.npz")]) == 0
    with np.load(tmp_path / "y.npz") as found:
        np.testing.assert_allclose(found["y"], np.tanh(W.sum(0, keepdims=True)), rtol=1e-6)
    assert main(["run", str(path), "--input", f"x={x}"]) == 0
    assert main(["run", str(path)]) == 2
    assert "needs the inputs x as well: --input x=FILE.npy" in capsys.readouterr().err
    assert main(["draw", str(path), "-o", str(tmp_path / "own.svg")]) == 0
    assert (tmp_path / "own.svg").exists()
    assert main(["draw", str(path)]) == 0
    assert "the_Tanh" in (tmp_path / "m.svg").read_text()
    path.write_bytes(model([node("Warp", "x")]).SerializeToString())
    assert main(["check", str(path)]) == 1
    assert "Warp (node 'the_Warp')" in capsys.readouterr().out
    assert main(["run", str(path), "--input", str(x)]) == 2
    assert main(["check", str(tmp_path / "none.onnx")]) == 2
    path.write_bytes(DATA)
    assert main(["run", str(path), "--input", str(path)]) == 2
    assert "no .npy file" in capsys.readouterr().err


def _functions() -> Any:
    """A model with a function of its own, a branch, and a tensor in an attribute."""
    own = helper.make_function(
        "own", "F", ["a"], ["b"], [helper.make_node("Sin", ["a"], ["b"])],
        [helper.make_opsetid("", 21)],
    )  # fmt: skip
    y = helper.make_tensor_value_info("y", T.FLOAT, None)
    branches = {
        name: helper.make_graph([helper.make_node(op, ["h"], ["y"])], "g", [], [y])
        for name, op in (("then_branch", "Exp"), ("else_branch", "Neg"))
    }
    value = numpy_helper.from_array(np.array(0.5, np.float32))
    nodes = [
        node("F", "x", "s", domain="own"), node("MatMul", "s w", "h"),
        helper.make_node("Constant", [], ["half"], value=value),
        helper.make_node("ReduceMax", ["h"], ["m"], keepdims=0), node("Less", "m half", "c"),
        helper.make_node("If", ["c"], ["y"], **branches),
    ]  # fmt: skip
    return model(nodes, arrays={"w": W}, functions=[own])


@pytest.mark.parametrize("source", [LINEAR, _functions()], ids=["plain", "functions"])
@pytest.mark.parametrize("way", ["pickle", "copy", "state"])
def test_a_copy_or_a_pickle_gives_the_same_and_learns_alone(source: Any, way: str) -> None:
    first = ag.onnx.load(source)
    first.extra = first.inputs
    if way == "state":
        again = ag.onnx.load(source)
        again.load_state_dict(first.state_dict())
    else:
        again = copy.deepcopy(first) if way == "copy" else pickle.loads(pickle.dumps(first))
        assert again.extra == ["x"]
    x = rng.normal(size=(4, 3)).astype(np.float32)
    assert np.array_equal(again(x).detach().numpy(), first(x).detach().numpy())
    again(x).sum().backward()
    optim.SGD(again.parameters(), 0.1).step()
    assert all(p.grad is None for p in first.parameters())
    assert not np.array_equal(again(x).detach().numpy(), first(x).detach().numpy())
