"""nn: layers, losses and initial values, with PyTorch's names."""

from autograd.random import manual_seed
from nn import functional, init
from nn.activations import GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from nn.containers import ModuleDict, ModuleList, Sequential
from nn.lazy import LazyModuleMixin
from nn.linear import Flatten, Identity, LazyLinear, Linear
from nn.losses import CrossEntropyLoss, MSELoss
from nn.module import Module
from nn.parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter

__all__ = [
    "GELU",
    "Buffer",
    "CrossEntropyLoss",
    "Flatten",
    "Identity",
    "LazyLinear",
    "LazyModuleMixin",
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
    "UninitializedBuffer",
    "UninitializedParameter",
    "functional",
    "init",
    "manual_seed",
]
