"""The chapters of nn.keras beside its layers: what they refuse, and what holds without Keras."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
import optim
from autograd.errors import AutogradError
from nn import keras

X = np.linspace(-1, 1, 24).reshape(8, 3).astype("f")
Y = X.sum(axis=1, keepdims=True)


def variables() -> list[ag.Tensor]:
    return [ag.Tensor(np.ones(shape, "f"), requires_grad=True, name=f"p{len(shape)}")
            for shape in ((3,), (2, 3))]  # fmt: skip


def model(optimizer: Any = "sgd", **options: Any) -> Any:
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    net.compile(optimizer, "mse", **options)
    return net


# ---- what is refused, and with which words -------------------------------------------------------

OPT, LOSS, MET, CB = keras.optimizers, keras.losses, keras.metrics, keras.callbacks
REFUSALS: dict[str, Callable[[], Any]] = {
    "the optimizer must be .*did you mean": lambda: OPT.get("adamm"),
    "Muon is not here; take optim.Muon": lambda: OPT.get("muon"),
    "SGD has no argument 'learning_rat'": lambda: OPT.SGD(learning_rat=0.1),
    "SGD: momentum must be a number from 0 to 1": lambda: OPT.SGD(momentum=2.0),
    "learning_rate is a number from 0 on, a schedule or a function": lambda: OPT.SGD("fast"),
    "give one of clipnorm, clipvalue and global_clipnorm": lambda: OPT.SGD(
        clipnorm=1.0, clipvalue=1.0
    ),
    "ema_momentum lies between 0 and 1": lambda: OPT.SGD(use_ema=True, ema_momentum=2.0),
    "no gradient_accumulation_steps here; train with a larger": lambda: OPT.Adam(
        gradient_accumulation_steps=2
    ),
    "no loss_scale_factor here; leave it out": lambda: OPT.Adam(loss_scale_factor=2.0),
    "has no variables; call build": lambda: OPT.Adam().step(),
    "is not built; call build": lambda: OPT.Adam().apply([np.ones(3)]),
    "1 gradients for 2 variables": lambda: OPT.Adam().apply([np.ones(3)], variables()),
    "was built for other variables": lambda: stepped_on_others(),
    "follows a schedule; make the optimizer with a number": lambda: setattr(
        OPT.SGD(OPT.schedules.ExponentialDecay(0.1, 1, 0.5)), "learning_rate", 0.1
    ),
    "exclude_from_weight_decay comes before": lambda: built().exclude_from_weight_decay([]),
    "decay_steps must be positive": lambda: OPT.schedules.CosineDecay(0.1, 0),
    "one value more than boundaries": lambda: OPT.schedules.PiecewiseConstantDecay([1], [1.0]),
    "has no __call__": lambda: OPT.schedules.LearningRateSchedule()(1),
    "the loss must be .*did you mean": lambda: LOSS.get("mean_square_error"),
    "loss must be a name, such as": lambda: LOSS.get(3),
    "a config of loss has the keys": lambda: LOSS.get({"name": "mse"}),
    "a loss is a function of": lambda: LOSS.LossFunctionWrapper("mse"),
    "Loss has no call": lambda: LOSS.Loss()([1.0], [1.0]),
    "reduction must be": lambda: LOSS.MeanSquaredError(reduction="median"),
    "there is sparse_categorical_crossentropy": lambda: LOSS.CategoricalCrossentropy()(
        [1, 2], np.ones((2, 3))
    ),
    "label 5 at .* is out of range": lambda: LOSS.SparseCategoricalCrossentropy()(
        [5], np.ones((1, 3))
    ),
    "q is between 0 and 1": lambda: LOSS.CategoricalGeneralizedCrossEntropy(q=2.0),
    "y_true is .N, L. and y_pred": lambda: LOSS.ctc([1], np.ones((1, 2))),
    "the metric must be": lambda: MET.get("acuracy"),
    "thresholds lie between 0 and 1": lambda: MET.Precision(thresholds=1.5),
    "class_id needs outputs": lambda: MET.Precision(class_id=1)([1.0], [0.5]),
    "num_labels is for multi_label": lambda: MET.AUC(num_labels=2),
    "num_thresholds must be above 1": lambda: MET.AUC(num_thresholds=1),
    "curve must be": lambda: MET.AUC(curve="roc2"),
    "multi_label takes outputs": lambda: MET.AUC(multi_label=True)([1.0], [0.5]),
    "the bound lies between 0 and 1": lambda: MET.PrecisionAtRecall(2.0),
    "num_thresholds is at least 1": lambda: MET.PrecisionAtRecall(0.5, num_thresholds=0),
    "y_true and y_pred are .N, D.": lambda: MET.F1Score()([1.0], [1.0]),
    "beta must be positive": lambda: MET.FBetaScore(beta=0.0),
    "threshold is above 0": lambda: MET.F1Score(threshold=2.0),
    "num_regressors is not negative": lambda: MET.R2Score(num_regressors=-1),
    "classes are 0 to 1": lambda: MET.IoU(2, [2]),
    "has no update_state": lambda: MET.Metric().update_state(1, 2),
    "has no result": lambda: MET.Metric().result(),
    "ModelCheckpoint: the file of a model ends in": lambda: CB.ModelCheckpoint("model.ckpt"),
    "the file of weights ends in": lambda: CB.ModelCheckpoint("m.keras", save_weights_only=True),
    "save_freq is 'epoch' or a number": lambda: CB.ModelCheckpoint("m.keras", save_freq="day"),
    "names 'gain', and there are": lambda: fitted(CB.ModelCheckpoint("{gain}.keras")),
    "factor lies between 0 and 1": lambda: CB.ReduceLROnPlateau(factor=2.0),
    "give mode='max' or mode='min'": lambda: fitted(CB.EarlyStopping("gain")),
    "LambdaCallback has no hook 'on_lunch'": lambda: CB.LambdaCallback(on_lunch=print),
    "the schedule gave 'x' for epoch 0": lambda: fitted(CB.LearningRateScheduler(lambda e: "x")),
    "saves after every epoch; leave save_freq": lambda: CB.BackupAndRestore("b", save_freq=10),
    "backup_dir names a folder": lambda: CB.BackupAndRestore(""),
    "OrbaxCheckpoint is not here; take": lambda: CB.OrbaxCheckpoint("folder"),
    "initializer must be .*did you mean": lambda: keras.initializers.get("glorot_uniforn"),
    "seed is a whole number or a keras.random": lambda: keras.initializers.HeNormal(seed="a"),
    "scale must be positive": lambda: keras.initializers.VarianceScaling(0.0),
    "mode must be 'fan_in'": lambda: keras.initializers.VarianceScaling(mode="fan"),
    "Orthogonal: two axes at least": lambda: keras.initializers.Orthogonal()((3,)),
    "Identity is for matrices": lambda: keras.initializers.Identity()((3,)),
    "the initial values are .3,., and should be": lambda: keras.initializers.get(np.ones(3))((4,)),
    "STFT is not here": lambda: keras.initializers.get("stft"),
    "l1 is a number from 0 on": lambda: keras.regularizers.L1(-1.0),
    "OrthogonalRegularizer is for matrices": lambda: keras.regularizers.OrthogonalRegularizer()(
        [1.0]
    ),
    "activation must be .*did you mean 'relu": lambda: keras.activations.get("relux"),
    "imdb is not here; nn.datasets.tiny_shakespeare": lambda: keras.datasets.imdb.load_data(),
    "cifar10 is not here; keras.datasets.mnist": lambda: keras.datasets.cifar10.load_data(),
    "boston_housing is not here; read a CSV": lambda: keras.datasets.boston_housing.load_data(),
    "classes go from 0 to 3, and num_classes is 2": lambda: keras.utils.to_categorical([0, 3], 2),
    "of a Tensor give num_classes": lambda: keras.utils.to_categorical(ag.Tensor([1])),
    "padding must be 'pre' or 'post'": lambda: keras.utils.pad_sequences([[1]], padding="left"),
    "takes a list of sequences": lambda: keras.utils.pad_sequences([1, 2]),
    "asks for dtype=object": lambda: keras.utils.pad_sequences([["a"]], value="b"),
    "an element is .1,., those of the first": lambda: keras.utils.pad_sequences([[1], [[1]]]),
    "give left_size or right_size": lambda: keras.utils.split_dataset([1, 2]),
    "do not give parts of 3 and": lambda: keras.utils.split_dataset([1, 2], 3),
    "get_file is not here; fetch it": lambda: keras.utils.get_file("a", "b"),
    "has no inputs and outputs yet: begin it with": lambda: keras.utils.plot_model(
        keras.Sequential([])
    ),
    "ImageDataGenerator is not here": lambda: keras.preprocessing.image.ImageDataGenerator(),
    "skipgrams is not here": lambda: keras.preprocessing.sequence.skipgrams([1], 2),
    "give num_words, or fit it": lambda: keras.preprocessing.text.Tokenizer().texts_to_matrix([""]),
    "fit it before mode='tfidf'": lambda: keras.preprocessing.text.Tokenizer(5).texts_to_matrix(
        [""], "tfidf"
    ),
    "mode must be 'binary'": lambda: keras.preprocessing.text.Tokenizer(5).texts_to_matrix(
        [""], "x"
    ),
    "nn.keras computes with chaingrad alone": lambda: keras.backend.set_backend("jax"),
    "the default stays 'channels_last'": lambda: keras.backend.set_image_data_format(
        "channels_first"
    ),
    "floatx must be 'float16'": lambda: keras.backend.set_floatx("int32"),
    "'flot' is no dtype": lambda: keras.backend.standardize_dtype("flot"),
    "model.optimizer.learning_rate = value": lambda: keras.backend.set_value(0.1, 0.2),
    "categorical: logits are .N, C.": lambda: keras.random.categorical([1.0], 2),
    "has no get_config.. to be saved by": lambda: keras.saving.serialize_keras_object(object()),
    "keras.ops.fft is not here; transform signals": lambda: keras.ops.fft(X),
    "inputs have 3, 4 or 5 axes": lambda: keras.ops.max_pool(X, 2),
    "reduction must be None or 'add'": lambda: keras.ops.scatter_update(
        X, [[0, 0]], [1.0], reduction="mul"
    ),
    "has no __len__": lambda: len(keras.utils.PyDataset()),
    "has no __getitem__": lambda: keras.utils.PyDataset()[0],
}


def built() -> Any:
    optimizer = OPT.AdamW()
    optimizer.build(variables())
    return optimizer


def stepped_on_others() -> None:
    built().apply([np.ones(3)], [ag.Tensor(np.ones(3), requires_grad=True)])


def fitted(callback: Any) -> None:
    model().fit(X, Y, verbose=0, callbacks=[callback])


@pytest.mark.parametrize("words", REFUSALS)
def test_what_is_refused_says_what_to_write(words: str) -> None:
    with pytest.raises(AutogradError, match=words) as caught:
        REFUSALS[words]()
    assert len(str(caught.value).splitlines()) <= 2


def test_old_names_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="lr is an old name; write learning_rate"):
        assert OPT.SGD(lr=0.3).learning_rate == 0.3
    with pytest.warns(UserWarning, match="decay is ignored, as in Keras 3; write .*InverseTime"):
        OPT.SGD(0.3, decay=1e-3)
    with pytest.warns(UserWarning, match="mode 'best' is taken as 'auto'"):
        CB.EarlyStopping(mode="best")
    with pytest.warns(
        UserWarning, match="EarlyStopping watches 'val_loss', and the logs have loss"
    ):
        fitted(CB.EarlyStopping())
    with pytest.warns(UserWarning, match="weights are cut to whole numbers, as in Keras"):
        MET.MeanIoU(2)([0, 1], [0, 1], [0.5, 1.0])


# ---- optimizers are optimizers of optim ----------------------------------------------------------

KINDS = [n for n, kind in OPT.TABLE.items() if issubclass(kind, OPT.Optimizer) and n != "Optimizer"]


def walk(optimizer: Any, params: list[Any], steps: range) -> None:
    for step in steps:
        for number, p in enumerate(params):
            p.grad = ag.Tensor(
                np.cos(np.arange(p.size, dtype="f") + step + number).reshape(p.shape)
            )
        optimizer.step()


@pytest.mark.parametrize("name", KINDS)
def test_a_state_saved_goes_on_to_the_same_numbers(name: str) -> None:
    options = {"learning_rate": 0.1, "weight_decay": 0.01, "use_ema": True}
    whole, begun = variables(), variables()
    one, two = (getattr(OPT, name)(**options) for _ in range(2))
    for optimizer, params in ((one, whole), (two, begun)):
        optimizer.build(params)
    walk(one, whole, range(6))
    walk(two, begun, range(3))
    on = [ag.Tensor(p.numpy(), requires_grad=True, name=p.name) for p in begun]
    three = getattr(OPT, name)(**options)
    three.build(on)
    three.load_state_dict(pickle.loads(pickle.dumps(two.state_dict())))
    walk(three, on, range(3, 6))
    assert three.iterations == 6
    for a, b in zip(whole, on, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("name", KINDS)
def test_optimizers_are_optims_own(name: str) -> None:
    optimizer = getattr(OPT, name)()
    assert isinstance(optimizer, optim.Optimizer)
    assert not optimizer.built
    optimizer.build(variables())
    assert optimizer.built
    optimizer.zero_grad()
    optimizer.learning_rate = 0.25
    assert optimizer.learning_rate == optimizer.lr == 0.25
    assert optimizer.learning_rate.numpy() == np.float32(0.25)
    optimizer.learning_rate.assign(0.5)
    assert optimizer.param_groups[0]["lr"] == 0.5
    again = copy.deepcopy(optimizer)
    assert again.get_config() == optimizer.get_config()


def test_a_rate_may_be_a_function_without_arguments() -> None:
    rates = iter([0.5, 0.25])
    optimizer, (w, _) = OPT.SGD(lambda: next(rates)), variables()
    for _ in range(2):
        optimizer.apply_gradients([(np.ones(3), w)])
    np.testing.assert_allclose(w.numpy(), 0.25)


def test_iterations_can_be_set_as_keras_variables_are() -> None:
    optimizer = built()
    optimizer.iterations.assign(7)
    assert optimizer.iterations == 7 == optimizer.iterations.numpy()
    assert len(optimizer.variables) == 2


# ---- names, configs, objects of one's own --------------------------------------------------------

CHAPTERS = ["activations", "constraints", "initializers", "losses", "metrics", "optimizers",
            "regularizers"]  # fmt: skip


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_get_takes_what_keras_get_takes(chapter: str) -> None:
    room = getattr(keras, chapter)
    name, kind = next(
        (n, k)
        for n, k in room.TABLE.items()
        if (n[0].isupper() and n != "STFT") or chapter[0] == "a"
    )
    if chapter == "metrics":
        kind = room.Precision
    made = room.get(kind)
    assert room.get(made) is made
    assert room.get(None) is (room.linear if chapter == "activations" else None)
    if chapter != "activations":
        assert type(made) is kind
        config = room.serialize(made)
        assert type(room.get(config)) is type(room.deserialize(config)) is kind
    else:
        assert room.serialize(made) == name
        assert room.deserialize(name) is kind
    with keras.saving.custom_object_scope({"mine": kind}):
        assert type(room.get("mine")) is type(made)
    with pytest.raises(AutogradError):
        room.get("mine")


def test_registered_classes_are_known_by_name() -> None:
    @keras.saving.register_keras_serializable("Mine")
    class Tenfold(keras.constraints.Constraint):
        def __call__(self, w: Any) -> Any:
            return 10 * w

    try:
        assert isinstance(keras.constraints.get("Tenfold"), Tenfold)
        assert (
            keras.saving.get_registered_object(keras.saving.get_registered_name(Tenfold)) is Tenfold
        )
    finally:
        keras.saving.get_custom_objects().clear()


# ---- symbols, seeds, data, pictures --------------------------------------------------------------


@pytest.mark.parametrize("name", sorted({*keras.activations.TABLE} - {"threshold", "sparsemax"}))
def test_activations_take_symbols_of_models(name: str) -> None:
    inputs = keras.Input((4,))
    outputs = keras.activations.get(name)(inputs)
    net = keras.Model(inputs, outputs)
    x = np.linspace(-2, 2, 8).reshape(2, 4).astype("f")
    found = np.asarray(net(x).detach())
    wanted = np.asarray(ag.asarray(keras.activations.get(name)(x)).detach())
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_ops_take_symbols_of_models() -> None:
    inputs = keras.Input((4,))
    ops = keras.ops
    outputs = ops.sum(ops.exp(ops.maximum(inputs, 0.0)) * ops.sigmoid(inputs), axis=-1)
    x = np.linspace(-2, 2, 8).reshape(2, 4).astype("f")
    wanted = np.sum(np.exp(np.maximum(x, 0)) / (1 + np.exp(-x)), axis=-1)
    np.testing.assert_allclose(keras.Model(inputs, outputs)(x).numpy(), wanted, rtol=1e-5)


def test_a_seed_gives_everything_again() -> None:
    drawn = []
    for _ in range(2):
        keras.utils.set_random_seed(5)
        seeds = keras.random.SeedGenerator(3)
        drawn.append([
            keras.initializers.HeNormal()((2, 3)), keras.random.normal((2,)),
            keras.random.uniform((2,), seed=seeds), keras.random.randint((3,), 0, 9),
            keras.random.truncated_normal((4,)), keras.random.shuffle(np.arange(5)),
            keras.random.categorical(np.zeros((2, 3), "f"), 4), keras.random.gamma((2,), 2.0),
            keras.random.beta((2,), 2.0, 3.0), keras.random.binomial((2,), 5, 0.5),
            keras.random.dropout(np.ones(6, "f"), 0.5), np.random.rand(2),  # noqa: NPY002
        ])  # fmt: skip
    for a, b in zip(*drawn, strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
    assert (seeds.next() != seeds.next()).any()


def test_dropout_keeps_the_mean_and_truncation_two_deviations() -> None:
    kept = keras.random.dropout(np.ones(20000, "f"), 0.25, seed=0).numpy()
    np.testing.assert_allclose(sorted({*kept.tolist()}), [0, 4 / 3], rtol=1e-6)
    np.testing.assert_allclose(kept.mean(), 1, atol=0.03)
    drawn = keras.random.truncated_normal((20000,), 1.0, 0.5, seed=0).numpy()
    assert np.abs(drawn - 1).max() <= 1


def test_a_model_is_fed_by_a_py_dataset_and_a_split() -> None:
    class Batches(keras.utils.Sequence):
        ended = 0

        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> Any:
            return X[2 * index : 2 * index + 2], Y[2 * index : 2 * index + 2]

        def on_epoch_end(self) -> None:
            self.ended += 1

    data = Batches(workers=2)
    model().fit(data, epochs=2, verbose=0)
    assert data.ended == 2
    left, right = keras.utils.split_dataset((X, Y), right_size=0.25, shuffle=True, seed=0)
    assert (len(left), len(right)) == (6, 2)
    model().fit(left, validation_data=right, verbose=0)


def test_a_progbar_shows_means_and_states(capsys: pytest.CaptureFixture[str]) -> None:
    bar = keras.utils.Progbar(4, verbose=2, stateful_metrics=["rate"])
    for step in range(4):
        bar.add(1, [("loss", float(step)), ("rate", float(step))])
    shown = capsys.readouterr().out
    assert "4/4" in shown
    assert "loss: 1.5000" in shown
    assert "rate: 3.0000" in shown


def test_a_picture_of_a_model_is_saved(tmp_path: Path) -> None:
    keras.utils.plot_model(model(), tmp_path / "model.html", show_shapes=True)
    assert (tmp_path / "model.html").read_text(encoding="utf-8").startswith("<")


def test_data_sets_are_those_of_nn(monkeypatch: pytest.MonkeyPatch) -> None:
    from nn import datasets

    for name in ("mnist", "fashion_mnist"):
        monkeypatch.setattr(datasets, name, lambda path=None, name=name: (name, path))
        assert getattr(keras.datasets, name).load_data() == (name, None)


def test_settings_are_those_of_chaingrad() -> None:
    backend = keras.backend
    assert (backend.floatx(), backend.epsilon(), backend.image_data_format()) == (
        "float32", 1e-7, "channels_last",
    )  # fmt: skip
    backend.set_floatx("float64")
    try:
        assert ag.get_default_dtype() == np.float64
        assert keras.initializers.Zeros()((2,)).dtype == np.float64
    finally:
        backend.set_floatx("float32")
    backend.set_epsilon(1e-3)
    try:
        assert float(keras.losses.binary_crossentropy([0.0], [1.0])) == pytest.approx(
            -np.log(1e-3), rel=1e-3
        )
    finally:
        backend.set_epsilon(1e-7)
    w = ag.Tensor([1.0, 2.0])
    backend.set_value(w, 3.0)
    assert backend.get_value(w).tolist() == [3.0, 3.0]
    assert backend.result_type("float16", "float32") == "float32"
    assert (backend.is_float_dtype("float16"), backend.is_int_dtype("uint8")) == (True, True)


def test_results_of_metrics_are_numbers_with_a_numpy() -> None:
    result = keras.metrics.Mean()([1.0, 2.0])
    assert f"{result:.2f}" == "1.50"
    assert result.numpy() == np.float32(1.5)


def test_verbose_callbacks_print_what_keras_prints(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    net = model(keras.optimizers.SGD(0.0))
    path = str(tmp_path / "best.keras")
    net.fit(X, Y, epochs=4, verbose=0, callbacks=[
        CB.ReduceLROnPlateau("loss", patience=1, verbose=1, factor=0.5),
        CB.EarlyStopping("loss", patience=2, verbose=1, restore_best_weights=True),
        CB.ModelCheckpoint(path, "loss", verbose=1, save_best_only=True),
        CB.LearningRateScheduler(lambda epoch, rate: 0.0, verbose=1),
    ])  # fmt: skip
    shown = capsys.readouterr().out
    for words in ("Epoch 1: LearningRateScheduler setting learning rate to 0.0.",
                  "Epoch 1: loss improved from None to", f"saving model to {path}",
                  "Epoch 3: loss did not improve from", "Epoch 3: early stopping",
                  "Restoring model weights from the end of the best epoch: 1."):  # fmt: skip
        assert words in shown


def test_nan_ends_a_training(capsys: pytest.CaptureFixture[str]) -> None:
    net = model()
    net.fit(
        np.where(X > 0.9, np.nan, X),
        Y,
        epochs=5,
        batch_size=2,
        verbose=0,
        callbacks=[CB.TerminateOnNaN()],
    )
    assert "Invalid loss, terminating training" in capsys.readouterr().out
    assert len(net.history.epoch) == 1


OLD: dict[str, Callable[[Any], Any]] = {
    "mean": lambda K: K.mean(K.square(X - 1), axis=-1),
    "dice": lambda K: 2 * K.sum(K.flatten(X) * K.flatten(X)) / (K.sum(X) + K.epsilon()),
    "recall": lambda K: K.sum(K.round(K.clip(X * X, 0, 1))),
    "cast": lambda K: K.cast(K.equal(K.argmax(X, axis=-1), 1), K.floatx()),
    "crossentropy": lambda K: K.binary_crossentropy(
        K.constant([[1.0, 0.0]]), K.constant([[0.3, 0.4]])
    ),
    "shapes": lambda K: K.permute_dimensions(K.reshape(X, (2, 4, 3)), (0, 2, 1)),
    "unit": lambda K: K.l2_normalize(X, axis=-1),
    "switch": lambda K: K.switch(X > 0, X, lambda: -X),
    "made": lambda K: K.concatenate([K.ones((2, 3)), K.zeros_like(X)], axis=0),
    "read": lambda K: K.eval(K.variable(X)) + K.get_value(K.pow(X, 2)),
}
WANTED: dict[str, Any] = {
    "mean": ((X - 1) ** 2).mean(-1), "dice": 2 * (X * X).sum() / (X.sum() + 1e-7),
    "recall": np.round(X * X).sum(), "cast": X.argmax(-1) == 1,
    "crossentropy": -np.log([[0.3, 0.6]]), "shapes": X.reshape(2, 4, 3).transpose(0, 2, 1),
    "unit": X / np.sqrt((X * X).sum(-1, keepdims=True)), "switch": np.abs(X),
    "made": np.concatenate([np.ones((2, 3)), np.zeros_like(X)]), "read": X + X * X,
}  # fmt: skip


@pytest.mark.parametrize("name", OLD)
def test_the_old_backend_means_what_it_did(name: str) -> None:
    found = OLD[name](keras.backend)
    found = found.detach() if isinstance(found, ag.Tensor) else found
    np.testing.assert_allclose(np.asarray(found, float), WANTED[name], rtol=1e-4, atol=1e-6)


def test_every_function_of_the_old_backend_can_be_called() -> None:
    from nn.keras import legacy

    for name in legacy.TABLE:
        assert callable(getattr(keras.backend, name))
    for name in (*legacy.REFUSED, "fft"):
        with pytest.raises(AttributeError, match=f"keras.backend has no '{name}'; "):
            getattr(keras.backend, name)


def test_the_page_lists_what_is_refused() -> None:
    page = (Path(__file__).parent.parent / "docs" / "from_keras.md").read_text(encoding="utf-8")
    listed = page.partition("say what to write instead when they are called:")[2]
    names, _, ops = listed.partition("Of `keras.ops` these:")
    ops = ops.partition(".\n")[0]
    shown = {name.rpartition(".")[2] for name in names.split("`")[1::2]}
    rooms = [keras.optimizers, keras.callbacks, keras.initializers, keras.utils, keras.saving]
    rooms += [keras.preprocessing.image, keras.preprocessing.sequence]
    refused = {n for room in rooms for n in dir(room) if getattr(room, n).__doc__ == "Not here."}
    refused -= {"stft", "STFTInitializer"}  # other spellings
    assert shown == refused | {*keras.datasets.__all__} - {"mnist", "fashion_mnist"}
    assert {*ops.split("`")[1::2]} == {*keras.ops.REFUSED}
