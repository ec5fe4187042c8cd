"""Where Keras 1 and 2 had Embedding."""

from nn.keras.layers.core import Embedding

__all__ = ["Embedding"]
