"""Callbacks and progress: what happens between the steps of fit."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd.errors import ArgumentError
from nn import callbacks as cb
from nn.metrics.names import METRICS

X = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")
Y = X @ np.array([1.0, -2.0, 0.5], "float32")


def model(lr: float = 0.05) -> nn.Sequential:
    nn.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 1))
    net.compile(optim.SGD(net.parameters(), lr=lr), "mse", ["mae"])
    return net


def fit(*callbacks: Any, net: Any = None, epochs: int = 6, **options: Any) -> Any:
    net = net or model()
    return net, net.fit(X, Y, epochs=epochs, callbacks=callbacks, verbose=0, **options)


class Script(cb.Callback):
    """Puts numbers of our own into the logs."""

    def __init__(self, *values: float) -> None:
        self.values = values

    def on_epoch_end(self, epoch: int, logs: Any) -> None:
        logs["script"] = self.values[epoch]


def test_hooks_come_in_the_order_of_keras() -> None:
    seen: list[str] = []

    def note(name: str) -> Any:
        return lambda *_: seen.append(name.removeprefix("on_"))

    hooks = {name: note(name) for name in vars(cb.Callback) if name.startswith("on_")}
    fit(cb.LambdaCallback(**hooks), epochs=2, batch_size=16, validation_split=0.5)
    epoch = [
        "epoch_begin", "train_batch_begin", "train_batch_end", "test_begin",
        "test_batch_begin", "test_batch_end", "test_end", "epoch_end",
    ]  # fmt: skip
    assert seen == ["train_begin", *epoch, *epoch, "train_end"]


def test_batch_logs_are_means_so_far() -> None:
    found: list[float] = []
    hook = cb.LambdaCallback(on_train_batch_end=lambda batch, logs: found.append(logs["loss"]))
    _, history = fit(hook, epochs=1, batch_size=8)
    assert len(found) == 4
    assert found[-1] == history.history["loss"][0]


def test_early_stopping_stops_and_brings_back_the_best_weights() -> None:
    weights: list[bytes] = []
    net = model()

    def weight() -> bytes:
        return bytes(net.state_dict()["0.weight"].numpy().tobytes())

    keep = cb.LambdaCallback(on_epoch_end=lambda *_: weights.append(weight()))
    stop = cb.EarlyStopping("script", patience=2, mode="min", restore_best_weights=True)
    _, history = fit(Script(3, 1, 2, 2, 0, 0), keep, stop, net=net)
    assert history.epoch == [0, 1, 2, 3]
    assert (stop.stopped_epoch, stop.best_epoch, stop.best) == (3, 1, 1)
    assert weight() == weights[1] != weights[3]


@pytest.mark.parametrize(("options", "values", "epochs"), [
    ({"patience": 1}, (3, 2, 2, 1), 3),
    ({"patience": 1, "mode": "max"}, (1, 2, 2, 3), 3),
    ({"patience": 1, "min_delta": 0.5}, (3, 2.8, 1, 0), 2),
    ({"patience": 1, "start_from_epoch": 2}, (1, 2, 3, 4), 4),
    ({"patience": 0}, (1, 2, 3, 4), 2),
])  # fmt: skip
def test_early_stopping_counts_as_keras_does(options: Any, values: Any, epochs: int) -> None:
    _, history = fit(
        Script(*values), cb.EarlyStopping("script", **{"mode": "min"} | options), epochs=4
    )
    assert len(history.epoch) == epochs


WATCHERS: list[Any] = [
    cb.EarlyStopping, cb.ReduceLROnPlateau, lambda *a, **k: cb.ModelCheckpoint("path", *a, **k)
]  # fmt: skip
LOW = {
    "loss", "mae", "mse", "rmse", "mean_absolute_error", "mean_squared_error",
    "root_mean_squared_error",
}  # fmt: skip


@pytest.mark.parametrize("watch", WATCHERS, ids=["stop", "reduce", "save"])
def test_auto_knows_which_way_is_better_by_whole_names(watch: Any) -> None:
    for name in {*METRICS, "loss"} - {"confusion_matrix"}:
        for monitor in (name, f"val_{name}"):
            assert watch(monitor)._sign == (1 if name in LOW else -1)
    for name in (
        "val_acceleration_error", "acceleration", "val_vacancy", "recall_time", "accuracy_loss",
        "f1_error", "val_r2d2", "aucune", "precision_at_k_miss", "val_val_loss", "script", "",
        "confusion_matrix", "learning_rate", "val_",
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"a low {name!r} is better; give mode='min' or"):
            watch(name)
        assert watch(name, mode="max")._sign == -1
        assert watch(name, mode="min")._sign == 1


def test_callbacks_begin_every_fit_anew(tmp_path: Path) -> None:
    """A second training with the same callbacks is the one with new ones."""

    def make(name: str) -> list[Any]:
        return [
            cb.EarlyStopping("script", patience=2, mode="min", restore_best_weights=True),
            cb.ReduceLROnPlateau("script", patience=1, mode="min", cooldown=1),
            cb.ModelCheckpoint(
                tmp_path / f"{name}-{{epoch}}.safetensors", "script", True, mode="min"
            ),
            cb.CSVLogger(tmp_path / f"{name}.csv"),
            cb.BackupAndRestore(tmp_path / f"{name}.backup"),
            cb.LearningRateScheduler(lambda epoch, lr: lr),
            cb.History(),
            cb.TerminateOnNaN(),
        ]

    def known(callbacks: list[Any]) -> list[Any]:
        skipped = ("model", "params", "others", "step", "filepath", "path", "schedule", "_weights")
        return [{n: v for n, v in vars(c).items() if n not in skipped} for c in callbacks]

    used, new = make("used"), make("new")
    fit(Script(1, 0.5, 2, 2, 2, 2), *used)
    assert used[0].stopped_epoch == 3
    for path in tmp_path.glob("used-*"):
        path.unlink()
    for callbacks in (used, new):
        fit(Script(9, 8, 7, 7, 6, 6), *callbacks, epochs=5)
    assert known(used) == known(new)
    assert used[0].stopped_epoch == 0
    assert used[0].best_epoch == 4
    assert (tmp_path / "used.csv").read_text() == (tmp_path / "new.csv").read_text()
    saved = [sorted(p.name[-13:] for p in tmp_path.glob(f"{n}-*")) for n in ("used", "new")]
    assert saved[0] == saved[1]
    assert len(saved[0]) == 4


def test_a_number_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match="watches 'val_loss', and the logs have loss, mae"):
        fit(cb.EarlyStopping())


def test_checkpoints_are_of_every_epoch_or_of_the_best(tmp_path: Path) -> None:
    every = cb.ModelCheckpoint(tmp_path / "{epoch:02d}-{loss:.3f}.safetensors")
    best = cb.ModelCheckpoint(
        tmp_path / "best.safetensors",
        "script",
        save_best_only=True,
        mode="min",
        save_weights_only=True,
    )
    net, history = fit(Script(3, 1, 2), best, every, epochs=3)
    names = sorted(path.name for path in tmp_path.iterdir())
    losses = history.history["loss"]
    assert names == [f"{i + 1:02d}-{loss:.3f}.safetensors" for i, loss in enumerate(losses)] + [
        "best.safetensors"
    ]
    second = model()
    extra = nn.load_checkpoint(tmp_path / names[1], second, second.optimizer)
    assert extra == {"epoch": 2}
    kept = nn.load(tmp_path / "best.safetensors")
    assert kept["0.weight"].tolist() == second.state_dict()["0.weight"].tolist()
    nn.load_checkpoint(tmp_path / names[2], second, second.optimizer)
    assert second.state_dict()["0.weight"].tolist() == net.state_dict()["0.weight"].tolist()


def test_the_log_of_epochs_is_a_csv_file(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    _, history = fit(cb.CSVLogger(path), epochs=3)
    fit(cb.CSVLogger(path, append=True), epochs=1)
    rows = list(csv.reader(path.read_text().splitlines()))
    assert rows[0] == ["epoch", "loss", "mae"]
    assert [row[0] for row in rows[1:]] == ["0", "1", "2", "0"]
    assert [float(row[1]) for row in rows[1:4]] == history.history["loss"]
    fit(cb.CSVLogger(path, separator=";"), epochs=1)
    assert path.read_text().splitlines()[0] == "epoch;loss;mae"


def test_a_schedule_sets_the_rate_of_every_epoch() -> None:
    net, history = fit(
        cb.LearningRateScheduler(lambda epoch, lr: lr / 2 if epoch else lr), epochs=3
    )
    assert history.history["loss"][2] < history.history["loss"][0]
    assert net.optimizer.param_groups[0]["lr"] == 0.05 / 4
    with pytest.raises(ValueError, match="the schedule gave the learning rate -1"):
        fit(cb.LearningRateScheduler(lambda epoch, lr: -1))


def test_the_rate_falls_on_a_plateau() -> None:
    rates: list[float] = []
    note = cb.LambdaCallback(
        on_epoch_begin=lambda *_: rates.append(net.optimizer.param_groups[0]["lr"])
    )
    net = model(lr=0.1)
    plateau = cb.ReduceLROnPlateau(
        "script", mode="min", factor=0.5, patience=2, cooldown=2, min_lr=0.03
    )
    fit(Script(*[1] * 9), plateau, note, net=net, epochs=9)
    assert rates == [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.03, 0.03, 0.03]
    with pytest.raises(ValueError, match="factor must lie between 0 and 1"):
        cb.ReduceLROnPlateau(factor=2)


def test_training_ends_quietly_on_nan() -> None:
    net = model(lr=1e30)
    with np.errstate(all="ignore"):
        _, history = fit(cb.TerminateOnNaN(), net=net, batch_size=8)
    assert len(history.epoch) == 1


def test_an_unknown_hook_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'on_epoch_end'"):
        cb.LambdaCallback(on_epoch_ends=print)


# ---- going on ------------------------------------------------------------------------------------

TRAINING = """
import sys
import numpy as np
import nn, optim
rng = np.random.default_rng(0)
x = rng.normal(size=(64, 3)).astype("float32")
y = rng.integers(0, 2, 64)
nn.manual_seed(4)
model = nn.Sequential(
    nn.Linear(3, 16), nn.BatchNorm1d(16), nn.Dropout(0.3), nn.ReLU(), nn.Linear(16, 2)
)
model.compile(optim.Adam(model.parameters(), lr=0.01), nn.CrossEntropyLoss(), ["accuracy"])
backup = nn.callbacks.BackupAndRestore(sys.argv[1], delete_checkpoint=False)
class Tell(nn.callbacks.Callback):
    def on_epoch_end(self, epoch, logs):
        print(epoch, flush=True)
