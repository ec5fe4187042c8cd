"""What is written for TensorBoard is what the training was, as its own reader reads it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import nn.keras
import nn.torch.utils.tensorboard
import optim
from autograd.errors import AutogradError, MissingPackageError
from nn.tensorboard import SummaryWriter
from nn.tensorboard.histogram import histogram_of

reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
pb = pytest.importorskip("tensorboard.compat.proto.config_pb2")


def read(folder: Path) -> Any:
    found = reader.EventAccumulator(str(folder), size_guidance={"histograms": 0, "scalars": 0})
    found.Reload()
    return found


def scalars(folder: Path) -> dict[str, list[float]]:
    found = read(folder)
    return {tag: [e.value for e in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def data(n: int = 24, classes: int = 3) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 6)).astype("f4"), rng.integers(0, classes, n)


def model(jit: bool = False) -> nn.Sequential:
    nn.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
    net.compile("sgd", nn.CrossEntropyLoss(), metrics=["accuracy"], jit_compile=jit)
    return net


def trained(folder: Path, epochs: int = 3, jit: bool = False, **options: Any) -> tuple[Any, Any]:
    net = model(jit)
    board = nn.callbacks.TensorBoard(folder, **options)
    x, y = data()
    history = net.fit(x, y, batch_size=8, epochs=epochs, validation_data=data(9), verbose=0,
                      rng=0, callbacks=[board])  # fmt: skip
    return net, history.history


@pytest.mark.parametrize("jit", [False, True])
def test_losses_metrics_and_rates_are_those_of_the_history(tmp_path: Path, jit: bool) -> None:
    net, history = trained(tmp_path, jit=jit)
    train, validation = scalars(tmp_path / "train"), scalars(tmp_path / "validation")
    for name, values in history.items():
        run, own = (validation, name[4:]) if name.startswith("val_") else (train, name)
        np.testing.assert_allclose(run[f"epoch_{own}"], values, rtol=1e-6)
    assert train["epoch_learning_rate"] == [pytest.approx(0.01)] * 3
    norm = np.sqrt(sum(np.sum(p.grad.numpy() ** 2) for p in net.parameters()))
    assert train["epoch_gradient_norm"][-1] == pytest.approx(norm, rel=1e-5)


def test_a_training_is_the_same_to_the_bit_with_and_without(tmp_path: Path) -> None:
    watched, _ = trained(tmp_path, histogram_freq=1, confusion_freq=1, update_freq=1,
                         write_images=True, profile_batch=2)  # fmt: skip
    alone = model()
    x, y = data()
    alone.fit(x, y, batch_size=8, epochs=3, validation_data=data(9), verbose=0, rng=0)
    for one, other in zip(watched.parameters(), alone.parameters(), strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize(("update_freq", "count"), [("epoch", 0), ("batch", 9), (2, 4)])
def test_batches_are_written_as_often_as_asked(
    tmp_path: Path, update_freq: Any, count: int
) -> None:
    trained(tmp_path, update_freq=update_freq)
    assert len(scalars(tmp_path / "train").get("batch_loss", [])) == count


def test_histograms_hold_the_weights_and_the_gradients(tmp_path: Path) -> None:
    net, _ = trained(tmp_path, histogram_freq=2)
    found = read(tmp_path / "train")
    tags = set(found.Tags()["histograms"])
    names = [name.replace(".", "/") for name, _ in net.named_parameters()]
    assert tags == {f"{name}/{of}" for name in names for of in ("weight", "gradient")}
    last = found.Histograms("2/weight/weight")[-1]
    assert last.step == 2
    weights = net[2].weight.numpy()
    assert last.histogram_value.num == weights.size
    assert last.histogram_value.min == pytest.approx(weights.min(), rel=1e-6)
    assert last.histogram_value.sum == pytest.approx(weights.sum(dtype=np.float64), rel=1e-5)


def test_dead_units_are_told_by_their_layer(tmp_path: Path) -> None:
    net = model()
    with ag.no_grad():
        net[0].bias[:6], net[0].bias[6:] = -1e4, 1e4
    board = nn.callbacks.TensorBoard(tmp_path, histogram_freq=1)
    net.fit(*data(), epochs=1, verbose=0, callbacks=[board])
    assert scalars(tmp_path / "train")["dead_units/1"] == [pytest.approx(0.75)]


def test_the_graph_has_modules_as_scopes_with_shapes_times_and_bytes(tmp_path: Path) -> None:
    trained(tmp_path, epochs=1)
    found = read(tmp_path / "train")
    nodes = {node.name: node for node in found.Graph().node}
    assert {"0/weight", "0/linear", "1/relu", "2/linear"} <= nodes.keys()
    assert [*nodes["1/relu"].input] == ["0/linear"]
    shape = nodes["0/linear"].attr["_output_shapes"].list.shape[0]
    assert [d.size for d in shape.dim] == [8, 8]
    (tag,) = found.Tags()["run_metadata"]
    costs = {s.node_name: s for s in found.RunMetadata(tag).step_stats.dev_stats[0].node_stats}
    assert costs.keys() == nodes.keys()
    assert costs["0/linear"].memory[0].total_bytes == 8 * 8 * 4
    assert costs["0/linear"].all_end_rel_micros >= 1


SUBJECTS: dict[str, Any] = {
    "several outputs": lambda: (nn.LSTM(3, 4), np.zeros((5, 2, 3), "f4")),
    "nested modules": lambda: (nn.TransformerEncoderLayer(8, 2, 16), np.zeros((3, 1, 8), "f4")),
    "a function": lambda: (lambda x: ag.sort(x).sum() + ag.cond(True, lambda: x, lambda: -x).sum(),
                           ag.Tensor([1.0, 2.0])),
    "a Tensor": lambda: (ag.Tensor([2.0], requires_grad=True, name="wörld <b>").exp(),),
    "0-d": lambda: (lambda x: x * 2, ag.Tensor(1.0)),
    "complex": lambda: (lambda x: ag.abs(x), np.array([1 + 2j])),
    "one module twice": lambda: (nn.Sequential(*[nn.Linear(2, 2)] * 2), np.zeros((1, 2), "f4")),
}  # fmt: skip


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_edge_of_a_written_graph_begins_at_a_node_of_it(name: str, tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_graph(*SUBJECTS[name]())
    graph = read(tmp_path).Graph()
    names = [node.name for node in graph.node]
    assert len(names) == len(set(names)) > 0
    assert all(c.isalnum() or c in "_.-/" for name in names for c in name)
    for node in graph.node:
        for edge in node.input:
            assert edge.partition(":")[0] in names, f"{node.name} <- {edge}"


def test_a_writer_takes_tensors_wherever_it_takes_arrays(tmp_path: Path) -> None:
    x = ag.Tensor([[0.0, 1.0], [2.0, 3.0]], requires_grad=True)
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("a", (x * 2).sum(), 3)
        writer.add_scalars("both", {"one": x.sum(), "two": 2.0}, 3)
        writer.add_histogram("b", x, 3)
        writer.add_image("c", x, 3, dataformats="HW")
        writer.add_pr_curve("d", ag.Tensor([0, 1, 1]), ag.Tensor([0.1, 0.6, 0.4]), 3)
        writer.add_embedding(x, ["one", "two"], global_step=3)
        writer.add_text("e", "*words*", 3)
        writer.flush()
    found = read(tmp_path)
    assert [(e.step, e.value) for e in found.Scalars("a")] == [(3, 12.0)]
    assert found.Histograms("b")[0].histogram_value.sum == 6.0
    assert found.Images("c")[0].width == 2
    assert {"d", "e/text_summary"} <= {*found.Tags()["tensors"]}
    assert (tmp_path / "00003/default/tensors.tsv").read_text().splitlines() == [
        "0.0\t1.0",
        "2.0\t3.0",
    ]
    assert x.grad is None


def test_embeddings_pictures_confusion_and_options_are_written(tmp_path: Path) -> None:
    nn.manual_seed(0)
    net = nn.Sequential(nn.Embedding(4, 2), nn.Flatten(), nn.Linear(6, 2))
    net.compile("sgd", nn.CrossEntropyLoss())
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 4, (8, 3)), rng.integers(0, 2, 8)
    board = nn.callbacks.TensorBoard(
        tmp_path, histogram_freq=1, write_images=True, embeddings_freq=1, confusion_freq=1,
        embeddings_metadata={"0": ["a", "b", "c", "d"]}, class_names=["no", "yes"],
        hparams={"width": 6, "name": "small"}, profile_batch=1, write_steps_per_second=True,
    )  # fmt: skip
    net.fit(x, y, epochs=1, verbose=0, validation_data=(x, y), callbacks=[board])
    train, validation = read(tmp_path / "train"), read(tmp_path / "validation")
    assert "0/weight" in train.Tags()["images"]
    assert (tmp_path / "train/00000/0/metadata.tsv").read_text().split() == [*"abcd"]
    assert "confusion" in validation.Tags()["images"]
    assert {"precision_recall/no", "precision_recall/yes"} <= {*validation.Tags()["tensors"]}
    assert "profile/text_summary" in train.Tags()["tensors"]
    assert json.loads((tmp_path / "train/profile.json").read_text())
    assert scalars(tmp_path / "train")["epoch_steps_per_second"][0] > 0
    hparams = read(tmp_path / "train/hparams")
    assert "_hparams_/session_start_info" in hparams.summary_metadata


def test_a_model_that_no_graph_holds_trains_all_the_same(tmp_path: Path) -> None:
    class Looks(nn.Model):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(6, 3)

        def forward(self, x: Any) -> Any:
            h = self.linear(x)
            return h if h.sum().item() > 0 else -h

    net = Looks()
    net.compile("sgd", nn.CrossEntropyLoss())
    board = nn.callbacks.TensorBoard(tmp_path, histogram_freq=1)
    net.fit(*data(), epochs=1, verbose=0, callbacks=[board])
    assert "epoch_loss" in scalars(tmp_path / "train")


def test_not_a_number_is_written_as_it_is(tmp_path: Path) -> None:
    net = model()
    with ag.no_grad():
        net[0].weight[0, 0] = np.nan
    board = nn.callbacks.TensorBoard(tmp_path, histogram_freq=1)
    with pytest.raises(AutogradError, match="nan"):
        net.fit(*data(), epochs=1, verbose=0, callbacks=[board])
    with SummaryWriter(tmp_path / "b") as writer:
        writer.add_scalar("loss", float("nan"), 0)
    assert np.isnan(scalars(tmp_path / "b")["loss"][0])


@pytest.mark.parametrize(
    ("values", "count"),
    [([3e38, -3e38, 1.0], 3), ([np.nan, np.inf, 1.0], 1), ([1e308] * 3, 3), ([3j, 4.0], 2),
     ([True, False], 2), (2.0, 1), ([np.nan], 0)],
)  # fmt: skip
def test_a_histogram_counts_all_that_is_finite(values: Any, count: int, tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_histogram("h", values, 0)
    found = read(tmp_path)
    held = [e.histogram_value.num for e in found.Histograms("h")] if count else [0]
    assert held == [count]
    assert bool(found.Tags()["histograms"]) == bool(count)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "uint8"])
def test_the_bins_of_a_histogram_count_what_lies_in_them(dtype: str) -> None:
    rng = np.random.default_rng(0)
    values = (rng.normal(size=500) * 10.0 ** rng.integers(-2, 3, 500)).clip(
        0 if dtype == "uint8" else -200, 200
    )
    values = np.append(values, [0, 0, 1, 2]).astype(dtype)
    found = histogram_of(values)
    assert found is not None
    limits, held = np.asarray(found.bucket_limits), np.sort(values.astype(np.float32))
    assert (np.diff(limits) > 0).all()
    between = np.searchsorted(held, limits), np.searchsorted(held, limits, "right")
    total = np.cumsum(found.bucket_counts)
    assert ((total == between[0]) | (total == between[1])).all()  # zero and limits are in one
    assert (found.min, found.max, found.num) == (values.min(), values.max(), values.size)
    wide = values.astype(float)
    assert found.sum == pytest.approx(wide.sum())
    assert found.sum_squares == pytest.approx((wide**2).sum())


def test_bins_of_one_s_own_are_kept(tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_histogram("h", np.arange(10.0), 0, bins=[0, 5, 10])
        writer.add_histogram("i", np.arange(10.0), 0, "fd")
    found = read(tmp_path).Histograms("h")[0].histogram_value
    assert [n for n in found.bucket if n] == [5, 5]


def test_a_training_that_explodes_is_written(tmp_path: Path) -> None:
    net = nn.Sequential(nn.Linear(1, 1, bias=False))
    net.compile(optim.SGD(net.parameters(), lr=0.0), lambda out, y: (out * 1e25).sum())
    board = nn.callbacks.TensorBoard(tmp_path, histogram_freq=1)
    net.fit(np.ones((2, 1), "f4"), np.ones((2, 1), "f4"), epochs=1, verbose=0, callbacks=[board])
    np.testing.assert_allclose(scalars(tmp_path / "train")["epoch_gradient_norm"], 2e25, rtol=1e-6)


def test_pytorch_s_names_and_the_metric_itself_are_taken(tmp_path: Path) -> None:
    x = np.zeros((1, 3), "f4")
    counts = nn.metrics.ConfusionMatrix()
    counts.update_state(np.array([0, 1]), np.eye(2))
    with SummaryWriter(tmp_path) as writer:
        writer.add_graph(model=nn.Linear(3, 2), input_to_model=x, use_strict_trace=False)
        writer.add_confusion_matrix("confusion", counts)
        assert writer.logdir == writer.log_dir == str(tmp_path)
    found = read(tmp_path)
    assert found.Graph().node
    assert found.Tags()["images"] == ["confusion"]


WRITER = """
import sys
import nn
with nn.tensorboard.SummaryWriter(sys.argv[1]) as writer:
    for step in range(10**6):
        writer.add_scalar("loss", step, step)
        if step == 20:
            print("started", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_kill_at_any_moment_leaves_what_was_written_readable(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for i in range(3):
        folder = tmp_path / str(i)
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(rng.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        values = scalars(folder)["loss"]
        assert len(values) > 20
        assert values == [*range(len(values))]


def test_what_is_written_is_in_the_file_at_once_and_is_never_written_over(tmp_path: Path) -> None:
    writer = SummaryWriter(tmp_path)
    for step in range(5):
        writer.add_scalar("loss", step, step)
        assert scalars(tmp_path)["loss"] == [*range(step + 1)]
    writer.flush()
    writer.close()
    writer.add_scalar("loss", 5, 5)  # another file of the same second
    with SummaryWriter(tmp_path) as other:
        other.add_scalar("loss", 6, 6)
    writer.close()
    assert scalars(tmp_path)["loss"] == [*range(7)]


def test_the_faces_have_the_same_writer_and_callback(tmp_path: Path) -> None:
    assert nn.torch.utils.tensorboard.SummaryWriter is SummaryWriter
    keras = nn.keras
    net = keras.Sequential([keras.layers.Dense(3, activation="relu"), keras.layers.Dense(1)])
    net.compile("sgd", "mse")
    board = keras.callbacks.TensorBoard(str(tmp_path), 1)
    net.fit(np.ones((8, 2), "f4"), np.ones((8, 1), "f4"), epochs=2, verbose=0, callbacks=[board],
            validation_split=0.25)  # fmt: skip
    assert len(scalars(tmp_path / "train")["epoch_loss"]) == 2
    assert len(scalars(tmp_path / "validation")["epoch_loss"]) == 2


def test_without_the_library_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(MissingPackageError, match="pip install tensorboardX"):
        SummaryWriter("logs")


@pytest.mark.parametrize(
    ("options", "message"),
    [({"histogram_freq": -1}, "counts epochs"), ({"update_freq": "step"}, "update_freq"),
     ({"confusion_freq": 0.5}, "confusion_freq must be a whole number"),
     ({"profile_batch": (5, 2)}, "the first and the last")],
)  # fmt: skip
def test_options_that_mean_nothing_are_refused(options: Any, message: str) -> None:
    with pytest.raises(AutogradError, match=message):
        nn.callbacks.TensorBoard("logs", **options)


@pytest.mark.parametrize(
    ("write", "message"),
    [(lambda w: w.add_scalar("loss", ag.ones((2, 2)), 1), r"add_scalar: 'loss' is \(2, 2\), and"),
     (lambda w: w.add_scalar("loss", "0.5", 1), "'loss' is a real number, not '0.5'"),
     (lambda w: w.add_scalars("losses", {"test": np.ones(3)}, 1), r"add_scalars: 'test' is \(3,\)"),
     (lambda w: w.add_image("picture", ag.ones(2), 1), "add_image: size of input tensor and")],
)  # fmt: skip
def test_what_is_no_number_or_picture_is_told(write: Any, message: str, tmp_path: Path) -> None:
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("one", ag.ones((1, 1)), 1)
        with pytest.raises(AutogradError, match=message):
            write(writer)


# ---- lines and trackers --------------------------------------------------------------------------


def test_lines_of_json_are_the_history(tmp_path: Path) -> None:
    net, path = model(), tmp_path / "log.jsonl"
    history = net.fit(*data(), epochs=2, verbose=0, callbacks=[nn.callbacks.JSONLogger(path)])
    path.write_text(path.read_text() + '{"epoch": 2, "lo')  # broken off
    more = net.fit(*data(), epochs=1, verbose=0,
                   callbacks=[nn.callbacks.JSONLogger(path, append=True)])  # fmt: skip
    lines = path.read_text().splitlines()
    found = [json.loads(line) for line in (*lines[:2], lines[3])]
    assert [line["loss"] for line in found] == history.history["loss"] + more.history["loss"]


def test_a_tracker_is_handed_numbers_with_their_step() -> None:
    seen: list[Any] = []
    net = model()
    tell = nn.callbacks.LogTo(lambda logs, step: seen.append((step, logs)), "train/")
    history = net.fit(*data(), epochs=2, verbose=0, callbacks=[tell])
    assert [step for step, _ in seen] == [0, 1]
    assert [logs["train/loss"] for _, logs in seen] == history.history["loss"]
    assert seen[0][1]["train/lr"] == pytest.approx(0.01)
    with pytest.raises(AutogradError, match="LogTo: log must be a function"):
        nn.callbacks.LogTo("mlflow")  # type: ignore[arg-type]
