"""nn: layers, losses and initial values, with PyTorch's names."""

from autograd.random import manual_seed
from nn import functional, init
from nn.activations import GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from nn.containers import ModuleDict, ModuleList, Sequential
from nn.linear import Flatten, Identity, Linear
from nn.losses import CrossEntropyLoss, MSELoss
from nn.module import Module
from nn.parameter import Parameter

__all__ = [
    "GELU",
    "CrossEntropyLoss",
    "Flatten",
    "Identity",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "ModuleDict",
    "ModuleList",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "functional",
    "init",
    "manual_seed",
]
