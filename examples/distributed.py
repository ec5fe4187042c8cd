"""LeNet-5 on handwritten digits, trained by several processes: each has its share of every batch.

python -m autograd.distributed.run -n 2 -m examples.distributed
python -m examples.distributed             (one process: the same program, the same accuracy)
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
import autograd.distributed as dist
import nn
import optim
from examples.shared import options_of
from nn.data import DataLoader, DistributedSampler, TensorDataset


def main(arguments: Sequence[str] | None = None) -> dict[str, float]:
    options = options_of(
        __doc__, "distributed", epochs=5, examples=60_000, batch=64, seed=0
    ).parse_args(arguments)
    dist.init_process_group()
    try:
        return train(options)
    finally:
        dist.destroy_process_group()


def train(options: Any) -> dict[str, float]:
    rank, size = dist.get_rank(), dist.get_world_size()
    nn.manual_seed(options.seed)  # the same on all: so are the weights, and what dropout drops
    (x_train, y_train), (x_test, y_test) = nn.datasets.mnist()
    x_train = x_train[: options.examples, None] / np.float32(255)
    data = TensorDataset(x_train, y_train[: options.examples])
    sampler = DistributedSampler(data, seed=options.seed)
    loader = DataLoader(data, options.batch // size, sampler=sampler)  # a share of each batch

    model = nn.parallel.DistributedDataParallel(nn.models.LeNet5())
    optimizer = optim.Adam(model.parameters(), lr=0.002)
    rates = optim.lr_scheduler.OneCycleLR(
        optimizer, 0.005, total_steps=options.epochs * len(loader) + 1
    )
    criterion = nn.CrossEntropyLoss()
    for epoch in range(options.epochs):
        sampler.set_epoch(epoch)  # another order in each
        start, total = time.perf_counter(), 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()  # gradients are averaged while it goes on
            optimizer.step()
            rates.step()
            total += loss.item()
        mean = dist.all_reduce(ag.Tensor(total / len(loader)), "avg").item()
        if rank == 0:
            seconds = time.perf_counter() - start
            print(f"epoch {epoch + 1}  loss {mean:.4f}  {seconds:.1f} s, {size} processes")

    scores = tested(model, x_test[rank::size, None] / np.float32(255), y_test[rank::size])
    if rank == 0:
        print(f"test accuracy {scores['accuracy']:.2%}, loss {scores['loss']:.4f}")
    return scores


def tested(model: Any, x: Any, y: Any) -> dict[str, float]:
    """The accuracy and the loss over the test data of all processes."""
    model.eval()
    sums = np.zeros(3)  # losses, right answers, examples: means come last
    with ag.no_grad():
        for start in range(0, len(x), 500):
            part = slice(start, start + 500)
            out, labels = model(ag.Tensor(x[part])), y[part]
            loss = nn.functional.cross_entropy(out, ag.Tensor(labels), reduction="sum")
            right = np.sum(out.numpy().argmax(1) == labels)
            sums += loss.item(), right, len(labels)
    loss, right, count = dist.all_reduce(ag.Tensor(sums)).tolist()
    return {"accuracy": right / count, "loss": loss / count}


if __name__ == "__main__":
    main()
