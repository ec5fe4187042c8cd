"""`tf.contrib`, as far as its names mean what is here."""

from autograd.static.contrib import layers as layers
from autograd.static.contrib import rnn as rnn
