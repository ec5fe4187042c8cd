"""One workload, in one library, in this process: `python workloads.py WORKLOAD LIBRARY`.

Prints one number, in the unit of the workload. `run.py` starts a fresh process for every number, so
that nothing that one library leaves behind (threads, memory, warm caches) reaches another.

chaingrad and PyTorch run the same lines; plain NumPy does the same arithmetic in `by_hand.py`.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np

CHAIN_STEPS = 100  # three operations each
SCALAR_STEPS = 334
ADDITIONS = 100_000
DEPTH = 1_000_000
MLP = [784, 256, 10]
DEEP_MLP = [1024] * 51
CHECKED_MLP = [20, 32, 32, 5]


@dataclass(frozen=True)
class Workload:
    """What is measured, in which unit, and how."""

    title: str
    unit: str
    run: Callable[[Any], float] | None  # takes a library from `open_library`
    libraries: tuple[str, ...] = ("chaingrad", "numpy", "torch")
    script: str = "workloads.py"


def open_library(name: str) -> Any:
    """The few names that the workloads use, from one of the libraries; None for NumPy by hand."""
    if name == "chaingrad":
        import autograd as ag
        import nn
        import optim

        return SimpleNamespace(
            leaf=lambda data: ag.Tensor(data, requires_grad=True), constant=ag.Tensor,
            tanh=ag.tanh, relu=ag.relu, no_grad=ag.no_grad, nn=nn, optim=optim,
            gradcheck=lambda f, inputs, options: ag.gradcheck(f, *inputs, **options),
        )  # fmt: skip
    if name == "torch":
        import torch

        torch.set_num_threads(2)
        return SimpleNamespace(
            leaf=lambda data: torch.tensor(data, requires_grad=True), constant=torch.tensor,
            tanh=torch.tanh, relu=torch.relu, no_grad=torch.no_grad, nn=torch.nn,
            optim=torch.optim,
            gradcheck=lambda f, inputs, options: torch.autograd.gradcheck(f, inputs, **options),
        )  # fmt: skip
    return None


def seconds(run: Callable[[], Any], least: float = 0.5) -> float:
    """Median time of one call, over calls that together take at least `least` seconds."""
    for _ in range(3):
        run()
    times: list[float] = []
    while sum(times) < least or len(times) < 5:
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return median(times)


# ---- chains --------------------------------------------------------------------------------------


def chain(library: Any, data: list[Any], steps: int) -> float:
    """x ← tanh(x·a + b) `steps` times, forward and backward: seconds.

    With a near 1 and b near 0 the gradient does not vanish: arithmetic on subnormal numbers is slow
    in every library, and would be all that is measured.
    """
    if library is None:
        from by_hand import chain

        return seconds(lambda: chain(*data, steps))
    x, a, b = leaves = [library.leaf(value) for value in data]

    def run() -> None:
        for leaf in leaves:
            leaf.grad = None
        y = x
        for _ in range(steps):
            y = library.tanh(y * a + b)
        y.sum().backward()

    return seconds(run)


def scalar_chain(library: Any) -> float:
    data = [np.float32(value) for value in (0.5, 1.0, 0.0)]
    return chain(library, data, SCALAR_STEPS) / (3 * SCALAR_STEPS) * 1e6


def array_chain(library: Any) -> float:
    rng = np.random.default_rng(0)
    ranges = [(0.5, 1.5), (0.95, 1.05), (-0.01, 0.01)]
    data = [rng.uniform(low, high, (32, 256)).astype(np.float32) for low, high in ranges]
    return chain(library, data, CHAIN_STEPS) * 1e3


def add_up(x: Any, count: int) -> None:
    """A chain of additions, forward and backward; it is dropped on return."""
    x.grad = None
    y = x
    for _ in range(count):
        y = y + x
    y.backward()


def additions(library: Any) -> float:
    x = library.leaf(1.0)
    return seconds(lambda: add_up(x, ADDITIONS)) / ADDITIONS * 1e6


def million(library: Any) -> float:
    x = library.leaf(1.0)
    start = perf_counter()
    add_up(x, DEPTH)
    return perf_counter() - start


def survivors(library: Any) -> float:
    """Tensors and nodes that are still there when their graph was dropped, with no collector."""
    x = library.leaf([1.0, 2.0])

    def record(backward: bool) -> None:
        y = library.tanh(x * x + 1).sum()
        if backward:
            y.backward()
        x.grad = None

    def count() -> int:
        kinds = (type(thing) for thing in gc.get_objects())
        return sum(str(kind.__module__).startswith("autograd.") for kind in kinds)

    record(backward=True)  # what is made once and kept, such as x's own bookkeeping
    gc.collect()
    gc.disable()
    before = count()
    for backward in (True, False):
        record(backward)
    return count() - before


# ---- networks ------------------------------------------------------------------------------------


def network(nn: Any, sizes: list[int], nonlinearity: Any, after_last: bool = False) -> Any:
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), nonlinearity()]
    return nn.Sequential(*(layers if after_last else layers[:-1]))


def images(count: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.random((count, MLP[0])).astype(np.float32), rng.integers(0, MLP[-1], count)


def inference(library: Any) -> float:
    """The MLP on one image, nothing recorded: µs."""
    pixels, _ = images(1)
    if library is None:
        from by_hand import Mlp

        by_hand = Mlp(MLP, "relu")
        return seconds(lambda: by_hand.forward(pixels)[-1]) * 1e6
    model, x = network(library.nn, MLP, library.nn.ReLU), library.constant(pixels)
    with library.no_grad():
        return seconds(lambda: model(x)) * 1e6


def training_step(library: Any) -> float:
    """One step of Adam on the MLP, batch 32: ms."""
    pixels, labels = images(32)
    if library is None:
        from by_hand import Adam, Mlp, cross_entropy

        by_hand = Mlp(MLP, "relu")
        adam = Adam(by_hand.parameters)

        def step_by_hand() -> None:
            outputs = by_hand.forward(pixels)
            _, g = cross_entropy(outputs[-1], labels)
            adam.step(by_hand.backward(outputs, g))

        return seconds(step_by_hand) * 1e3
    model = network(library.nn, MLP, library.nn.ReLU)
    criterion, optimizer = library.nn.CrossEntropyLoss(), library.optim.Adam(model.parameters())
    x, target = library.constant(pixels), library.constant(labels)

    def step() -> None:
        optimizer.zero_grad()
        criterion(model(x), target).backward()
        optimizer.step()

    return seconds(step) * 1e3


def image_step(library: Any, name: str) -> float:
    """One step of SGD with momentum on a convolutional network: ms."""
    import networks

    rng = np.random.default_rng(0)
    shape = networks.IMAGES[name]
    x = library.constant(rng.random(shape).astype(np.float32))
    target = library.constant(rng.integers(0, 10, shape[0]))
    model = getattr(networks, name)(library.nn)
    criterion = library.nn.CrossEntropyLoss()
    optimizer = library.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        criterion(model(x), target).backward()
        optimizer.step()

    return seconds(step) * 1e3


def lenet(library: Any) -> float:
    return image_step(library, "lenet")


def resnet20(library: Any) -> float:
    return image_step(library, "resnet20")


def memory(library: Any) -> float:
    """How far a deep tanh MLP and its first step of SGD, batch 512, raise memory: MiB."""
    data = np.random.default_rng(0).standard_normal((512, DEEP_MLP[0])).astype(np.float32)
    start = memory_now()
    if library is None:
        from by_hand import Mlp

        by_hand = Mlp(DEEP_MLP, "tanh", after_last=True)
        outputs = by_hand.forward(data)
        outputs[-1].sum()
        gradients = by_hand.backward(outputs, np.ones_like(outputs[-1]))
        for parameter, g in zip(by_hand.parameters, gradients, strict=True):
            parameter -= 0.01 * g
        return memory_peak() - start
    model = network(library.nn, DEEP_MLP, library.nn.Tanh, after_last=True)
    optimizer, x = library.optim.SGD(model.parameters(), lr=0.01), library.constant(data)
    model(x).sum().backward()
    optimizer.step()
    return memory_peak() - start


def memory_now() -> float:
    """Resident memory in MiB; the record of its peak starts anew where the system can do that."""
    gc.collect()
    if not os.path.exists("/proc/self/clear_refs"):
        return memory_peak()
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return status_of_process("VmRSS")


def memory_peak() -> float:
    """The most resident memory so far, in MiB."""
    if os.path.exists("/proc/self/status"):
        return status_of_process("VmHWM")
    unit = 1 << 20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def status_of_process(field: str) -> float:
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith(field))
    return int(line.split()[1]) / 1024  # the system counts in KiB


# ---- checking gradients --------------------------------------------------------------------------


def gradient_check(library: Any, nonlinearity: str, fast: bool) -> float:
    """All parameters of the MLP in float64, batch 4, against differences: ms.

    chaingrad runs 8 probes. PyTorch's full mode forms the whole Jacobian; its fast mode (`fast`)
    compares one number.
    """
    rng = np.random.default_rng(0)
    x = library.constant(rng.standard_normal((4, CHECKED_MLP[0])))
    parameters = []
    for fan_in, fan_out in pairwise(CHECKED_MLP):
        weight = rng.uniform(-1, 1, (fan_in, fan_out)) / np.sqrt(fan_in)
        parameters += [library.leaf(weight), library.leaf(rng.uniform(-0.1, 0.1, fan_out))]
    activate = getattr(library, nonlinearity)

    def mlp(*parameters: Any) -> Any:
        y = x
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            y = activate(y @ weight + bias)
        return y @ parameters[-2] + parameters[-1]

    options = {"fast_mode": fast} if library.nn.__name__ == "torch.nn" else {"probes": 8}
    return seconds(lambda: library.gradcheck(mlp, parameters, options)) * 1e3


def check_tanh(library: Any) -> float:
    return gradient_check(library, "tanh", fast=False)


def check_relu(library: Any) -> float:
    return gradient_check(library, "relu", fast=False)


def check_fast(library: Any) -> float:
    return gradient_check(library, "tanh", fast=True)


# ---- the table -----------------------------------------------------------------------------------

ENGINES = ("chaingrad", "torch")  # no graph is recorded by hand

WORKLOADS = {
    "scalar": Workload("0-d chain of ·, +, tanh: forward and backward, per op", "µs", scalar_chain),
    "additions": Workload(
        "100,000 additions in a chain: forward and backward, per node", "µs", additions, ENGINES
    ),
    "million": Workload("one million nodes deep, until dropped", "s", million, ENGINES),
    "array": Workload("(32, 256) through 100 × (·, +, tanh): forward, backward", "ms", array_chain),
    "inference": Workload("MLP 784-256-10 on one image, under no_grad", "µs", inference),
    "training": Workload("MLP 784-256-10, batch 32: one step of Adam", "ms", training_step),
    "lenet": Workload("LeNet-5, batch 64: one step of SGD", "ms", lenet, ENGINES),
    "resnet20": Workload("ResNet-20, 32x32, batch 32: one step of SGD", "ms", resnet20, ENGINES),
    "memory": Workload("50 × (1024 + tanh), batch 512: first step, rise in memory", "MiB", memory),
    "gradcheck": Workload(
        "gradcheck of MLP 20-32-32-5, tanh, float64, batch 4, all parameters",
        "ms",
        check_tanh,
        ENGINES,
    ),
    "gradcheck-relu": Workload("the same with relu", "ms", check_relu, ENGINES),
    "gradcheck-fast": Workload(
        "the same with tanh; PyTorch's fast mode", "ms", check_fast, ENGINES
    ),
    "survivors": Workload("objects that outlive their graph", "", survivors, ("chaingrad",)),
    "import": Workload("import in a fresh interpreter", "ms", None, script="importing.py"),
}


if __name__ == "__main__":
    name, library = sys.argv[1:]
    measure = WORKLOADS[name].run
    assert measure is not None, f"{name} has a script of its own"
    print(measure(open_library(library)))
