"""The workloads: what is measured, at which sizes, in which libraries, and what is aimed at.

chaingrad and PyTorch run the same lines (`chains.py`, `training.py`, `memory.py`, `checking.py`);
plain NumPy and JAX do the same arithmetic by functions of the same names in `by_hand.py` and
`in_jax/`. All begin with the same weights on the same data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import chains
import checking
import functions
import memory
import training

UNITS = {"µs": 1e6, "ms": 1e3, "s": 1.0}
ALL = ("chaingrad", "compiled", "numpy", "torch", "compile", "jax")
ENGINES = ("chaingrad", "compiled", "torch", "compile", "jax")  # no derivatives worked out by hand
TRANSFORMS = (*ENGINES, "jax-eager")
EAGER = ("chaingrad", "torch")  # a compiler would unroll the loop, or has nothing of the kind


@dataclass(frozen=True)
class Workload:
    """One row of the table.

    `prepare` takes a library and the sizes, and gives the step to be timed; where `once` is set it
    takes the one measurement of a process itself, and gives the number. Where `first` is set, the
    first step of a process is timed, which finds nothing that was compiled before.
    """

    name: str
    detail: str
    unit: str
    prepare: Callable[..., Any] | None
    libraries: tuple[str, ...]
    sizes: dict[str, Any] = field(default_factory=dict)
    tiny: dict[str, Any] = field(default_factory=dict)  # sizes that leave nothing but dispatch
    aims: tuple[float | None, float | None] = (None, None)  # ÷ PyTorch: with `fast`, without
    beside: dict[str, float] = field(default_factory=dict)  # aims of compiled steps: ÷ a peer
    operations: Callable[[dict[str, Any]], int] = lambda sizes: 1  # in a step, of which one counts
    records: bool = True  # a graph; if not, it runs under no_grad
    once: bool = False
    first: bool = False
    script: str = "worker.py"

    @property
    def is_alone(self) -> bool:
        """Whether every number is the only one of its process."""
        return self.once or self.first

    @property
    def title(self) -> str:
        return f"{self.name}: {self.detail}"


MLP = {"sizes": [784, 256, 10], "batch": 32}
TINY_MLP = {"sizes": [2, 2, 2], "batch": 1}
LSTM = {"length": 50, "batch": 32, "inputs": 64, "hidden": 128}
TINY_LSTM = {"length": 50, "batch": 1, "inputs": 2, "hidden": 2}
RESNET = {"name": "resnet20", "shape": (32, 3, 32, 32), "sizes": {}}
TINY_RESNET = {
    "name": "resnet20", "shape": (2, 3, 8, 8), "sizes": {"stages": ((1, 1), (2, 2), (4, 2))}
}  # fmt: skip
HESSIAN = {"sizes": [20, 20, 4], "batch": 32}
CHECKED = [20, 32, 32, 5]
TINY_CHECKED = [2, 2, 2, 2]
NEAR_ONE = [(0.5, 1.5), (0.95, 1.05), (-0.01, 0.01)]

WORKLOADS = {
    "scalar": Workload(
        "Scalar chain", "·, +, tanh on 0-d, 1,002 operations, each", "µs", chains.chain, ALL,
        {"shape": (), "ranges": [(0.5, 0.5), (1, 1), (0, 0)], "steps": 334},
        {"shape": (), "ranges": [(0.5, 0.5), (1, 1), (0, 0)], "steps": 334},
        aims=(0.22, 0.22), operations=lambda sizes: 3 * sizes["steps"],
        beside={"best": 0.5},
    ),
    "additions": Workload(
        "Chained additions", "100,000, each", "µs", chains.additions, ("chaingrad", "torch", "jax"),
        {"count": 100_000}, {"count": 1000}, aims=(0.3, 0.3),
        operations=lambda sizes: sizes["count"],
    ),
    "million": Workload(
        "Deep graph", "one million additions, until dropped", "s", chains.million, EAGER,
        {"count": 1_000_000}, {"count": 1000}, once=True,
    ),
    "array": Workload(
        "Array chain", "(32, 256) through 100 × (·, +, tanh)", "ms", chains.chain, ALL,
        {"shape": (32, 256), "ranges": NEAR_ONE, "steps": 100},
        {"shape": (1, 2), "ranges": NEAR_ONE, "steps": 100},
        beside={"best": 0.5},
    ),
    "inference": Workload(
        "MLP inference", "784-256-10, one image, no_grad", "µs", training.inference, ALL,
        {"sizes": MLP["sizes"]}, {"sizes": TINY_MLP["sizes"]}, aims=(0.6, 0.6), records=False,
        beside={"best": 0.83},
    ),
    "mlp": Workload(
        "MLP, small", "784-256-10, batch 32, Adam", "ms", training.mlp, ALL,
        MLP, TINY_MLP, aims=(0.55, 0.8),
        beside={"best": 0.7},
    ),
    "mlp-large": Workload(
        "MLP, large", "784-1024-1024-10, batch 256, Adam", "ms", training.mlp, ALL,
        {"sizes": [784, 1024, 1024, 10], "batch": 256},
        {"sizes": [2, 2, 2, 2], "batch": 1}, aims=(0.75, 0.95),
        beside={"best": 0.93},
    ),
    "lenet": Workload(
        "LeNet-5", "28x28, batch 64, SGD", "ms", training.convolutional, ENGINES,
        {"name": "lenet", "shape": (64, 1, 28, 28), "sizes": {}},
        {"name": "lenet", "shape": (1, 1, 12, 12),
         "sizes": {"channels": (1, 2), "hidden": (2, 2), "size": 12}}, aims=(0.8, 1.3),
        beside={"best": 0.42},
    ),
    "resnet20": Workload(
        "ResNet-20", "32x32, batch 32, SGD", "ms", training.convolutional, ENGINES,
        RESNET, TINY_RESNET, aims=(0.9, 2),
        beside={"best": 0.53},
    ),
    "vgg": Workload(
        "VGG-like", "64-64-M-128-128-M-256-256-M, 32x32, batch 32, SGD", "ms",
        training.convolutional, ENGINES,
        {"name": "vgg", "shape": (32, 3, 32, 32), "sizes": {}},
        {"name": "vgg", "shape": (1, 3, 8, 8), "sizes": {"widths": (1, 2, 2), "size": 8}},
        aims=(0.9, 1.5),
        beside={"best": 0.45},
    ),
    "elementwise": Workload(
        "Elementwise", "mean(tanh(ax+b)·sigmoid(x) + exp(−x²)), 4M elements", "ms",
        chains.elementwise, ENGINES, {"count": 1 << 22}, {"count": 2}, aims=(0.6, 0.8),
        beside={"best": 0.26},
    ),
    "transformer": Workload(
        "Transformer block", "d256 h8 T128 B8, causal, GELU, Adam", "ms", training.transformer,
        ENGINES, {"batch": 8, "length": 128, "width": 256, "heads": 8},
        {"batch": 1, "length": 2, "width": 4, "heads": 2}, aims=(0.95, 1.4),
        beside={"best": 0.78},
    ),
    "lstm-loop": Workload(
        "LSTM by a Python loop", "H128 I64 T50 B32, SGD", "ms", training.lstm_loop, ENGINES,
        LSTM, TINY_LSTM, aims=(0.6, 0.9),
        beside={"best": 0.5},
    ),
    "lstm": Workload(
        "nn.LSTM", "the same", "ms", training.lstm, ENGINES, LSTM, TINY_LSTM, aims=(1, None),
    ),
    "hvp": Workload(
        "Hessian-vector product", "MLP 784-256-10, tanh, batch 32", "ms", training.hessian_vector,
        ENGINES, MLP, TINY_MLP, aims=(0.8, 1),
        beside={"best": 1},
    ),
    "jacobian": Workload(
        "Jacobian", "tanh MLP 128-256-64, of its input", "ms", functions.jacobian, TRANSFORMS,
        {"sizes": [128, 256, 64]}, {"sizes": [2, 2, 2]}, aims=(1, 1), beside={"jax": 1},
    ),
    "per-example": Workload(
        "Gradient of each example", "tanh MLP 784-256-10, batch 32: vmap of grad", "ms",
        functions.per_example, TRANSFORMS, MLP, TINY_MLP, aims=(1, 1), beside={"jax": 1},
    ),
    "hessian": Workload(
        "Hessian", "tanh MLP 20-20-4, 504 parameters, batch 32", "ms", functions.hessian,
        TRANSFORMS, HESSIAN, TINY_MLP, aims=(1, 1), beside={"jax": 1},
    ),
    "hessian-loop": Workload(
        "Hessian by a loop", "the same, a product for each column", "ms",
        functions.hessian_by_loop, EAGER, HESSIAN, TINY_MLP,
    ),
    "adam": Workload(
        "Adam alone", "a million parameters, 16 pieces", "ms", training.adam, ENGINES,
        {"count": 16, "size": 250}, {"count": 16, "size": 2},
    ),
    "memory": Workload(
        "Memory", "50 × (1024 + tanh), batch 512, first step, its rise", "MiB", memory.memory,
        ("chaingrad", "compiled", "numpy", "torch"), {"sizes": [1024] * 51, "batch": 512},
        {"sizes": [2] * 51, "batch": 1}, aims=(0.9, 0.9), once=True,
        beside={"torch": 0.66},
    ),
    "memory-later": Workload(
        "Memory, later", "the same of its second step", "MiB", memory.later,
        ("chaingrad", "compiled", "torch", "compile"), {"sizes": [1024] * 51, "batch": 512},
        {"sizes": [2] * 51, "batch": 1}, once=True, beside={"torch": 0.66},
    ),
    "first-mlp": Workload(
        "First call, MLP, small", "trace, plan, native code", "s", training.mlp,
        ENGINES, MLP, TINY_MLP, first=True, beside={"jax": 1 / 3, "compile": 1 / 20},
    ),
    "first-resnet20": Workload(
        "First call, ResNet-20", "trace, plan, native code", "s", training.convolutional,
        ENGINES, RESNET, TINY_RESNET, first=True, beside={"jax": 1 / 3, "compile": 1 / 20},
    ),
    "gradcheck": Workload(
        "gradcheck", "MLP 20-32-32-5, tanh, float64, batch 4", "ms", checking.gradient_check, EAGER,
        {"sizes": CHECKED, "nonlinearity": "tanh"}, {"sizes": TINY_CHECKED, "nonlinearity": "tanh"},
    ),
    "gradcheck-relu": Workload(
        "gradcheck, relu", "the same", "ms", checking.gradient_check, EAGER,
        {"sizes": CHECKED, "nonlinearity": "relu"}, {"sizes": TINY_CHECKED, "nonlinearity": "relu"},
    ),
    "gradcheck-fast": Workload(
        "gradcheck, fast", "the same with tanh; PyTorch's fast mode", "ms",
        checking.gradient_check, EAGER,
        {"sizes": CHECKED, "nonlinearity": "tanh", "fast": True},
        {"sizes": TINY_CHECKED, "nonlinearity": "tanh", "fast": True},
    ),
    "survivors": Workload(
        "Survivors", "objects that outlive their graph", "", chains.survivors, ("chaingrad",),
        once=True,
    ),
    "import": Workload(
        "Import", "in a fresh interpreter", "ms", None, ("chaingrad", "numpy", "torch", "jax"),
        once=True, script="importing.py",
    ),
}  # fmt: skip
