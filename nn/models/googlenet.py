"""GoogLeNet: convolutions of several sizes beside each other; torchvision's names."""

from __future__ import annotations

from typing import Any

import autograd as ag
import nn
from autograd import Tensor

# Outputs of the four branches: 1×1; 1×1 and 3×3; 1×1 and 5×5; pooling and 1×1.
INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
POOLED = ("3b", "4e")  # what a pooling follows


class BasicConv2d(nn.Module):
    """A convolution, a norm, a rectifier.

    Shape: (N, C, H, W) -> (N, outputs, H, W).
    """

    def __init__(self, inputs: int, outputs: int, size: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Any) -> Tensor:
        return ag.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    """Four branches on the same input, their channels joined.

    Shape: (N, C, H, W) -> (N, sum of the branches' outputs, H, W).
    """

    def __init__(self, inputs: int, sizes: tuple[int, ...], five: int) -> None:
        super().__init__()
        one, three_in, three, five_in, five_out, pooled = sizes
        self.branch1 = BasicConv2d(inputs, one, 1)
        self.branch2 = nn.Sequential(
            BasicConv2d(inputs, three_in, 1), BasicConv2d(three_in, three, 3)
        )
        self.branch3 = nn.Sequential(
            BasicConv2d(inputs, five_in, 1), BasicConv2d(five_in, five_out, five)
        )
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, padding=1), BasicConv2d(inputs, pooled, 1))
        self.outputs = one + three + five_out + pooled

    def forward(self, x: Any) -> Tensor:
        branches = (self.branch1, self.branch2, self.branch3, self.branch4)
        return ag.concat([branch(x) for branch in branches], axis=1)


class GoogLeNet(nn.Model):
    """Nine inceptions between convolutions and one linear layer, with batch norms; ends in logits.

    `five` is the size of the largest convolutions: 5 as in the paper, or 3 as in torchvision, whose
    weights then load (without those of its auxiliary heads).

    Shape: (N, 3, H, W) -> (N, classes), H and W at least 32; 224 in the paper.

    Source: Szegedy et al., Going deeper with convolutions (2015).
    """

    def __init__(self, classes: int = 1000, five: int = 5, dropout: float = 0.2) -> None:
        super().__init__()
        self.conv1 = BasicConv2d(3, 64, 7, 2)
        self.conv2 = BasicConv2d(64, 64, 1)
        self.conv3 = BasicConv2d(64, 192, 3)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.pool5 = nn.MaxPool2d(2, 2, ceil_mode=True)
        inputs = 192
        for name, sizes in INCEPTIONS.items():
            inception = Inception(inputs, sizes, five)
            self.add_module(f"inception{name}", inception)
            inputs = inception.outputs
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x: Any) -> Tensor:
        x = self.pool(self.conv1(x))
        x = self.pool(self.conv3(self.conv2(x)))
        for name in INCEPTIONS:
            x = getattr(self, f"inception{name}")(x)
            if name in POOLED:
                x = (self.pool if name == POOLED[0] else self.pool5)(x)
        x = self.avgpool(x).reshape(len(x), -1)
        return self.fc(self.dropout(x))
