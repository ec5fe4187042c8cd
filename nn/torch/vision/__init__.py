"""nn.torch.vision: what programs for MNIST, and small detectors, take from torchvision.

`from nn.torch.vision import datasets, transforms` stands for `from torchvision import ...`. Images
are arrays, not Pillow's.
"""

from __future__ import annotations

from nn.torch.absent import refusing, unknown
from nn.torch.vision import datasets, ops, transforms, utils

__all__ = ["datasets", "ops", "transforms", "utils"]


__getattr__ = refusing(
    "torchvision",
    unknown(__name__),
    {
        "models": "nn.models has ResNet18, VGG16, UNet, SSD and others, without trained weights",
        "io": "read images with a package for them, as arrays",
    },
)
