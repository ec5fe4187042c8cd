"""The convolutional networks of the benchmarks, in the library whose `nn` is given."""

from __future__ import annotations

from typing import Any

__all__ = ["IMAGES", "lenet", "resnet20"]

IMAGES = {"lenet": (64, 1, 28, 28), "resnet20": (32, 3, 32, 32)}  # of one step
RESNET_STAGES = ((16, 1), (32, 2), (64, 2))  # channels and first stride of three blocks each


def lenet(nn: Any) -> Any:
    """LeNet-5 on images of digits, with rectifiers and max pooling."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10),
    )  # fmt: skip


def resnet20(nn: Any) -> Any:
    """The residual network of 20 layers for CIFAR-10."""

    def convolution(inputs: int, outputs: int, size: int, stride: int) -> Any:
        padding = size // 2
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, size, stride, padding, bias=False), nn.BatchNorm2d(outputs)
        )

    class Block(nn.Module):
        """Two convolutions beside the input itself, or beside a convolution to its new size."""

        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.first = convolution(inputs, outputs, 3, stride)
            self.second = convolution(outputs, outputs, 3, 1)
            same = inputs == outputs and stride == 1
            self.beside = nn.Identity() if same else convolution(inputs, outputs, 1, stride)
            self.relu = nn.ReLU()

        def forward(self, x: Any) -> Any:
            return self.relu(self.second(self.relu(self.first(x))) + self.beside(x))

    layers, channels = [convolution(3, 16, 3, 1), nn.ReLU()], 16
    for outputs, first in RESNET_STAGES:
        for stride in (first, 1, 1):
            layers.append(Block(channels, outputs, stride))
            channels = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))
