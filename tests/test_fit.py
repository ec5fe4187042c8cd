"""Model.fit: the loop that one writes by hand, and errors that say what does not fit."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor
from autograd.errors import DTypeError, NaNError, ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(48, 4)).astype("float32")
Y = (X.sum(axis=1) > 0).astype(np.int64) + (X[:, 0] > 1)
HALF = (X[:, 0] > 0).astype(np.int64)


def net(seed: int = 0, out: int = 3, *last: nn.Module) -> nn.Sequential:
    nn.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.2), nn.ReLU(), nn.Linear(8, out), *last)


def compiled(loss: Any = None, *last: nn.Module, out: int = 3, **options: Any) -> nn.Sequential:
    model = net(0, out, *last)
    model.compile(options.pop("optimizer", "sgd"), loss or nn.CrossEntropyLoss(), **options)
    return model


def bits(model: nn.Module) -> list[bytes]:
    return [tensor.numpy().tobytes() for tensor in model.state_dict().values()]


# ---- the loop ------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    lambda p: optim.Adam(p, lr=0.01),
    lambda p: optim.AdamW(p, lr=0.01, amsgrad=True),
], ids=["SGD", "Adam", "AdamW"])  # fmt: skip
def test_fit_is_the_loop_written_by_hand_to_the_last_bit(make: Any) -> None:
    by_hand, fitted = net(), net()
    optimizer, loss_of = make(by_hand.parameters()), nn.CrossEntropyLoss()
    nn.manual_seed(5)
    loader = nn.data.DataLoader((X, Y), 8, shuffle=True)
    steps, losses = 0, []
    while steps < 50:
        total = 0.0
        for x, y in loader:
            loss = loss_of(by_hand(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            steps += 1
        losses.append(total / len(X))
    fitted.compile(make(fitted.parameters()), nn.CrossEntropyLoss(), metrics=["accuracy"])
    nn.manual_seed(5)
    history = fitted.fit(X, Y, batch_size=8, epochs=9, verbose=0)
    assert steps == 54
    assert bits(fitted) == bits(by_hand)
    assert history.history["loss"] == losses


def test_a_seed_of_its_own_gives_the_same_order_whatever_the_default_generator() -> None:
    found = []
    for seed in (1, 2):
        model = net()
        model[1].p = 0.0
        model.compile("sgd", nn.CrossEntropyLoss())
        nn.manual_seed(seed)
        model.fit(X, Y, epochs=2, verbose=0, rng=3)
        found.append(bits(model))
    assert found[0] == found[1]


def test_the_forms_of_data_give_the_same_training() -> None:
    wide = X.astype("float64")
    forms: list[Any] = [
        (X, Y), (wide, Y), (Tensor(X), Tensor(Y)), (X.tolist(), Y.tolist()), (X, Y[:, None]),
        (nn.data.TensorDataset(X, Y), None), (nn.data.DataLoader((X, Y), 32, shuffle=True), None),
        ((X,), Y),
    ]  # fmt: skip
    found = []
    for x, y in forms:
        model = compiled()
        nn.manual_seed(2)
        model.fit(x, y, epochs=2, verbose=0)
        found.append(bits(model))
    assert all(each == found[0] for each in found)


def test_several_inputs_go_to_the_arguments_of_forward() -> None:
    class Add(nn.Model):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Linear(4, 1), nn.Linear(2, 1)

        def forward(self, a: Any, b: Any) -> Any:
            return self.one(a) + self.two(b)

    model = Add()
    model.compile("adam", "mse", metrics="mae")
    z = RNG.normal(size=(48, 2))
    history = model.fit((X, z), X[:, 0] + z[:, 1], epochs=30, verbose=0, validation_split=0.25)
    assert history.history["loss"][-1] < history.history["loss"][0]
    assert model.predict((X, z)).shape == (48, 1)
    assert set(model.evaluate((X, z), Y)) == {"loss", "mae"}


@pytest.mark.parametrize(("loss", "last", "out", "y"), [
    ("binary_crossentropy", nn.Sigmoid, 1, HALF),
    (nn.BCEWithLogitsLoss(), nn.Identity, 1, HALF),
    ("mse", nn.Identity, 1, HALF),
    ("mean_absolute_error", nn.Identity, 1, HALF[:, None]),
    ("sparse_categorical_crossentropy", nn.Softmax, 3, Y),
    ("categorical_crossentropy", nn.Softmax, 3, np.eye(3, dtype="uint8")[Y]),
    (nn.CrossEntropyLoss, nn.Identity, 3, Y),
    ("CrossEntropyLoss", nn.Identity, 3, np.eye(3)[Y]),
    (lambda output, target: nn.functional.mse_loss(output, target), nn.Identity, 1, HALF),
])  # fmt: skip
def test_every_kind_of_loss_trains(loss: Any, last: Any, out: int, y: Any) -> None:
    final = last(-1) if last is nn.Softmax else last()
    model = compiled(loss, final, out=out, optimizer=lambda p: optim.Adam(p, lr=0.02),
                     metrics=["accuracy"])  # fmt: skip
    history = model.fit(X, y, epochs=25, verbose=0).history
    assert history["loss"][-1] < 0.8 * history["loss"][0]
    if loss not in ("mse", "mean_absolute_error"):
        assert model.evaluate(X, y)["accuracy"] > 0.7


def test_evaluate_is_of_the_whole_data_and_changes_nothing() -> None:
    model = compiled(metrics=["accuracy", "precision"])
    before = bits(model)
    scores = model.evaluate(X, Y, batch_size=7)
    outputs = model.eval()(Tensor(X))
    assert scores["loss"] == pytest.approx(nn.CrossEntropyLoss()(outputs, Tensor(Y)).item())
    assert scores["accuracy"] == np.mean(outputs.numpy().argmax(1) == Y)
    assert bits(model) == before
    again = model.train().evaluate(X, Y)
    assert again["loss"] == pytest.approx(scores["loss"], rel=1e-6)
    assert model.training, "the mode stays"
    np.testing.assert_array_equal(
        model.predict(X, batch_size=5).argmax(1), outputs.numpy().argmax(1)
    )


def test_a_part_of_the_model_keeps_its_own_mode() -> None:
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Dropout())
    model.compile("sgd", nn.CrossEntropyLoss())
    model[1].eval()
    model.fit(X, Y, verbose=0, validation_split=0.5)
    model.evaluate(X, Y)
    model.predict(X)
    assert [module.training for module in model] == [True, False, True]
    assert model.training


def test_validation_split_keeps_the_last_part_out() -> None:
    model = compiled()
    logs = model.fit(X, Y, epochs=1, validation_split=0.25, verbose=0).history
    assert logs["val_loss"][0] == pytest.approx(model.evaluate(X[36:], Y[36:])["loss"], rel=1e-6)
    other = compiled()
    nn.manual_seed(0)
    other.fit(X[:36], Y[:36], epochs=1, verbose=0, validation_data=(X[36:], Y[36:]))
    assert other.history is not None
    assert other.history.history.keys() == logs.keys()


def test_fit_casts_batches_and_never_the_whole_data() -> None:
    import tracemalloc

    wide = np.zeros((20_000, 100))  # 16 MB; as float32 it would take 8 MB more
    model = nn.Sequential(nn.Linear(100, 1))
    model.compile("sgd", "mse")
    tracemalloc.start()
    model.fit(wide, wide[:, 0], batch_size=1000, verbose=0, validation_split=0.1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4e6, "a batch takes 0.8 MB"


def test_the_norm_of_the_gradients_is_cut() -> None:
    moved = []
    for norm in (None, 1e-3):
        model = compiled("mse", out=1, optimizer=lambda p: optim.SGD(p, lr=1.0), clip_norm=norm)
        start = [p.numpy().copy() for p in model.parameters()]
        model.fit(X[:4], 100 * Y[:4], verbose=0)
        ends = [p.numpy() for p in model.parameters()]
        moved.append(np.sqrt(sum(np.sum((a - b) ** 2) for a, b in zip(start, ends, strict=True))))
    assert moved[1] == pytest.approx(1e-3, rel=1e-3)
    assert moved[0] > 1.0


def test_lazy_layers_are_made_by_the_data() -> None:
    model = nn.Sequential([nn.Dense(5, activation="tanh"), nn.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(RuntimeError, match=r"0\.weight has no shape yet"):
        _ = model.optimizer
    model.fit(X, Y, verbose=0)
    assert model[0].weight.shape == (5, 4)
    assert len(model.optimizer.param_groups[0]["params"]) == 4


def test_lazy_layers_are_made_by_what_the_transform_gives() -> None:
    model = nn.Sequential(nn.Flatten(), nn.LazyLinear(3))
    model.compile("sgd", nn.CrossEntropyLoss())
    crop = nn.data.transforms.RandomCrop(4)
    loader = nn.data.DataLoader((np.ones((6, 8, 8), "float32"), Y[:6]), 3, transform=crop)
    model.fit(loader, verbose=0)
    assert model[1].weight.shape == (3, 16)


def test_a_copy_of_a_compiled_model_is_not_compiled() -> None:
    model = compiled()
    model.fit(X, Y, verbose=0)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert bits(other) == bits(model)
        with pytest.raises(RuntimeError, match="is not compiled"):
            other.fit(X, Y)


# ---- what goes wrong -----------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_stops_before_the_weights_change() -> None:
    model = compiled("mse", out=1)
    x = X.copy()
    x[17] = np.inf
    before = bits(model)
    story = r"(?s)in epoch 1, step 5: .* linear in 0 \(Linear\)"
    with pytest.raises(NaNError, match=story), np.errstate(all="ignore"):
        model.fit(x, HALF, batch_size=4, shuffle=False, verbose=0)
    assert bits(model) != before, "four steps were made"
    assert all(np.isfinite(p.numpy()).all() for p in model.parameters())
    assert model.training


@pytest.mark.parametrize("of", ["inputs", "targets"])
def test_data_that_is_not_finite_is_told_as_such(of: str) -> None:
    x, y = X.copy(), HALF.astype(np.float32)
    (x if of == "inputs" else y)[2] = np.nan
    with pytest.raises(
        NaNError,
        match=r"the data that .* was given is not finite, in [14] of \d+ numbers\.\n.* Look at",
    ):
        compiled("mse", out=1).fit(x, y, batch_size=4, shuffle=False, verbose=0)


def test_weights_that_are_not_finite_are_named() -> None:
    model = compiled("mse", out=1)
    nn.init.constant_(model[3].bias, np.nan)
    with pytest.raises(NaNError, match=r"the parameter 3\.bias is not finite any more"):
        model.fit(X, HALF, verbose=0)


def test_ctrl_c_leaves_a_usable_model() -> None:
    def interrupt(epoch: int, logs: Any) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    model = compiled()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=5, verbose=0,
                  callbacks=[nn.callbacks.LambdaCallback(on_epoch_begin=interrupt)])  # fmt: skip
    assert model.history is not None
    assert model.history.epoch == [0, 1]
    assert np.isfinite(model.evaluate(X, Y)["loss"])
    model.fit(X, Y, epochs=1, verbose=0)


TEXTS = np.array(["a", "b"])


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: net().fit(X, Y), RuntimeError, "Sequential is not compiled"),
    (lambda: net().evaluate(X, Y), RuntimeError, "Sequential is not compiled"),
    (lambda: net().compile("adan"), ValueError, r"optimizer .* got 'adan'; did you mean 'adam'"),
    (lambda: net().compile("sgd", "msee"), ValueError, r"loss .* got 'msee'; did you mean 'mse'"),
    (lambda: net().compile("sgd", "mse", ["acc", "acc"]), ValueError, "two metrics are called"),
    (lambda: net().compile("sgd", 3), TypeError, "the loss must be a name, such as 'mse'"),
    (lambda: net().compile(3, "mse"), TypeError, r"the optimizer must be a name, such as 'adam'"),
    (lambda: net().compile(optim.SGD(net(1).parameters(), lr=1.0)), ValueError,
     "no parameter of this model"),
    (lambda: _fit(loss=None, x=X), RuntimeError, "there is no loss"),
    (lambda: _fit(y=None), ValueError, "there is no y"),
    (lambda: _fit(y=Y[:40]), ShapeError, r"x has 48 \(shape \(48, 4\)\), y has 40"),
    (lambda: _fit(x=X[:0], y=Y[:0]), ValueError, r"there are no examples: x is \(0, 4\)"),
    (lambda: _fit(x=np.float32(3)), ShapeError, "x is a single number"),
    (lambda: _fit(y=(Y, np.zeros((len(Y), 2)))), ShapeError, "y is a tuple of parts that make no"),
    (lambda: _fit(x=TEXTS, y=Y[:2]), DTypeError, "x holds <U1; it must hold real numbers"),
    (lambda: _fit(x=X[:, :3]), ShapeError, r"x has 3 features, .* in 0 \(Linear\)"),
    (lambda: _fit(y=Y + 1), ValueError, r"label 3 at target\[\d+\] is out of range"),
    (lambda: _fit(y=X[:, :2]), DTypeError, "class indices must be integers"),
    (lambda: _fit(validation_split=1.5), ValueError, "validation_split must be a nu"),
    (lambda: _fit(validation_split=0.01), ValueError, "leaves none for validation"),
    (lambda: _fit(validation_split=0.5, validation_data=(X, Y)), ValueError, "not both"),
    (lambda: _fit(validation_data=X), ValueError, "validation_data is"),
    (lambda: _fit(x=nn.data.DataLoader((X, Y), 4)), ValueError, "brings its own y"),
    (lambda: _fit(x=nn.data.DataLoader((X, Y), 4), y=None, batch_size=3), ValueError, "batch_size"),
    (lambda: _fit(x=nn.data.TensorDataset(X), y=None), ValueError, "the data bring inputs alone"),
    (lambda: _fit(batch_size=0), ValueError, "batch_size must be at least 1, got 0"),
    (lambda: _fit(verbose=7), ValueError, "verbose must be"),
    (lambda: _fit(callbacks=[nn.callbacks.History]), TypeError, "give an object, not the class"),
    (lambda: _fit(loss="sparse_categorical_crossentropy"), ValueError, "CrossEntropyLoss"),
])  # fmt: skip
def test_what_does_not_fit_says_why(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def _fit(loss: Any = "CrossEntropyLoss", x: Any = X, y: Any = Y, **options: Any) -> Any:
    model = net()
    model.compile("sgd", loss)
    return model.fit(x, y, **({"verbose": 0} | options))


def test_a_failed_fit_leaves_the_weights_and_the_mode() -> None:
    model = compiled().eval()
    before = bits(model)
    with pytest.raises(ShapeError):
        model.fit(X[:, :3], Y, verbose=0)
    assert bits(model) == before
    assert not model.training


def test_verbose_may_be_true_or_false(capsys: pytest.CaptureFixture[str]) -> None:
    _fit(verbose=False)
    assert capsys.readouterr() == ("", "")
    _fit(verbose=True, epochs=2)
    assert "2/2" in "".join(capsys.readouterr())