history = model.fit(x, y, epochs=30, batch_size=8, callbacks=[backup, Tell()], verbose=0)
assert history.epoch == list(range(30))
assert len(history.history["accuracy"]) == 30
nn.save(model, sys.argv[2])
"""


def start(folder: Path, name: str) -> subprocess.Popen[str]:
    arguments = [str(folder / f"{name}.backup"), str(folder / f"{name}.safetensors")]
    return subprocess.Popen(
        [sys.executable, "-c", TRAINING, *arguments], stdout=subprocess.PIPE, text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_training_killed_twenty_times_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole = start(tmp_path, "whole")
    whole.communicate()
    assert whole.returncode == 0
    rng = np.random.default_rng(1)
    kills = 0
    while kills < 20:
        process = start(tmp_path, "killed")
        assert process.stdout is not None
        process.stdout.readline()  # at least an epoch is done: there is an end to this
        time.sleep(rng.uniform(0, 0.005))
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        kills += process.wait() == -signal.SIGKILL
        assert process.returncode in (0, -signal.SIGKILL)
        if process.returncode == 0:  # it was at its end already: begin anew
            (tmp_path / "killed.backup").unlink()
    last = start(tmp_path, "killed")
    last.communicate()
    assert last.returncode == 0
    one, two = (nn.load(tmp_path / f"{name}.safetensors") for name in ("whole", "killed"))
    assert all(one[key].numpy().tobytes() == two[key].numpy().tobytes() for key in one)


def test_what_callbacks_know_goes_on_too(tmp_path: Path) -> None:
    """A training that was stopped twice ends as the whole one: weights, history, log, rates."""

    def run(name: str, *stops: int) -> tuple[Any, Any, Any]:
        def stop(epoch: int, logs: Any) -> None:
            if stops and epoch == stops[0]:
                raise KeyboardInterrupt

        net = model(lr=0.1)
        early = cb.EarlyStopping("script", mode="min", patience=4, restore_best_weights=True)
        callbacks = [
            cb.BackupAndRestore(tmp_path / name), cb.CSVLogger(tmp_path / f"{name}.csv"),
            Script(5, 4, 3, 3.5, 3.5, 3.5, 3.5, 3.5), early,
            cb.ReduceLROnPlateau("script", mode="min", factor=0.5, patience=2),
            cb.LambdaCallback(on_epoch_begin=stop),
        ]  # fmt: skip
        nn.manual_seed(3)
        if stops:
            with pytest.raises(KeyboardInterrupt):
                fit(*callbacks, net=net, epochs=8, batch_size=8)
            return run(name, *stops[1:])
        _, history = fit(*callbacks, net=net, epochs=8, batch_size=8)
        return net, history, early

    whole, stopped = run("whole"), run("stopped", 2, 5)
    for one, two in zip(whole[0].parameters(), stopped[0].parameters(), strict=True):
        assert one.numpy().tobytes() == two.numpy().tobytes()
    assert whole[1].history == stopped[1].history
    assert whole[1].epoch == [0, 1, 2, 3, 4, 5, 6]
    assert [e.state_dict()["best_epoch"] for e in (whole[2], stopped[2])] == [2, 2]
    assert (tmp_path / "whole.csv").read_text() == (tmp_path / "stopped.csv").read_text()
    assert whole[0].optimizer.param_groups[0]["lr"] == 0.025
    assert stopped[0].optimizer.param_groups[0]["lr"] == 0.025


def test_a_backup_of_other_callbacks_says_so(tmp_path: Path) -> None:
    backup = cb.BackupAndRestore(tmp_path / "backup", delete_checkpoint=False)
    fit(backup, epochs=1)
    with pytest.raises(ValueError, match=r"(?s)with other callbacks: 2 beside.* here are 3"):
        fit(backup, cb.TerminateOnNaN(), epochs=2)


def test_a_backup_of_callbacks_in_another_order_says_so(tmp_path: Path) -> None:
    backup = cb.BackupAndRestore(tmp_path / "backup", delete_checkpoint=False)
    early, reduce = cb.EarlyStopping("loss"), cb.ReduceLROnPlateau("loss")
    fit(backup, early, reduce, cb.TerminateOnNaN(), epochs=1)
    with pytest.raises(ValueError, match="of which EarlyStopping, ReduceLROnPlateau have a state"):
        fit(backup, reduce, early, cb.TerminateOnNaN(), epochs=2)


def test_the_backup_goes_when_training_is_over(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    seen: list[bool] = []
    look = cb.LambdaCallback(on_epoch_begin=lambda *_: seen.append(path.exists()))
    fit(cb.BackupAndRestore(path), look, epochs=2)
    assert seen == [False, True]
    assert not path.exists()


# ---- what is printed -----------------------------------------------------------------------------


def test_lines_say_all_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    model().fit(X, Y, epochs=2, verbose=2, validation_split=0.5)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    for number, line in enumerate(lines, 1):
        assert line.startswith(f"Epoch {number}/2  loss ")
        assert all(name in line for name in (" mae ", " val_loss ", " val_mae "))
        assert re.search(r"  \d+(\.\d)? m?s$", line)


def test_the_bar_counts_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    model().fit(X, Y, epochs=2, batch_size=8, verbose=1)
    output = capsys.readouterr().out
    assert "Epoch 1/2" in output
    assert "4/4" in output
    assert "mae" in output
    model().fit(X, Y, verbose=0)
    assert capsys.readouterr().out == ""


def test_without_tqdm_there_are_lines_or_the_line_that_installs_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    model().fit(X, Y)
    assert capsys.readouterr().out.startswith("Epoch 1/1  loss")
    with pytest.raises(ModuleNotFoundError, match="pip install tqdm"):
        model().fit(X, Y, verbose=1)


def test_a_hook_that_nothing_calls_is_said() -> None:
    class Old(nn.callbacks.Callback):
        def on_batch_end(self, batch: int, logs: Any) -> None: ...

    class Own(nn.callbacks.Callback):
        def on_a_rainy_day(self) -> None: ...  # a method of one's own is left alone

    model = nn.Sequential(nn.Linear(2, 1))
    model.compile("sgd", "mse")
    x, y = np.ones((4, 2)), np.ones((4, 1))
    model.fit(x, y, verbose=0, callbacks=[Own()])
    with pytest.raises(ArgumentError, match=r"Old.on_batch_end.*you mean 'on_train_batch_end' or"):
        model.fit(x, y, verbose=0, callbacks=[Old()])
