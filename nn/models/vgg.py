"""VGG: stacks of 3×3 convolutions, halved by pooling; torchvision's names of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nn
from autograd import Tensor

CHANNELS = (64, 128, 256, 512, 512)  # of the five stages, each followed by pooling


class VGG(nn.Model):
    """`depths` convolutions of 3×3 in the five stages, then three linear layers; ends in logits.

    `features`, `avgpool` and `classifier` are named as in torchvision, so its weights load.

    Shape: (N, 3, H, W) -> (N, classes), H and W at least 32; 224 in the paper.

    Source: Simonyan and Zisserman, Very deep convolutional networks for large-scale image
    recognition (2015).
    """

    def __init__(
        self,
        depths: Sequence[int],
        classes: int = 1000,
        batch_norm: bool = False,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 3
        for depth, outputs in zip(depths, CHANNELS, strict=True):
            for _ in range(depth):
                layers.append(nn.Conv2d(inputs, outputs, 3, padding=1))
                layers += [nn.BatchNorm2d(outputs), nn.ReLU()] if batch_norm else [nn.ReLU()]
                inputs = outputs
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(inputs * 49, 4096), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(4096, classes),
        )  # fmt: skip

    def forward(self, x: Any) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(x.reshape(len(x), -1))


class VGG11(VGG):
    """VGG with 8 convolutions: see `VGG`."""

    def __init__(self, classes: int = 1000, **options: Any) -> None:
        super().__init__((1, 1, 2, 2, 2), classes, **options)


class VGG13(VGG):
    """VGG with 10 convolutions: see `VGG`."""

    def __init__(self, classes: int = 1000, **options: Any) -> None:
        super().__init__((2, 2, 2, 2, 2), classes, **options)


class VGG16(VGG):
    """VGG with 13 convolutions: see `VGG`."""

    def __init__(self, classes: int = 1000, **options: Any) -> None:
        super().__init__((2, 2, 3, 3, 3), classes, **options)


class VGG19(VGG):
    """VGG with 16 convolutions: see `VGG`."""

    def __init__(self, classes: int = 1000, **options: Any) -> None:
        super().__init__((2, 2, 4, 4, 4), classes, **options)
