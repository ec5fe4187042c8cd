"""fit, evaluate and predict by plans: the numbers are those of eager training."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import nn
import optim
from autograd.errors import NaNError
from nn import keras
from nn.keras import layers
from nn.training.compiled import OPTIMIZERS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(52, 4)).astype("float32")  # of which the last batches are smaller
Y = (X.sum(axis=1) > 0).astype(np.int64) + (X[:, 0] > 1)
W = RNG.uniform(0.5, 1.5, 52).astype("float32")


@pytest.fixture(autouse=True)
def nothing_is_fused(monkeypatch: Any) -> None:
    """So that the bits are the same."""
    monkeypatch.setattr("autograd.compiler.face.backend.kind", lambda: "kernels")


def net(*last: nn.Module) -> nn.Sequential:
    nn.manual_seed(0)
    return nn.Sequential(
        nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.2), nn.ReLU(), nn.Linear(8, 3), *last
    )


class PerStep(nn.callbacks.Callback):
    """A schedule that is moved by each batch, and a look at the gradients."""

    def __init__(self, optimizer: Any) -> None:
        super().__init__()
        self.schedule = optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
        self.seen: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.schedule.step()
        self.seen.append(logs["loss"])


def adam(model: Any) -> Any:
    return optim.Adam(model.parameters(), lr=0.05)


WAYS: dict[str, Any] = {
    "plain": lambda m: ({}, {}),
    "metrics": lambda m: ({"metrics": ["accuracy"]}, {"validation_split": 0.25}),
    "clipping": lambda m: ({"clip_norm": 0.1}, {}),
    "weights of classes": lambda m: (
        {"loss": nn.CrossEntropyLoss(weight=ag.Tensor([1.0, 2.0, 0.5]))}, {}),
    "labels to ignore": lambda m: ({"loss": nn.CrossEntropyLoss(ignore_index=1)}, {}),
    "a sum": lambda m: ({"loss": nn.CrossEntropyLoss(reduction="sum")}, {}),
    "a loss of one's own": lambda m: ({"loss": own_loss}, {}),
    "a schedule by steps": lambda m: ({"optimizer": (o := adam(m))}, {"callbacks": [PerStep(o)]}),
    "a schedule by epochs": lambda m: (
        {}, {"callbacks": [nn.callbacks.LearningRateScheduler(lambda epoch, lr: lr / 2)]}),
    "early stopping": lambda m: (
        {}, {"validation_split": 0.25, "epochs": 9,
             "callbacks": [nn.callbacks.EarlyStopping(patience=1)]}),
}  # fmt: skip
SMOOTH = 0.1


def own_loss(output: Any, target: Any) -> Any:
    return nn.functional.cross_entropy(output, target) + SMOOTH * (output**2).mean()


def trained(way: str, jit: bool) -> Any:
    model = net()
    told, fitted = WAYS[way](model)
    options = {"optimizer": adam(model), "loss": nn.CrossEntropyLoss(), **told}
    model.compile(**options, jit_compile=jit)
    history = model.fit(X, Y, **{"batch_size": 8, "epochs": 3, "verbose": 0, **fitted})
    seen = [getattr(c, "seen", None) for c in fitted.get("callbacks", ())]
    return (
        history.history, seen, model.evaluate(X, Y), model.predict(X).tobytes(),
        [p.numpy().tobytes() for p in model.state_dict().values()],
    )  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_training_by_plans_is_eager_training(way: str) -> None:
    assert trained(way, True) == trained(way, False)


@pytest.mark.parametrize("clip_norm", [None, 0.1])
@pytest.mark.parametrize("name", [n for n in OPTIMIZERS if n != "muon"])  # of matrices
def test_steps_of_any_optimizer_are_a_part_of_the_plan(name: str, clip_norm: Any) -> None:
    found = []
    for jit in (True, False):
        model = net()
        model.compile(name, nn.CrossEntropyLoss(), clip_norm=clip_norm, jit_compile=jit)
        history = model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
        weights = [p.numpy().tobytes() for p in model.state_dict().values()]
        found.append((history.history, weights, [p.grad.tolist() for p in model.parameters()]))
        assert model._compiled.jit.takes_steps == jit
    assert found[0] == found[1]


class Counting(optim.SGD):
    """Counts its steps in Python, which no plan does."""

    count = 0

    def step(self, closure: Any = None) -> Any:
        self.count += 1
        self.param_groups[0]["lr"] = 0.1 / self.count
        return super().step(closure)


class Clipped(optim.SGD):
    """Goes on by a gradient that Python looks at."""

    def step(self, closure: Any = None) -> Any:
        for p in self.param_groups[0]["params"]:
            if float((p.grad**2).sum()) > 0.01:
                p.grad = p.grad * 0.5
        return super().step(closure)


@pytest.mark.parametrize("kind", [Counting, Clipped])
def test_steps_that_no_plan_holds_are_eager_beside_it(kind: Any) -> None:
    found = []
    for jit in (True, False):
        model = net()
        optimizer = kind(model.parameters(), lr=0.1)
        model.compile(optimizer, nn.CrossEntropyLoss(), jit_compile=jit)
        history = model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
        weights = [p.numpy().tobytes() for p in model.state_dict().values()]
        found.append((history.history, weights, getattr(optimizer, "count", 0)))
        assert not model._compiled.jit.takes_steps
        assert not jit or model._compiled.jit("scored", None).plans
    assert found[0] == found[1]


def test_a_batch_of_which_nothing_counts_is_no_step() -> None:
    found = []
    labels = np.array(Y)
    labels[8:16] = -100
    for jit in (True, False):
        model = net()
        model.compile(adam(model), nn.CrossEntropyLoss(), jit_compile=jit)
        losses = PerStep(model._compiled.optimizer)
        try:
            model.fit(X, labels, batch_size=8, epochs=1, shuffle=False, verbose=0,
                      callbacks=[losses])  # fmt: skip
            error = ""
        except NaNError as raised:
            error = str(raised).partition(":")[2]
        weights = [p.numpy().tobytes() for p in model.state_dict().values()]
        found.append((error, losses.seen[:1], weights, str(model._compiled.optimizer.state)))
    assert found[0] == found[1]


def keras_model(kind: str) -> Any:
    keras.utils.set_random_seed(0)
    x = keras.Input((4,))
    h = layers.Dense(8, activation="relu", kernel_regularizer="l2")(x)
    h = layers.Dropout(0.2)(layers.BatchNormalization()(h))
    y = layers.Dense(3, activation="softmax", name="kinds")(h)
    if kind == "two outputs":
        return keras.Model(x, [y, layers.Dense(1, name="sizes")(h)])
    return keras.Model(x, y)


KERAS: dict[str, Any] = {
    "plain": ({}, {}),
    "sample weights": ({"weighted_metrics": ["accuracy"]}, {"sample_weight": W}),
    "class weights": ({"metrics": ["accuracy"]}, {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}}),
    "validation": ({"metrics": ["accuracy"]}, {"validation_split": 0.25}),
    "clipping": ({"optimizer": keras.optimizers.Adam(clipnorm=0.1)}, {}),
}


@pytest.mark.parametrize("way", [*KERAS, "two outputs"])
def test_keras_training_by_plans_is_eager_training(way: str) -> None:
    found = []
    for jit in (True, False):
        model = keras_model(way)
        told, fitted = KERAS.get(way, ({}, {}))
        y: Any = Y
        loss: Any = "sparse_categorical_crossentropy"
        if way == "two outputs":
            y, loss = [Y, X.sum(axis=1)], [loss, "mse"]
        if "optimizer" in told:
            told = {"optimizer": keras.optimizers.Adam(clipnorm=0.1)}
        model.compile(**{"optimizer": "adam", "loss": loss, **told}, jit_compile=jit)
        history = model.fit(X, y, batch_size=8, epochs=3, verbose=0, **fitted)
        first = y if way != "two outputs" else [part[:5] for part in y]
        batch = model.train_on_batch(X[:5], first if way == "two outputs" else y[:5])
        found.append((
            history.history, batch, model.evaluate(X, y, verbose=0),
            np.concatenate([np.ravel(w) for w in model.get_weights()]).tobytes(),
        ))  # fmt: skip
        assert model._compiled.jit.is_on == jit
    assert found[0] == found[1]


def test_a_loss_that_is_not_finite_stops_before_the_step() -> None:
    found = []
    for jit in (True, False):
        model = net()
        optimizer = optim.SGD(model.parameters(), lr=1e20)
        model.compile(optimizer, nn.CrossEntropyLoss(), jit_compile=jit)
        with np.errstate(all="ignore"), pytest.raises(NaNError) as error:
            model.fit(X, Y, batch_size=8, epochs=9, verbose=0)
        found.append((str(error.value).partition(":")[2][:20], model[0].weight.numpy().tobytes()))
    assert found[0] == found[1]


SCRIPT = """
import sys
import numpy as np, nn, optim
from autograd.compiler.face import backend
backend.kind = lambda: "kernels"
nn.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.2), nn.ReLU(), nn.Linear(8, 3))
rng = np.random.default_rng(0)
x = rng.normal(size=(64, 4)).astype("float32"); y = (x.sum(axis=1) > 0).astype(int)
model.compile(optim.Adam(model.parameters(), lr=0.01), nn.CrossEntropyLoss(), jit_compile=True)
path = sys.argv[1]
class Said(nn.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None): print(epoch, flush=True)
model.fit(x, y, batch_size=8, epochs=25, verbose=0,
          callbacks=[nn.callbacks.BackupAndRestore(path + ".backup"), Said()])
np.save(path + ".npy", np.concatenate([p.numpy().ravel() for p in model.parameters()]))
"""


def test_training_goes_on_after_a_kill_to_the_same_weights(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root)}

    def start(name: str) -> Any:
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path / name)],
            env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    whole, killed = start("whole"), start("killed")
    for _ in range(3):
        killed.stdout.readline()
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not (tmp_path / "killed.npy").exists()
    start("killed").communicate()
    whole.communicate()
    right, found = (np.load(tmp_path / f"{name}.npy") for name in ("whole", "killed"))
    np.testing.assert_array_equal(found, right)
