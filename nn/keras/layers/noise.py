"""Where Keras 1 and 2 had layers of noise."""

from nn.keras.layers.dropout import (
    AlphaDropout,
    GaussianDropout,
    GaussianNoise,
)

__all__ = ["AlphaDropout", "GaussianDropout", "GaussianNoise"]
