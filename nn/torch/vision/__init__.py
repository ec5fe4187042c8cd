"""nn.torch.vision: what nearly every program for MNIST takes from torchvision.

`from nn.torch.vision import datasets, transforms` stands for `from torchvision import ...`. Images
are arrays, not Pillow's.
"""

from __future__ import annotations

from nn.torch.absent import refusing, unknown
from nn.torch.vision import datasets, transforms, utils

__all__ = ["datasets", "transforms", "utils"]


__getattr__ = refusing(
    "torchvision",
    unknown(__name__),
    {
        "models": "nn.models has resnet18, vgg16, lenet5 and others, without trained weights",
        "ops": "write the function in ops of torch",
        "io": "read images with a package for them, as arrays",
    },
)
