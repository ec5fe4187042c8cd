"""One workload, in one library, in this process: `python workloads.py WORKLOAD LIBRARY`.

Prints JSON: the `value` in the unit of the workload, and the `loss` of the first step if there is
one. `run.py` starts a fresh process for every number, so that nothing that one library leaves
behind (threads, memory, warm caches) reaches another.

chaingrad and PyTorch run the same lines, from the same weights; plain NumPy does the same
arithmetic in `by_hand.py`. With `profile` after them chaingrad's own profiler is printed instead.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import chains
import checking
import memory
import training
from library import LOSSES, open_library


@dataclass(frozen=True)
class Workload:
    """What is measured, in which unit, and how."""

    title: str
    unit: str
    run: Callable[[Any], float] | None  # takes a library from `open_library`
    libraries: tuple[str, ...] = ("chaingrad", "numpy", "torch")
    script: str = "workloads.py"


ENGINES = ("chaingrad", "torch")  # no graph is recorded by hand

WORKLOADS = {
    "scalar": Workload(
        "0-d chain of ·, +, tanh: forward and backward, per op", "µs", chains.scalar_chain
    ),
    "additions": Workload(
        "100,000 additions in a chain: forward and backward, per node",
        "µs",
        chains.additions,
        ENGINES,
    ),
    "million": Workload("one million nodes deep, until dropped", "s", chains.million, ENGINES),
    "array": Workload(
        "(32, 256) through 100 × (·, +, tanh): forward, backward", "ms", chains.array_chain
    ),
    "inference": Workload("MLP 784-256-10 on one image, under no_grad", "µs", training.inference),
    "training": Workload(
        "MLP 784-256-10, batch 32: one step of Adam", "ms", training.training_step
    ),
    "adam": Workload("Adam alone, one million parameters: one step", "ms", training.adam, ENGINES),
    "lenet": Workload("LeNet-5, batch 64: one step of SGD", "ms", training.lenet, ENGINES),
    "resnet20": Workload(
        "ResNet-20, 32x32, batch 32: one step of SGD", "ms", training.resnet20, ENGINES
    ),
    "vgg": Workload(
        "VGG-like 64-64-M-128-128-M-256-256-M, 32x32, batch 32: one step of SGD",
        "ms",
        training.vgg,
        ENGINES,
    ),
    "mlp-large": Workload(
        "MLP 784-1024-1024-10, batch 256: one step of Adam", "ms", training.large_mlp, ENGINES
    ),
    "elementwise": Workload(
        "mean(tanh(ax + b)·sigmoid(x) + exp(−x²)), 4M elements: forward, backward",
        "ms",
        chains.elementwise,
        ENGINES,
    ),
    "transformer": Workload(
        "transformer block d256 h8 T128 B8, causal, GELU: one step of Adam",
        "ms",
        training.transformer,
        ENGINES,
    ),
    "lstm-loop": Workload(
        "LSTMCell in a Python loop, H128 I64 T50 B32: one step of SGD",
        "ms",
        training.lstm_loop,
        ENGINES,
    ),
    "lstm": Workload("the same by nn.LSTM", "ms", training.lstm, ENGINES),
    "hvp": Workload(
        "Hessian-vector product of MLP 784-256-10, batch 32", "ms", training.hessian_vector, ENGINES
    ),
    "memory": Workload(
        "50 × (1024 + tanh), batch 512: first step, rise in memory", "MiB", memory.memory
    ),
    "gradcheck": Workload(
        "gradcheck of MLP 20-32-32-5, tanh, float64, batch 4, all parameters",
        "ms",
        checking.check_tanh,
        ENGINES,
    ),
    "gradcheck-relu": Workload("the same with relu", "ms", checking.check_relu, ENGINES),
    "gradcheck-fast": Workload(
        "the same with tanh; PyTorch's fast mode", "ms", checking.check_fast, ENGINES
    ),
    "survivors": Workload("objects that outlive their graph", "", chains.survivors, ("chaingrad",)),
    "import": Workload("import in a fresh interpreter", "ms", None, script="importing.py"),
}


if __name__ == "__main__":
    name, library, *more = sys.argv[1:]
    measure = WORKLOADS[name].run
    assert measure is not None, f"{name} has a script of its own"
    if more == ["profile"]:
        import autograd

        with autograd.profile() as p:
            measure(open_library("chaingrad"))
        print(p)
    else:
        value = measure(open_library(library))
        print(json.dumps({"value": value, "loss": LOSSES[0] if LOSSES else None}))
