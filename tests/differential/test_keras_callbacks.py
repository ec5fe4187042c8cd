"""Callbacks of nn.keras beside Keras': over streams of logs, and in trainings of equal weights."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn import keras as ours
from tests.differential.keras_peer import QUIET
from tests.differential.keras_peer import keras as theirs

pytestmark = QUIET
BOTH = (ours, theirs)
RNG = np.random.default_rng(2)
STREAMS = [
    [1.0, 0.9, 0.95, 0.95, 0.95, 0.8, 0.85, 0.9, 0.9, 0.9], [1.0] * 8, [0.5, 0.4, 0.3, 0.2],
    [float("nan"), 1.0, float("nan"), 0.5, 0.6, 0.7], list(RNG.random(25)),
]  # fmt: skip
X = RNG.normal(size=(70, 4)).astype("f")
Y = (X.sum(axis=1) > 0).astype("f")


class Fake:
    """A model as callbacks see it: its weights are the number of the epoch."""

    def __init__(self) -> None:
        self.weights, self.stop_training, self.optimizer = [-1], False, self
        self.learning_rate = 1.0

    def get_weights(self) -> Any:
        return list(self.weights)

    def set_weights(self, weights: Any) -> None:
        self.weights = weights

    state_dict, load_state_dict = get_weights, set_weights


def followed(callback: Any, stream: list[float], name: str = "val_loss") -> Any:
    """The epochs, rates and weights that a callback makes of a stream of logs."""
    model, rates = Fake(), []
    callback.set_model(model)
    callback.on_train_begin({})
    for epoch, value in enumerate(stream):
        model.weights = [epoch]
        callback.on_epoch_end(epoch, {name: value, "loss": 0.0})
        rates.append(model.learning_rate)
        if model.stop_training:
            break
    callback.on_train_end({})
    return len(rates), rates, model.weights


@pytest.mark.parametrize("stream", range(len(STREAMS)))
@pytest.mark.parametrize(
    "options",
    [
        {}, {"patience": 2}, {"patience": 2, "min_delta": 0.06}, {"patience": 3, "mode": "max"},
        {"restore_best_weights": True, "patience": 1}, {"baseline": 0.7, "patience": 3},
        {"start_from_epoch": 3, "patience": 1, "restore_best_weights": True},
    ],
    ids=str,
)  # fmt: skip
def test_early_stopping_stops_where_keras_does(stream: int, options: dict[str, Any]) -> None:
    given = {"mode": "min", **options}
    found, wanted = (
        followed(library.callbacks.EarlyStopping(**given), STREAMS[stream]) for library in BOTH
    )
    assert found == wanted


@pytest.mark.parametrize("stream", range(len(STREAMS)))
@pytest.mark.parametrize(
    "options",
    [
        {"patience": 1}, {"patience": 2, "factor": 0.5, "cooldown": 2}, {"patience": 0},
        {"patience": 1, "min_lr": 0.05}, {"patience": 2, "mode": "max", "min_delta": 0.1},
    ],
    ids=str,
)  # fmt: skip
def test_reduce_lr_on_plateau_reduces_where_keras_does(stream: int, options: Any) -> None:
    given = {"mode": "min", **options}
    found, wanted = (
        followed(library.callbacks.ReduceLROnPlateau(**given), STREAMS[stream]) for library in BOTH
    )
    np.testing.assert_allclose(found[1], wanted[1], rtol=1e-6)


def model_of(library: Any, metrics: Any = ("accuracy",), optimizer: Any = "sgd") -> Any:
    layers = library.layers
    model = library.Sequential(
        [library.Input((4,)), layers.Dense(5, activation="tanh"), layers.Dense(1, "sigmoid")]
    )
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape).astype("f") for w in model.get_weights()])
    model.compile(optimizer, "binary_crossentropy", metrics=list(metrics))
    return model


def trained(library: Any, callbacks: Any, epochs: int = 6, **options: Any) -> Any:
    model = model_of(library, **options)
    history = model.fit(
        X, Y, batch_size=16, epochs=epochs, verbose=0, shuffle=False, validation_split=0.2,
        callbacks=callbacks,
    )  # fmt: skip
    return model, history


def agree(found: Any, wanted: Any) -> None:
    assert sorted(found.history) == sorted(wanted.history)
    for name, values in wanted.history.items():
        np.testing.assert_allclose(found.history[name], values, rtol=2e-5, atol=1e-6, err_msg=name)


CALLBACKS: dict[str, Any] = {
    "rates": lambda c: [c.LearningRateScheduler(lambda epoch: 0.5 / (epoch + 1))],
    "rates of rates": lambda c: [c.LearningRateScheduler(lambda epoch, lr: lr * 0.5)],
    "plateau": lambda c: [c.ReduceLROnPlateau(monitor="loss", patience=1, min_delta=0.05)],
    "stopping at accuracy": lambda c: [c.EarlyStopping("val_accuracy", patience=1)],
    "stopping at a metric": lambda c: [c.EarlyStopping("auc", min_delta=0.5, patience=2)],
    "both": lambda c: [c.EarlyStopping(patience=2), c.TerminateOnNaN()],
}


@pytest.mark.parametrize("name", CALLBACKS)
def test_trainings_with_callbacks_agree(name: str) -> None:
    metrics = ["accuracy", "auc"]
    pairs = [
        trained(library, CALLBACKS[name](library.callbacks), metrics=metrics) for library in BOTH
    ]
    agree(pairs[0][1], pairs[1][1])


EMA = {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": None}


@pytest.mark.parametrize("options", [EMA, {"clipnorm": 0.1}, {"weight_decay": 0.1}], ids=str)
def test_trainings_with_options_of_optimizers_agree(options: dict[str, Any]) -> None:
    pairs = [
        trained(library, [], optimizer=library.optimizers.SGD(0.5, **options)) for library in BOTH
    ]
    agree(pairs[0][1], pairs[1][1])
    for mine, other in zip(pairs[0][0].get_weights(), pairs[1][0].get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-4, atol=2e-6)


def test_constraints_hold_in_a_training_as_in_keras() -> None:
    weights = []
    for library in BOTH:
        held = library.constraints.MinMaxNorm(0.5, 1.0, rate=0.5)
        model = library.Sequential(
            [library.Input((4,)), library.layers.Dense(1, kernel_constraint=held)]
        )
        model.set_weights([np.full((4, 1), 3.0, "f"), np.zeros(1, "f")])
        model.compile(library.optimizers.SGD(0.01), "mse")
        model.fit(X, Y, epochs=2, verbose=0, shuffle=False)
        weights.append(model.get_weights())
    for mine, other in zip(*weights, strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-4, atol=2e-6)


def test_hooks_are_called_in_the_order_of_keras() -> None:
    calls: list[list[Any]] = []
    for library in BOTH:
        seen: list[Any] = []
        names = [
            f"on_{part}" for part in (
                "train_begin", "train_end", "epoch_begin", "epoch_end", "train_batch_begin",
                "train_batch_end", "test_begin", "test_end", "test_batch_begin", "test_batch_end",
                "predict_begin", "predict_end", "predict_batch_begin", "predict_batch_end",
            )
        ]  # fmt: skip

        def hook(name: str, seen: list[Any] = seen) -> Any:
            return lambda self, *args, logs=None: seen.append(
                (name, args[0] if args and isinstance(args[0], int) else None)
            )

        spy = type("Spy", (library.callbacks.Callback,), {name: hook(name) for name in names})()
        model, _ = trained(library, [spy], epochs=2)
        model.evaluate(X, Y, verbose=0, callbacks=[spy])
        model.predict(X, verbose=0, callbacks=[spy])
        calls.append(seen)
    assert calls[0] == calls[1]


def test_old_names_of_hooks_are_called_too() -> None:
    class Old(ours.callbacks.Callback):
        count = 0

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            self.count += 1

    old = Old()
    trained(ours, [old], epochs=2)
    assert old.count == 8


def test_csv_files_are_those_of_keras(tmp_path: Path) -> None:
    rows = []
    for library in BOTH:
        path = tmp_path / f"{library.__name__}.csv"
        trained(library, [library.callbacks.CSVLogger(str(path))])
        with path.open(newline="") as file:
            rows.append([*csv.DictReader(file)])
    assert [[*row] for row in rows[0]] == [[*row] for row in rows[1]]
    for mine, other in zip(*rows, strict=True):
        np.testing.assert_allclose(
            [*map(float, mine.values())], [*map(float, other.values())], rtol=2e-5, atol=1e-6
        )


def test_a_lambda_callback_takes_the_place_of_hooks() -> None:
    seen: list[int] = []
    hooks = {"on_epoch_end": lambda epoch, logs: seen.append(epoch)}
    trained(ours, [ours.callbacks.LambdaCallback(**hooks)], epochs=3)
    assert seen == [0, 1, 2]


@pytest.mark.parametrize("weights_only", [False, True])
def test_checkpoints_are_made_when_keras_makes_them(tmp_path: Path, weights_only: bool) -> None:
    end = ".weights.h5" if weights_only else ".keras"
    files = []
    for library in BOTH:
        folder = tmp_path / library.__name__
        folder.mkdir()
        checkpoint = library.callbacks.ModelCheckpoint(
            str(folder / f"{{epoch:02d}}{end}"), monitor="val_accuracy", save_best_only=True,
            save_weights_only=weights_only, mode="max",
        )  # fmt: skip
        if library is theirs and weights_only:  # which needs h5py
            checkpoint._save_model = lambda epoch, batch, logs, c=checkpoint, f=folder: (
                f / f"{epoch + 1:02d}{end}"
            ).touch() if c._should_save_model(epoch, batch, logs, "") else None  # fmt: skip
        trained(library, [checkpoint])
        files.append(sorted(path.name for path in folder.iterdir()))
    assert files[0] == files[1] != []


def test_a_backup_goes_on_where_the_training_stopped(tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def stop(epoch: int, logs: Any) -> None:
        if epoch == 3:
            raise Interrupted

    whole, _ = trained(ours, [], optimizer="adam")
    callbacks = ours.callbacks
    with pytest.raises(Interrupted):
        trained(
            ours, [callbacks.LambdaCallback(on_epoch_begin=stop),
                   callbacks.BackupAndRestore(tmp_path / "b")], optimizer="adam",
        )  # fmt: skip
    again, history = trained(
        ours, [callbacks.LambdaCallback(), callbacks.BackupAndRestore(tmp_path / "b")],
        optimizer="adam",
    )  # fmt: skip
    assert len(history.epoch) == 6
    for a, b in zip(again.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


REFUSALS: dict[str, Any] = {
    "RemoteMonitor": "on_epoch_end", "OrbaxCheckpoint": "ModelChe",
    "ProgbarLogger": "verbose=1", "SwapEMAWeights": "use_ema", "CallbackList": "loop",
}  # fmt: skip


def test_every_callback_of_keras_is_here_or_refused_by_name() -> None:
    for name in dir(theirs.callbacks):
        if name[0] == "_":
            continue
        kind = getattr(ours.callbacks, name)
        if name in REFUSALS:
            with pytest.raises(TypeError, match=f"{name}.*{REFUSALS[name]}"):
                kind("logs")
        else:
            assert isinstance(kind, type)
