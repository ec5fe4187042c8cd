"""Where Keras 1 and 2 had to_categorical."""

from nn.keras.utils.arrays import normalize, to_categorical

__all__ = ["normalize", "to_categorical"]
