"""Every model of nn.models, exported: two batch sizes, lengths of sequences, both precisions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import nn
from autograd.graph.pytree import flat
from autograd.onnx import export
from tests.test_onnx_export import agree, image, run

M = nn.models
SMALL = (2, 2, 4, 4, 4)  # channels of VGG in the place of 64 to 512


def picture(*shape: int) -> Any:
    return lambda n: image(n, *shape)


def tokens(n: int) -> Any:
    return np.random.default_rng(n).integers(0, 7, (n, n + 2))


def narrow(inputs: int, outputs: int, linear: Any = nn.Linear, **options: Any) -> Any:
    """A linear layer of 16 features where the networks have 4096."""
    return linear(*(16 if n == 4096 else n for n in (inputs, outputs)), **options)


N, NT = {0: "n"}, {0: "n", 1: "t"}
MODELS: dict[str, tuple[Any, Any, Any]] = {
    "Perceptron": (lambda: M.Perceptron(3), picture(3), N),
    "MLP": (lambda: M.MLP([4, 8, 3], "tanh", last="softmax"), picture(4), N),
    "LeNet5": (lambda: M.LeNet5(activation="tanh", pool="avg"), picture(1, 28, 28), N),
    "AlexNet": (lambda: M.AlexNet(5), picture(3, 227, 227), N),
    "GoogLeNet": (lambda: M.GoogLeNet(5), picture(3, 64, 64), N),
    "GPT": (lambda: M.GPT(7, context=8, width=8, depth=2, heads=2), tokens, NT),
    "ResNet": (lambda: M.ResNet((1, 1, 1, 1), 5, width=4), picture(3, 40, 32), N),
    "ResNet20": (lambda: M.ResNet20(5), picture(3, 32, 32), N),
    **{
        name: (partial(getattr(M, name), 5, width=2), picture(3, 32, 32), N)
        for name in ("ResNet18", "ResNet34", "ResNet50", "ResNet101", "ResNet152")
    },
    "VGG": (lambda: M.VGG((1, 1, 1, 1, 1), 5, batch_norm=True), picture(3, 32, 32), N),
    **{
        name: (partial(getattr(M, name), 5), picture(3, 32, 32), N)
        for name in ("VGG11", "VGG13", "VGG16", "VGG19")
    },
}  # fmt: skip
DEEPER = {"ResNet34", "ResNet101", "ResNet152", "VGG13", "VGG16", "VGG19"}  # in one precision
ELSEWHERE = {"UNet", "SSD", "GPTStage", "TensorParallelGPT"}


def test_every_model_is_exported() -> None:
    assert set(M.__all__) == MODELS.keys() | ELSEWHERE


@pytest.mark.parametrize(
    ("name", "dtype"),
    [(n, d) for n in MODELS for d in ("float32", "float64") if d == "float32" or n not in DEEPER],
)
def test_a_model_gives_there_what_it_gives_here(
    name: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nn.models.vgg.CHANNELS", SMALL)
    monkeypatch.setattr(nn, "Linear", narrow)
    make, inputs, axes = MODELS[name]
    nn.manual_seed(0)
    net = make().to(dtype).eval()

    def batch(n: int) -> Any:
        x = inputs(n)
        return x if x.dtype.kind == "i" else x.astype(dtype)

    model = export(net, batch(2), dynamic_axes={0: axes})
    assert {x.name for x in model.graph.initializer} >= {n for n, _ in net.named_parameters()}
    for n in (2, 3):
        agree(run(model, batch(n)), flat(net(batch(n))), dtype)
