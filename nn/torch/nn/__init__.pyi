# fmt: off
# isort: skip_file
"""The public names of nn.torch.nn, and where each is defined."""

from nn.torch.nn.layers import Linear as Linear, Sequential as Sequential
from nn.torch.nn.module import Module as Module
from nn.torch.nn.parameter import Buffer as Buffer, Parameter as Parameter
