"""How long pictures take, and how large a page of ResNet-18 is.

python -m benchmarks.pictures
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

import autograd as ag
import nn
from autograd.viz import draw


def chain(ops: int) -> ag.Tensor:
    """Scalar ops in a row, without a pattern to fold."""
    x = ag.Tensor(0.3, requires_grad=True)
    functions = (ag.tanh, ag.sin, ag.exp, ag.cos, ag.sigmoid)
    for number in np.random.default_rng(0).integers(0, len(functions), ops // 2):
        x = functions[number](x * 0.5)
    return x


def layers(ops: int) -> ag.Tensor:
    """A deep network of two ops a layer."""
    model = nn.Sequential(
        *(nn.Sequential(nn.Linear(8, 8, rng=0), nn.Tanh()) for _ in range(ops // 2))
    )
    return model(ag.ones((4, 8))).sum()


class Block(nn.Module):
    """The basic block of ResNet-18."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if inputs != outputs:
            self.shortcut.append(nn.Conv2d(inputs, outputs, 1, stride, bias=False))
            self.shortcut.append(nn.BatchNorm2d(outputs))

    def forward(self, x: ag.Tensor) -> ag.Tensor:
        out = self.bn2(self.conv2(ag.relu(self.bn1(self.conv1(x)))))
        return ag.relu(out + self.shortcut(x))


def resnet18(batch: int = 2) -> ag.Tensor:
    """The loss of ResNet-18 on images of 32 by 32 pixels.

    Source: He et al., Deep residual learning for image recognition (2016).
    """
    nn.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU())
    inputs = 64
    for outputs in (64, 128, 256, 512):
        for stride in (1 if outputs == 64 else 2, 1):
            model.append(Block(inputs, outputs, stride))
            inputs = outputs
    model.extend([nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10)])
    images = ag.Tensor(np.random.default_rng(0).normal(size=(batch, 3, 32, 32)), dtype="float32")
    return nn.CrossEntropyLoss()(model(images), ag.Tensor(np.arange(batch)))


def rows() -> Iterator[tuple[str, int, float, int]]:
    """(what, ops, the least of three times, bytes)."""
    faces: dict[str, tuple[ag.Tensor, Callable[[ag.Tensor], str]]] = {
        "1,000 ops to SVG, every one a box": (chain(1000), lambda y: draw(y, detail="full").svg()),
        "10,000 ops to SVG, folded": (layers(10_000), lambda y: draw(y).svg()),
        "a row of 10,000 ops without structure to SVG": (chain(10_000), lambda y: draw(y).svg()),
        "ResNet-18, 32 × 32, to SVG": (resnet18(), lambda y: draw(y).svg()),
        "ResNet-18, 32 × 32, to the step-through": (resnet18(), lambda y: draw(y).html()),
    }
    for name, (y, face) in faces.items():
        times = []
        for _ in range(3):
            start = time.process_time()
            size = len(face(y).encode())
            times.append(time.process_time() - start)
        yield name, len(ag.Graph(y).nodes), min(times), size


if __name__ == "__main__":
    print("| picture | nodes | s | KB |\n| --- | ---: | ---: | ---: |")
    for name, nodes, seconds, size in rows():
        print(f"| {name} | {nodes:,} | {seconds:.2f} | {size / 1000:,.0f} |")
