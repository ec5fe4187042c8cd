"""nn.models: well-known networks, from the perceptron to a small GPT, ready to train."""

from typing import TYPE_CHECKING

from autograd.engine.late import late

if TYPE_CHECKING:
    from nn.models.classic import MLP, AlexNet, LeNet5, Perceptron
    from nn.models.googlenet import GoogLeNet
    from nn.models.gpt import GPT
    from nn.models.resnet import (
        ResNet,
        ResNet18,
        ResNet20,
        ResNet34,
        ResNet50,
        ResNet101,
        ResNet152,
    )
    from nn.models.vgg import VGG, VGG11, VGG13, VGG16, VGG19

__all__ = [
    "GPT",
    "MLP",
    "VGG",
    "VGG11",
    "VGG13",
    "VGG16",
    "VGG19",
    "AlexNet",
    "GoogLeNet",
    "LeNet5",
    "Perceptron",
    "ResNet",
    "ResNet18",
    "ResNet20",
    "ResNet34",
    "ResNet50",
    "ResNet101",
    "ResNet152",
]

_FAMILIES = {
    "classic": "MLP AlexNet LeNet5 Perceptron",
    "googlenet": "GoogLeNet",
    "gpt": "GPT",
    "resnet": "ResNet ResNet18 ResNet20 ResNet34 ResNet50 ResNet101 ResNet152",
    "vgg": "VGG VGG11 VGG13 VGG16 VGG19",
}

__getattr__ = late("nn.models", "nn.models", _FAMILIES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
