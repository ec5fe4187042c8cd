"""Optimizers whose state is shared out: the steps of one process, with a part of its memory."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import autograd as ag
import autograd.distributed as dist
import nn
import nn.torch as torch
import optim
from autograd.distributed import alone
from autograd.errors import StateDictError, StateError

CLOSE = {"rtol": 1e-12, "atol": 1e-12}
SHAPES = [(7, 5), (5,), (1,), (3, 2, 4), (130, 11), ()]
OPTIMIZERS: dict[str, Any] = {
    "SGD": lambda p, make: make(p, optim.SGD, lr=0.1, momentum=0.9, weight_decay=0.01),
    "Adam": lambda p, make: make(p, optim.Adam, lr=0.1),
    "AdamW, amsgrad": lambda p, make: make(p, optim.AdamW, lr=0.1, amsgrad=True),
    "RMSprop": lambda p, make: make(p, optim.RMSprop, lr=0.1, momentum=0.5, centered=True),
    "Adagrad": lambda p, make: make(p, optim.Adagrad, lr=0.1),
    "Lion": lambda p, make: make(p, optim.Lion, lr=0.1),
    "Rprop": lambda p, make: make(p, optim.Rprop, lr=0.1),
    "Adafactor": lambda p, make: make(p, optim.Adafactor, lr=0.1),  # of whole parameters
    "Muon": lambda p, make: make([q for q in p if q.ndim == 2], optim.Muon, lr=0.1),
    "groups": lambda p, make: make(
        [{"params": p[:2], "lr": 0.3}, {"params": p[2:], "weight_decay": 0.1}], optim.Adam, lr=0.1),
}  # fmt: skip


def parameters() -> list[Any]:
    rng = np.random.default_rng(0)
    made = [ag.Tensor(rng.standard_normal(shape), requires_grad=True) for shape in SHAPES]
    for number, p in enumerate(made):
        p.name = f"p{number}"
    return made


def plain(params: Any, kind: Any, **options: Any) -> Any:
    return kind(params, **options)


def stepped(params: list[Any], optimizer: Any, steps: Any, mine: Any = lambda g: g) -> None:
    for number in steps:
        rng = np.random.default_rng(number)
        for place, p in enumerate(params):
            gradient = ag.Tensor(mine(rng.standard_normal(p.shape)))
            p.grad = None if place == 2 and number % 2 else gradient
        optimizer.step()


def same(found: list[Any], wanted: list[Any]) -> None:
    for p, q in zip(found, wanted, strict=True):
        np.testing.assert_allclose(p.detach(), q.detach(), **CLOSE)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_and_states_are_those_of_one_process(name, rank, size):
    ours, theirs = parameters(), parameters()
    shared = OPTIMIZERS[name](ours, optim.ZeroRedundancyOptimizer)
    whole = OPTIMIZERS[name](theirs, plain)
    for steps in (range(3), range(3, 5)):
        stepped(ours, shared, steps)
        stepped(theirs, whole, steps)
        for one in (shared, whole):
            one.param_groups[0]["lr"] = 0.05  # as a schedule does
    same(ours, theirs)
    shared.consolidate_state_dict(to=1)
    if rank != 1:
        with pytest.raises(StateError, match="consolidate_state_dict"):
            shared.state_dict()
        return
    found, wanted = shared.state_dict(), whole.state_dict()
    assert found["param_groups"] == wanted["param_groups"]
    assert found["state"].keys() == wanted["state"].keys()
    for number, entry in wanted["state"].items():
        assert found["state"][number].keys() == entry.keys()
        for key, value in entry.items():
            np.testing.assert_allclose(found["state"][number][key], value, **CLOSE)


def test_gradients_are_averaged_where_no_ddp_has_done_so(rank, size):
    for kind in (optim.Adam, optim.Adafactor):
        ours, theirs = parameters(), parameters()
        shared = optim.ZeroRedundancyOptimizer(ours, kind, lr=0.1, averages=True)
        stepped(ours, shared, range(3), lambda g: g * 2 * rank / (size - 1))  # their mean is g
        stepped(theirs, kind(theirs, lr=0.1), range(3))
        same(ours, theirs)


def kept(optimizer: Any) -> int:
    """How many bytes of state it keeps."""
    state = optimizer.optim.state if hasattr(optimizer, "optim") else optimizer.state
    return sum(v.nbytes for e in state.values() for v in e.values() if isinstance(v, ag.Tensor))


def test_the_memory_of_moments_is_divided_by_the_number_of_processes(size):
    shape = (1000, 64)
    ours, theirs = (ag.Tensor(np.zeros(shape), requires_grad=True) for _ in range(2))
    shared = optim.ZeroRedundancyOptimizer([ours], optim.Adam)
    whole = optim.Adam([theirs])
    stepped([ours], shared, [0])
    stepped([theirs], whole, [0])
    assert kept(whole) == 2 * theirs.nbytes
    assert kept(shared) == kept(whole) // size


def test_a_state_goes_on_in_any_number_of_processes():
    whole_params = parameters()
    whole = optim.Adam(whole_params, lr=0.1)
    stepped(whole_params, whole, range(3))
    ours = [ag.Tensor(p.detach().numpy(), requires_grad=True) for p in whole_params]
    for p, q in zip(ours, whole_params, strict=True):
        p.name = q.name
    shared = optim.ZeroRedundancyOptimizer(ours, optim.Adam, lr=0.5)
    shared.load_state_dict(whole.state_dict())
    stepped(ours, shared, range(3, 6))
    stepped(whole_params, whole, range(3, 6))
    same(ours, whole_params)


def test_what_does_not_fit_is_refused_and_changes_nothing():
    ours = parameters()
    shared = optim.ZeroRedundancyOptimizer(ours, optim.Adam, lr=0.1)
    stepped(ours, shared, range(2))
    with pytest.raises(StateDictError, match="does not fit this Adam"):
        shared.load_state_dict(optim.SGD(parameters()).state_dict())
    stepped(ours, shared, range(2, 3))
    theirs = parameters()
    stepped(theirs, optim.Adam(theirs, lr=0.1), range(3))
    same(ours, theirs)


def test_a_program_for_pytorch_shares_its_state(rank):
    shared_by = torch.distributed.optim.ZeroRedundancyOptimizer
    hooks = torch.distributed.algorithms.ddp_comm_hooks.default_hooks
    found = []
    for hook in (hooks.allreduce_hook, hooks.fp16_compress_hook):
        torch.manual_seed(0)
        model = torch.nn.Linear(4, 2)
        ddp = torch.nn.parallel.DistributedDataParallel(model)
        ddp.register_comm_hook(None, hook)
        optimizer = shared_by(ddp.parameters(), optimizer_class=torch.optim.Adam, lr=0.01)
        for _ in range(3):
            optimizer.zero_grad()
            (ddp(torch.ones(3, 4) * (rank + 1)) ** 2).mean().backward()
            optimizer.step()
        found.append(model.weight.detach().numpy())
        total = dist.all_reduce(ag.Tensor(kept(optimizer)))
        assert total.item() == 8 * sum(p.numel() for p in model.parameters())
    np.testing.assert_allclose(*found, rtol=1e-3)


# ---- checkpoints ---------------------------------------------------------------------------------


ROWS = np.random.default_rng(0).standard_normal((24, 6)).astype("float32")
VALUES = ROWS[:, :2] ** 2


def trained(path: Any, epochs: int, stops_after: int | None = None) -> Any:
    _ = nn.manual_seed(3)
    model = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 2))

    def make(params: Any) -> Any:
        return optim.ZeroRedundancyOptimizer(params, optim.Adam, lr=0.02)

    class Interrupt(nn.callbacks.Callback):
        comes_last = True

        def on_epoch_end(self, epoch: int, logs: Any) -> None:
            if epoch + 1 == stops_after:
                raise KeyboardInterrupt

    model.compile(optimizer=make, loss="mse")
    backup = nn.callbacks.BackupAndRestore(path)
    with suppress(KeyboardInterrupt):
        model.fit(
            ROWS, VALUES, batch_size=8, epochs=epochs, verbose=0, callbacks=[backup, Interrupt()]
        )
    return model.history.history["loss"]


def test_an_interrupted_training_goes_on(tmp_path_factory, monkeypatch, rank):
    folder = [str(tmp_path_factory.mktemp("backup")) if rank == 0 else None]
    dist.broadcast_object_list(folder)
    path = f"{folder[0]}/backup.safetensors"
    straight = trained(f"{folder[0]}/other.safetensors", 4)
    assert len(trained(path, 4, stops_after=1)) == 1
    dist.barrier()
    more = trained(path, 4, stops_after=2)  # by as many
    assert more == straight[:2]
    dist.barrier()
    if rank == 0:  # and by one alone
        with monkeypatch.context() as patch:
            patch.setattr(alone, "joined", lambda: (0, 1))
            patch.setattr(alone, "rank_and_size", lambda group=None: (0, 1))
            rest = trained(path, 4)
        np.testing.assert_allclose(rest, straight, rtol=1e-5)
    dist.barrier()
