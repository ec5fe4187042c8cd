# fmt: off
# isort: skip_file
"""The public names of nn.torch, and where each is defined."""

from nn.torch import nn as nn
from nn.torch.tensor import Tensor as Tensor
