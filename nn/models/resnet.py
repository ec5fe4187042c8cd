"""Residual networks: blocks beside a shortcut; torchvision's names of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nn
from autograd import Tensor
from nn.module.checks import check_choice


def conv(inputs: int, outputs: int, size: int, stride: int = 1) -> nn.Conv2d:
    """A convolution without bias (a norm follows) that keeps the size, but for its stride."""
    layer = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer


class BasicBlock(nn.Module):
    """Two 3×3 convolutions beside the input.

    Shape: (N, C, H, W) -> (N, width, H/stride, W/stride).
    """

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, width, 3, stride), nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.conv2, self.bn2 = conv(width, width, 3), nn.BatchNorm2d(width)
        self.downsample = shortcut(inputs, width, stride)

    def forward(self, x: Any) -> Tensor:
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    """A 3×3 convolution between two of 1×1, beside the input; the stride is in the middle one.

    Shape: (N, C, H, W) -> (N, 4·width, H/stride, W/stride).
    """

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3, stride), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = conv(width, 4 * width, 1), nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU()
        self.downsample = shortcut(inputs, 4 * width, stride)

    def forward(self, x: Any) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn3(self.conv3(self.relu(self.bn2(self.conv2(out)))))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


def shortcut(inputs: int, outputs: int, stride: int) -> nn.Sequential | None:
    """A 1×1 convolution to another size, or None where the input itself will do."""
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))


class ResNet(nn.Model):
    """Stages of residual blocks, each of twice the width and half the size of the one before.

    `depths` are the numbers of blocks. With `stem="imagenet"` a 7×7 convolution and pooling come
    first, with "cifar" one of 3×3. It ends in logits.

    Shape: (N, channels, H, W) -> (N, classes).

    Source: He, Zhang, Ren and Sun, Deep residual learning for image recognition (2016).
    """

    def __init__(
        self,
        depths: Sequence[int],
        classes: int = 1000,
        width: int = 64,
        block: type[BasicBlock] | type[Bottleneck] = BasicBlock,
        channels: int = 3,
        stem: str = "imagenet",
    ) -> None:
        super().__init__()
        large = check_choice("stem", stem, ("imagenet", "cifar")) == "imagenet"
        self.conv1 = conv(channels, width, 7, 2) if large else conv(channels, width, 3)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, padding=1) if large else nn.Identity()
        self.stages = [f"layer{number}" for number in range(1, len(depths) + 1)]
        inputs = width
        for number, depth in enumerate(depths):
            blocks = []
            for position in range(depth):
                stride = 2 if number and not position else 1
                blocks.append(block(inputs, width << number, stride))
                inputs = (width << number) * block.expansion
            self.add_module(self.stages[number], nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x: Any) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for stage in self.stages:
            x = getattr(self, stage)(x)
        return self.fc(self.avgpool(x).reshape(len(x), -1))


class ResNet18(ResNet):
    """The residual network of 18 layers: see `ResNet`."""

    def __init__(self, classes: int = 1000, **options: Any) -> None:
        super().__init__((2, 2, 2, 2), classes, **options)


class ResNet34(ResNet):
    """The residual network of 34 layers: see `ResNet`."""

    def __init__(self, classes: int = 1000, **options: Any) -> None:
        super().__init__((3, 4, 6, 3), classes, **options)


class ResNet50(ResNet):
    """The residual network of 50 layers, with bottlenecks: see `ResNet`."""

    def __init__(self, classes: int = 1000, **options: Any) -> None:
        super().__init__((3, 4, 6, 3), classes, block=Bottleneck, **options)


class ResNet101(ResNet):
    """The residual network of 101 layers, with bottlenecks: see `ResNet`."""

    def __init__(self, classes: int = 1000, **options: Any) -> None:
        super().__init__((3, 4, 23, 3), classes, block=Bottleneck, **options)


class ResNet152(ResNet):
    """The residual network of 152 layers, with bottlenecks: see `ResNet`."""

    def __init__(self, classes: int = 1000, **options: Any) -> None:
        super().__init__((3, 8, 36, 3), classes, block=Bottleneck, **options)


class ResNet20(ResNet):
    """The residual network of 20 layers for CIFAR-10, 16 channels wide: see `ResNet`.

    Where the size changes its shortcuts are 1×1 convolutions (the paper's option B).
    """

    def __init__(self, classes: int = 10, **options: Any) -> None:
        super().__init__((3, 3, 3), classes, width=16, stem="cifar", **options)
