"""Training by several processes gives the numbers of one, and the same ones at every run."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

import autograd as ag
import autograd.distributed as dist
import nn
import optim
from autograd.distributed import alone
from autograd.errors import DistributedError, NaNError
from nn import keras
from nn.data import DataLoader, DistributedSampler, TensorDataset
from nn.training.together import processes

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.standard_normal((29, 1, 8, 8)), RNG.integers(0, 3, 29)
ROWS, VALUES = RNG.standard_normal((29, 6)), RNG.standard_normal((29, 2))


@pytest.fixture(autouse=True)
def in_double():
    before = ag.get_default_dtype()
    ag.set_default_dtype("float64")
    yield
    ag.set_default_dtype(before)


@pytest.fixture
def by_one(monkeypatch):
    """Runs a function as a process alone would."""

    def run(function: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(alone, "joined", lambda: (0, 1))
            assert processes() is None
            return function()

    return run


def numbers(model: nn.Module) -> dict[str, Any]:
    return {name: np.array(value.numpy()) for name, value in model.state_dict().items()}


def same(found: Any, wanted: Any, **close: float) -> None:
    assert found.keys() == wanted.keys()
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], **close, err_msg=name)


# ---- fit, evaluate, predict ----------------------------------------------------------------------


def convolutional() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3),
        nn.Flatten(), nn.Linear(144, 20, bias=False), nn.BatchNorm1d(20), nn.Tanh(),
        nn.Dropout(0.5), nn.Linear(20, 3),
    )  # fmt: skip


def dense() -> nn.Sequential:
    return nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.AlphaDropout(0.2), nn.Linear(8, 2))


def weighted() -> Any:
    return nn.CrossEntropyLoss(weight=ag.Tensor([0.2, 1.0, 3.0]), ignore_index=1)


def worst(y: Any, p: Any) -> Any:
    return np.max(np.abs(y - p))


FITS: dict[str, tuple[Any, Any, Any, dict[str, Any], dict[str, Any]]] = {
    # data, model, loss, how it is compiled besides, how it is fitted
    "images": ((IMAGES, LABELS), convolutional, nn.CrossEntropyLoss, {"metrics": "accuracy"},
               {"validation_split": 0.2}),
    "weights of classes": ((IMAGES, LABELS), convolutional, weighted, {}, {}),
    "a sum": ((ROWS, VALUES), dense, lambda: nn.MSELoss(reduction="sum"), {"metrics": "mae"},
              {"batch_size": 10}),
    "clipped": ((ROWS, VALUES), dense, nn.MSELoss, {"clip_norm": 0.1}, {}),
    "batches of one": ((ROWS[:5], VALUES[:5]), dense, nn.MSELoss, {}, {"batch_size": 1}),
    "a loss of one's own": ((ROWS, VALUES), dense,
                            lambda: lambda out, y: ((out - y) ** 4).mean(), {}, {}),
    "a metric of one's own": ((ROWS, VALUES), dense, nn.MSELoss, {"metrics": [worst]}, {}),
    "compiled": ((ROWS, VALUES), dense, nn.MSELoss, {"jit_compile": True}, {}),
    "compiled, with all that may be": (
        (ROWS, LABELS[: len(ROWS)]), lambda: nn.Sequential(dense(), nn.Linear(2, 3)), weighted,
        {"jit_compile": True, "metrics": "accuracy", "clip_norm": 0.2}, {"validation_split": 0.2},
    ),
    "compiled, a sum": ((ROWS, VALUES), dense, lambda: nn.MSELoss(reduction="sum"),
                        {"jit_compile": True, "metrics": "mae"}, {"batch_size": 12}),
    "the whole": ((ROWS, VALUES), dense, nn.MSELoss, {}, {"batch_size": 29}),
}  # fmt: skip


def fitted(case: str, optimizer: Any = None, **more: Any) -> Any:
    (x, y), make, loss, told, options = FITS[case]
    _ = nn.manual_seed(4)
    model = make()
    made = (optimizer or (lambda p: optim.Adam(p, lr=0.01)))(model.parameters())
    model.compile(optimizer=made, loss=loss(), **told)
    history = model.fit(x, y, **{"epochs": 2, "batch_size": 8, "verbose": 0} | options | more)
    scores = model.evaluate(x, y, batch_size=7)
    outputs = model.predict(x, batch_size=3 if len(x) > 5 else 2)
    return history.history | {f"final {n}": v for n, v in scores.items()} | {
        "outputs": outputs, **numbers(model)
    }  # fmt: skip


@pytest.mark.parametrize("case", FITS)
def test_fit_evaluate_and_predict_are_those_of_one_process(case, by_one):
    same(fitted(case), by_one(lambda: fitted(case)), **CLOSE)


@pytest.mark.parametrize("clip_norm", [None, 0.5])
def test_a_plan_holds_the_whole_step_with_its_exchanges(clip_norm):
    _ = nn.manual_seed(4)
    model = dense()
    model.compile(optimizer=optim.Adam(model.parameters(), lr=0.01), loss="mse",
                  jit_compile=True, clip_norm=clip_norm)  # fmt: skip
    for _ in range(2):
        model.fit(ROWS[:24], VALUES[:24], batch_size=8, epochs=1, verbose=0)
    jit = model._compiled.jit
    assert jit.takes_steps
    if dist.get_world_size() > 1:
        told = str(jit._made["taught together"].program)
        assert told.count("begin_average") == 1
        assert "all_gather" in told


def test_a_run_gives_the_numbers_of_the_last_one_bit_for_bit():
    same(fitted("images"), fitted("images"), rtol=0, atol=0)


def test_all_processes_have_the_same_numbers_bit_for_bit(size):
    found = fitted("images")
    every: list[Any] = [None] * size
    dist.all_gather_object(every, found)
    for theirs in every:
        same(theirs, found, rtol=0, atol=0)


def test_models_and_orders_need_not_be_seeded(rank, size):
    _ = nn.manual_seed(100 + rank)
    model = dense()
    model.compile(optimizer="adam", loss="mse")
    model.fit(ROWS, VALUES, epochs=1, verbose=0)
    every: list[Any] = [None] * size
    dist.all_gather_object(every, numbers(model))
    for theirs in every:
        same(theirs, every[0], rtol=0, atol=0)


def test_a_loader_whose_sampler_shares_is_not_shared_again(by_one, rank, size):
    def run(parts: int, place: int) -> Any:
        _ = nn.manual_seed(4)
        model = dense()
        model.compile(optimizer=optim.SGD(model.parameters(), lr=0.1), loss="mse", metrics="mae")
        data = TensorDataset(ROWS[:24], VALUES[:24])
        loader = DataLoader(data, 8 // parts, sampler=DistributedSampler(data, parts, place))
        found = model.fit(loader, epochs=2, verbose=0).history
        return found | model.evaluate(loader) | {"outputs": model.predict(loader)} | numbers(model)

    same(run(size, rank), by_one(lambda: run(1, 0)), **CLOSE)


def test_examples_that_a_sampler_has_twice_are_evaluated_once(by_one, rank, size):
    _ = nn.manual_seed(4)
    model = dense()
    model.compile(optimizer="sgd", loss="mse", metrics="mae")
    data = TensorDataset(ROWS, VALUES)  # 29: the sampler pads them
    found = model.evaluate(DataLoader(data, 4, sampler=DistributedSampler(data)))
    same(found, by_one(lambda: model.evaluate(ROWS, VALUES)), **CLOSE)


def test_keras_models_are_fitted_as_by_one_process(by_one):
    def run() -> Any:
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [keras.layers.Input((6,)), keras.layers.Dense(8, "tanh"), keras.layers.Dropout(0.3),
             keras.layers.Dense(2)]
        )  # fmt: skip
        model.compile("adam", "mse", metrics=["mae"])
        weights = np.arange(1.0, 30)
        found = model.fit(ROWS, VALUES, 8, 2, verbose=0, sample_weight=weights).history
        loss, mae = model.evaluate(ROWS, VALUES, verbose=0)
        return found | {"final": [loss, mae], "outputs": model.predict(ROWS, verbose=0)}

    same(run(), by_one(run), rtol=1e-5, atol=1e-6)  # Keras' weights are float32


# ---- what is agreed upon -------------------------------------------------------------------------


class Watching(nn.callbacks.Callback):
    """Ends the training on one process alone, after some epochs."""

    def __init__(self, rank: int, last: int) -> None:
        self.ends, self.last, self.seen = rank == 1, last, []

    def on_epoch_end(self, epoch: int, logs: Any) -> None:
        self.seen.append(dict(logs))
        if self.ends and epoch == self.last:
            self.model.stop_training = True


def test_training_ends_on_all_processes_at_once(rank, size):
    watching = Watching(rank, 1)
    fitted("clipped", epochs=9, callbacks=[watching])
    every: list[Any] = [None] * size
    dist.all_gather_object(every, watching.seen)
    assert all(seen == every[0] for seen in every)
    assert len(every[0]) == 2


def test_early_stopping_and_lower_rates_are_those_of_one_process(by_one):
    def run() -> Any:
        stop = nn.callbacks.EarlyStopping("loss", patience=1, min_delta=0.05)
        lower = nn.callbacks.ReduceLROnPlateau("loss", patience=0, min_delta=0.1)
        found = fitted("clipped", epochs=12, callbacks=[stop, lower])
        assert 1 < len(found["loss"]) < 12
        return found

    same(run(), by_one(run), **CLOSE)


def test_the_first_process_writes(tmp_path, rank):
    saved = nn.callbacks.ModelCheckpoint(tmp_path / "m{epoch}.safetensors")
    log = nn.callbacks.CSVLogger(tmp_path / "log.csv")
    fitted("clipped", callbacks=[saved, log])
    dist.barrier()
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == ([] if rank else ["log.csv", "m1.safetensors", "m2.safetensors"])


def test_the_first_process_prints(capsys, tmp_path, rank):
    stop = nn.callbacks.EarlyStopping("loss")
    fitted("clipped", verbose=2, callbacks=[stop])
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    rates = keras.callbacks.LearningRateScheduler(lambda epoch, lr: lr / 2, verbose=1)
    saved = keras.callbacks.ModelCheckpoint(tmp_path / "m{epoch}.keras", verbose=1)
    model.fit(ROWS, VALUES, epochs=2, callbacks=[rates, saved])
    model.predict(ROWS)
    assert bool(capsys.readouterr().out) == (rank == 0)
    assert len([*tmp_path.iterdir()]) == (0 if rank else 2)


def test_not_a_number_is_told_with_its_rank(rank, size):
    x = ROWS.copy()
    x[1] = np.nan  # which rank 1 has
    _ = nn.manual_seed(4)
    model = nn.Sequential(nn.Linear(6, 2))
    model.compile(optimizer="sgd", loss="mse")
    with pytest.raises(NaNError, match=r"rank 1: .*nan in epoch 1, step 1") as caught:
        model.fit(x, VALUES, batch_size=29, verbose=0, shuffle=False)
    assert ("training ends on all ranks" in str(caught.value)) == (rank != 1)
    dist.barrier()


def test_another_model_on_a_rank_is_named(rank):
    model = nn.Sequential(nn.Linear(6, 3 if rank == 1 else 2))
    model.compile(optimizer="sgd", loss="mse")
    with pytest.raises(DistributedError, match=r"on rank 1 .*0\.weight, .*\(3, 6\), .*\(2, 6\)"):
        model.fit(ROWS, VALUES, verbose=0)


def test_a_parameter_that_is_frozen_on_a_rank_is_named(rank):
    model = nn.Sequential(nn.Linear(6, 2))
    model[0].bias.requires_grad_(rank != 1)
    model.compile(optimizer="sgd", loss="mse")
    with pytest.raises(DistributedError, match=r"on rank 1 .*: frozen 0\.bias"):
        model.fit(ROWS, VALUES, verbose=0)


STARTS = {  # what one process does before, and what is said of it
    "a backup": "the first epoch: 0, where rank 0 has 1",  # in a folder that it alone sees
    "an epoch": "the first epoch: 0, where rank 0 has 2",
    "a rate": "lr of the optimizer's group 0: 0.1, where rank 0 has 0.2",
    "a checkpoint": "parameters with a state in the optimizer: 0, where rank 0 has 2",
}


@pytest.mark.parametrize("other", STARTS)
def test_another_start_on_a_rank_is_told(other, tmp_path, rank):
    is_first = rank == 0
    model = nn.Sequential(nn.Linear(6, 2))
    lr = 0.2 if other == "a rate" and is_first else 0.1
    model.compile(optimizer=optim.Adam(model.parameters(), lr=lr), loss="mse")
    if other == "a checkpoint" and is_first:
        model(ag.Tensor(ROWS)).sum().backward()
        model.optimizer.step()
    options: dict[str, Any] = {"epochs": 1, "verbose": 0}
    if other == "a backup":
        path = tmp_path / "kept.safetensors"
        options["callbacks"] = [nn.callbacks.BackupAndRestore(path, delete_checkpoint=False)]
        model.fit(ROWS, VALUES, **options)
    options["initial_epoch"] = 2 if other == "an epoch" and is_first else 0
    with pytest.raises(DistributedError, match=rf"begins elsewhere than rank 0: {STARTS[other]}"):
        model.fit(ROWS, VALUES, **options | {"epochs": 4})
    dist.barrier()


def test_other_data_on_a_rank_are_told(rank, size):
    model = nn.Sequential(nn.Linear(6, 2))
    model.compile(optimizer="sgd", loss="mse")
    rows = 29 if rank else 8
    with pytest.raises(DistributedError, match=r"1, 4.* batches by rank"):
        model.fit(ROWS[:rows], VALUES[:rows], batch_size=8, verbose=0)


# ---- a loop of one's own, as PyTorch's programs write it -----------------------------------------


def test_a_loop_with_ddp_and_a_sampler_is_that_of_one_process(rank, size):
    data = TensorDataset(IMAGES[:24], LABELS[:24])

    def run(parts: int, place: int) -> Any:
        _ = nn.manual_seed(4)
        model: Any = nn.SyncBatchNorm.convert_sync_batchnorm(convolutional())
        wrapped = nn.parallel.DistributedDataParallel(model) if parts > 1 else model
        if parts == 1:
            for layer in model.modules():
                if isinstance(layer, nn.SyncBatchNorm):
                    layer.process_group = alone_here
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        sampler = DistributedSampler(data, parts, place)
        loader = DataLoader(data, 8 // parts, sampler=sampler)
        losses = []
        for epoch in range(2):
            sampler.set_epoch(epoch)
            for x, y in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(wrapped(x), y)
                loss.backward()
                optimizer.step()
                told = loss.detach().copy()
                losses.append((dist.all_reduce(told, "avg") if parts > 1 else told).item())
        return {"losses": losses} | numbers(model)

    alone_here = [dist.new_group([r]) for r in range(size)][rank]
    same(run(size, rank), run(1, 0), **CLOSE)


@pytest.mark.parametrize("kind", [optim.SGD, optim.Adam])
def test_a_loop_that_accumulates_clips_and_lowers_its_rate_is_that_of_one_process(kind, rank, size):
    data = TensorDataset(IMAGES[:24], LABELS[:24])

    def make() -> Any:
        layers = [nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Dropout(0.3), nn.Flatten()]
        return nn.Sequential(*layers, nn.Linear(144, 3))

    def run(parts: int, place: int) -> Any:
        _ = nn.manual_seed(4)
        model: Any = make()
        called = nn.parallel.DistributedDataParallel(model) if parts > 1 else model
        if parts > 1 and kind is optim.Adam:
            optimizer: Any = optim.ZeroRedundancyOptimizer(model.parameters(), kind, lr=0.05)
        else:
            optimizer = kind(model.parameters(), lr=0.05)
        rates = optim.lr_scheduler.CosineAnnealingLR(optimizer, 6)
        loader = DataLoader(data, 4 // parts, sampler=DistributedSampler(data, parts, place))
        losses, norms = [], []
        for number, (x, y) in enumerate(loader):
            is_last = number % 3 == 2
            with nullcontext() if is_last or parts == 1 else called.no_sync():
                loss = nn.functional.cross_entropy(called(x), y)
                (loss / 3).backward()
            told = loss.detach().copy()
            losses.append((dist.all_reduce(told, "avg") if parts > 1 else told).item())
            if is_last:
                norms.append(nn.utils.clip_grad_norm_(model.parameters(), 0.2).item())
                optimizer.step()
                optimizer.zero_grad()
                rates.step()
        return {"losses": losses, "norms": norms, **numbers(model)}

    same(run(size, rank), run(1, 0), **CLOSE)


# ---- batch norm ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(12, 3), (12, 3, 5), (8, 2, 3, 4)])
@pytest.mark.parametrize("affine", [True, False])
def test_sync_batch_norm_has_the_outputs_and_gradients_of_one_batch(shape, affine, rank, size):
    x = np.random.default_rng(1).standard_normal(shape) + 3
    cotangent = np.random.default_rng(2).standard_normal(shape)
    kind = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d}[len(shape)]
    whole = kind(shape[1], affine=affine)
    mine = nn.SyncBatchNorm.convert_sync_batchnorm(kind(shape[1], affine=affine))
    assert type(mine) is nn.SyncBatchNorm
    one, part = (ag.Tensor(a, requires_grad=True) for a in (x, x[rank::size]))
    y_whole, y = whole(one), mine(part)
    (y_whole * cotangent).sum().backward()
    (y * cotangent[rank::size]).sum().backward()
    np.testing.assert_allclose(y.detach(), y_whole.detach()[rank::size], **CLOSE)
    np.testing.assert_allclose(part.grad, one.grad[rank::size], **CLOSE)
    for p, q in zip(mine.parameters(), whole.parameters(), strict=True):
        np.testing.assert_allclose(dist.nn.all_reduce(p.grad), q.grad, **CLOSE)
    same(numbers(mine), numbers(whole), **CLOSE)


def test_sync_batch_norm_joins_shares_of_other_sizes(rank, size):
    x = np.random.default_rng(1).standard_normal((2 * size + 1, 3))
    part = x[2 * rank : 2 * rank + 2 + (rank == size - 1)]
    found = nn.SyncBatchNorm(3)(ag.Tensor(part)).detach().numpy()
    wanted = nn.BatchNorm1d(3)(ag.Tensor(x)).detach().numpy()
    np.testing.assert_allclose(found, wanted[2 * rank : 2 * rank + len(part)], **CLOSE)


def test_sync_batch_norm_has_second_derivatives(rank, size):
    x = np.random.default_rng(1).standard_normal((4 * size, 2))

    def double(layer: Any, mine: Any) -> Any:
        x = ag.Tensor(mine, requires_grad=True)
        (g,) = ag.grad((layer(x) ** 3).sum(), x, create_graph=True)
        return ag.grad((g**2).sum(), x)[0]

    found = double(nn.SyncBatchNorm(2), x[rank::size])
    np.testing.assert_allclose(found, double(nn.BatchNorm1d(2), x)[rank::size], 1e-9, 1e-9)
