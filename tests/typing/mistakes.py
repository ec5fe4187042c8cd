"""Mistakes, each in a line of its own, that type checkers report."""

import autograd as ag
import nn
import optim
from autograd import Tensor


def mistakes(x: Tensor, layer: nn.Linear) -> None:
    ag.exp(x, 3, 4, foo=5)  # it takes one input
    x.mean(axis="banana")  # an axis is a number
    ag.exp("text")  # text is no array
    _flag: bool = x == 1  # == is elementwise
    _total: float = x.sum()  # a Tensor, until item() is called
    _a, _b, _c = ag.modf(x)  # there are two parts
    layer(x).backwards()  # there is no such method
    layer(x, x)  # a linear layer takes one input
    nn.Linear("3", 2)  # sizes are numbers
    optim.Adam(layer.parameters(), lr="fast")  # so are rates
    optim.SGD(layer)  # a layer is no list of parameters
    optim.SGD(layer.named_parameters())  # nor are names
    _shape = nn.LSTM(3, 2)(x)[1].shape  # an LSTM has two states
    _places = nn.functional.max_pool2d(x, 2).places  # they come beside it, if asked for
