# fmt: off
# isort: skip_file
"""The public names of nn.models, and where each is defined."""

from nn.models.classic import (
    MLP as MLP, AlexNet as AlexNet, LeNet5 as LeNet5, Perceptron as Perceptron,
)
from nn.models.googlenet import GoogLeNet as GoogLeNet
from nn.models.gpt import GPT as GPT
from nn.models.gpt_parallel import (
    GPTStage as GPTStage, TensorParallelGPT as TensorParallelGPT,
)
from nn.models.resnet import (
    ResNet as ResNet, ResNet18 as ResNet18, ResNet20 as ResNet20, ResNet34 as ResNet34,
    ResNet50 as ResNet50, ResNet101 as ResNet101, ResNet152 as ResNet152,
)
from nn.models.ssd import SSD as SSD
from nn.models.unet import UNet as UNet
from nn.models.vgg import VGG as VGG, VGG11 as VGG11, VGG13 as VGG13, VGG16 as VGG16, VGG19 as VGG19
