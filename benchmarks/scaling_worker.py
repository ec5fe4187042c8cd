"""One process of a measurement of scaling: steps of training, and all-reduces by their size.

It is run by scaling.py: under mpiexec for chaingrad, by itself with RANK and WORLD_SIZE for PyTorch
and its gloo. The first process prints what was measured, as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import networks
import numpy as np
from data import images
from library import fill, open_library

MODELS: dict[str, dict[str, Any]] = {  # batch is that of one process
    "MLP": {"batch": 64}, "LeNet": {"batch": 64}, "ResNet-20": {"batch": 16}, "GPT": {"batch": 4},
}  # fmt: skip
TINY = {"MLP": 8, "LeNet": 8, "ResNet-20": 4, "GPT": 4}
GPT = {"vocabulary": 65, "length": 64, "width": 128, "heads": 4, "depth": 4}
SIZES = [1 << k for k in range(2, 25, 2)]  # bytes of an all-reduce


# ---- the same processes in both libraries --------------------------------------------------------


def in_chaingrad() -> Any:
    import autograd as ag
    import autograd.distributed as dist
    import nn
    from autograd.distributed.exchanges import SMALL, all_reduced
    from autograd.distributed.groups import group_of

    dist.init_process_group()
    group = group_of(None, "scaling")

    def reduce(array: Any) -> Any:
        return dist.all_reduce(ag.Tensor(array)).numpy()

    def average(array: Any) -> None:  # as DistributedDataParallel averages a bucket
        group.run("a bucket", all_reduced(group, array, dist.ReduceOp.AVG, None)).wait()

    number = np.zeros(1, np.float32)

    def few_bytes(bucket: Any) -> Any:  # as many messages as its average takes, of a number each
        def messages() -> Any:
            for _ in range(2 if bucket.nbytes > SMALL else 1):
                yield from all_reduced(group, number, dist.ReduceOp.AVG, None)

        return group.run(bucket.label, messages())

    return SimpleNamespace(
        rank=dist.get_rank(), size=dist.get_world_size(), barrier=dist.barrier, reduce=reduce,
        wrap=nn.parallel.DistributedDataParallel, integers=ag.Tensor, end=lambda: None,
        average=average, few_bytes=few_bytes, messages=lambda size: 2 if size > SMALL else 1,
    )  # fmt: skip


def in_torch() -> Any:
    import torch
    import torch.distributed as dist

    dist.init_process_group("gloo")

    def reduce(array: Any) -> Any:
        tensor = torch.from_numpy(array.copy())
        dist.all_reduce(tensor)
        return tensor.numpy()

    return SimpleNamespace(
        rank=dist.get_rank(), size=dist.get_world_size(), barrier=dist.barrier, reduce=reduce,
        wrap=torch.nn.parallel.DistributedDataParallel, integers=torch.tensor,
        end=dist.destroy_process_group,
    )  # fmt: skip


# ---- what is timed -------------------------------------------------------------------------------


def gpt(library: Any) -> Any:
    """Embeddings, blocks of a transformer, and logits."""
    nn, sizes = library.nn, SimpleNamespace(**GPT)

    class Decoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens = nn.Embedding(sizes.vocabulary, sizes.width)
            blocks = [networks.block(library, sizes.width, sizes.heads) for _ in range(sizes.depth)]
            self.blocks = nn.Sequential(*blocks)
            self.head = nn.Linear(sizes.width, sizes.vocabulary)

        def forward(self, x: Any) -> Any:
            return self.head(self.blocks(self.tokens(x))).reshape(-1, sizes.vocabulary)

    return Decoder()


def made(library: Any, processes: Any, name: str, batch: int) -> tuple[Any, Any, Any, str]:
    """A model, its input, the target, and the optimizer's name."""
    nn = library.nn
    if name == "GPT":
        numbers = np.random.default_rng(0).integers(0, GPT["vocabulary"], (2, batch, GPT["length"]))
        x, target = map(processes.integers, numbers)
        return gpt(library), x, target.reshape(-1), "Adam"
    if name == "MLP":
        layers = [nn.Linear(784, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU()]
        model = nn.Sequential(*layers, nn.Linear(1024, 10))
        x, target = map(library.constant, images((batch, 784)))
        return model, x, target, "Adam"
    shape = (batch, 1, 28, 28) if name == "LeNet" else (batch, 3, 32, 32)
    x, target = map(library.constant, images(shape))
    make = networks.lenet if name == "LeNet" else networks.resnet20
    return make(nn), x, target, "SGD"


def steps_of(
    library: Any, processes: Any, name: str, batch: int, ways: Sequence[str]
) -> list[Callable[[], None]]:
    """Steps of training of one model: "plain", "ddp", and what of the latter can be told apart.

    "alone" exchanges nothing; "null" does all that DDP does but for the gradients' way to the
    others, which stay as they are: copies, small messages, and waiting for the slowest; "few" sends
    as many messages as the gradients take, of a few bytes each, and so waits as often as "ddp".
    """
    model, x, target, kind = made(library, processes, name, batch)
    model = fill(library, model)
    whole = model if [*ways] == ["plain"] else processes.wrap(model)
    criterion = library.nn.CrossEntropyLoss()
    options = {"lr": 0.01, "momentum": 0.9} if kind == "SGD" else {}
    optimizer = getattr(library.optim, kind)(model.parameters(), **options)

    def step(called: Any) -> None:
        optimizer.zero_grad()
        criterion(called(x), target).backward()
        optimizer.step()

    def alone() -> None:
        with whole.no_sync():
            step(whole)

    def hooked(hook: Any) -> Callable[[], None]:  # one after another on one model
        def run() -> None:
            whole._reducer.hook = hook
            step(whole)
            whole._reducer.hook = None

        return run

    found = {"plain": lambda: step(model), "alone": alone, "null": hooked(lambda bucket: None),
             "few": hooked(getattr(processes, "few_bytes", None))}  # fmt: skip
    return [found.get(way, lambda: step(whole)) for way in ways]


def beside(steps: Sequence[Callable[[], None]], limit: float) -> tuple[list[float], float]:
    """The shortest times of two steps taken in turn, and how much more the second takes.

    The latter is the median over pairs of the process' own time, which what else runs on the
    machine disturbs least, in both orders: of one model in one memory.
    """
    for step in [*steps] * 3:
        step()
    walls, owns = [], []
    start = time.perf_counter()
    while len(owns) < 3 or (time.perf_counter() - start < 6 * limit and len(owns) < 2000):
        wall, own = [0.0, 0.0], [0.0, 0.0]
        for which in (0, 1) if len(owns) % 2 else (1, 0):
            before, spent = time.perf_counter(), time.process_time()
            steps[which]()
            wall[which], own[which] = time.perf_counter() - before, time.process_time() - spent
        walls.append(wall)
        owns.append(own)
    found: list[float] = np.min(walls, axis=0).tolist()
    return found, float(np.median([b / a for a, b in owns])) - 1


def seconds(
    processes: Any, steps: Sequence[Callable[[], Any]], limit: float, rounds: int = 6
) -> list[float]:
    """The shortest time of each of some steps, of runs of several in turn; the slowest process'."""
    rounds = rounds if limit > 0.01 else 1
    counts = []
    for step in steps:
        for _ in range(rounds // 3):
            step()
        start = time.perf_counter()
        step()
        took = np.array([time.perf_counter() - start])
        each = float(processes.reduce(took)[0]) / processes.size
        counts.append(max(1, min(50, int(limit / rounds / max(each, 1e-6)))))
    best = [float("inf")] * len(steps)
    for _ in range(rounds):
        for place, (step, count) in enumerate(zip(steps, counts, strict=True)):
            processes.barrier()
            start = time.perf_counter()
            for _ in range(count):
                step()
            processes.barrier()
            best[place] = min(best[place], (time.perf_counter() - start) / count)
    return best


def exchanges(processes: Any, reduce: Callable[[Any], Any], limit: float) -> dict[int, float]:
    """The shortest time of an all-reduce, by its bytes."""
    found = {}
    for size in SIZES:
        array = np.zeros(size // 4, np.float32)
        (found[size],) = seconds(processes, [lambda array=array: reduce(array)], limit)
    return found


def main(library_name: str, limit: float, is_tiny: bool) -> None:
    library = open_library(library_name)
    processes = in_torch() if library_name == "torch" else in_chaingrad()
    is_ours = library_name == "chaingrad"
    found: dict[str, Any] = {"steps": {}, "parameters": {}, "overhead": {}}
    for name, sizes in MODELS.items():
        batch = TINY[name] if is_tiny else sizes["batch"]
        model = made(library, processes, name, 1)[0]
        found["parameters"][name] = sum(int(np.prod(p.shape)) for p in model.parameters())
        if processes.size == 1 and is_ours:
            pair = steps_of(library, processes, name, batch, ("plain", "ddp"))
            (plain, ddp), found["overhead"][name] = beside(pair, limit)
            found["steps"] |= {f"{name} weak plain": plain, f"{name} weak ddp": ddp}
            continue
        ways = ("ddp", "alone", "null", "few") if is_ours else ("ddp",)
        for kind, own in (("weak", batch), ("strong", max(1, batch // processes.size))):
            some = ways if kind == "weak" else ("ddp",)
            steps = steps_of(library, processes, name, own, some)
            times = seconds(processes, steps, limit, 12)
            keys = [f"{name} {kind} {way}" for way in some]
            found["steps"] |= dict(zip(keys, times, strict=True))
    if processes.size > 1:
        found["exchanges"] = exchanges(processes, processes.reduce, limit / 4)
        if is_ours:
            found["averages"] = exchanges(processes, processes.average, limit / 4)
            found["messages"] = {size: processes.messages(size) for size in SIZES}
    if processes.rank == 0:
        print("MEASURED " + json.dumps(found), flush=True)
    processes.end()


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(__file__))
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3] == "tiny")
