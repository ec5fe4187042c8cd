"""Where Keras 1 and 2 had activations with options."""

from nn.keras.layers.activation import (
    ELU,
    LeakyReLU,
    PReLU,
    ReLU,
    Softmax,
)

__all__ = ["ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax"]
