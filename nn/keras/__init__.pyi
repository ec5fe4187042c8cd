# fmt: off
# isort: skip_file
"""The public names of nn.keras, and where each is defined."""

from nn.keras import (
    activations as activations, backend as backend, callbacks as callbacks,
    constraints as constraints, datasets as datasets, initializers as initializers,
    losses as losses, metrics as metrics, ops as ops, optimizers as optimizers,
    preprocessing as preprocessing, random as random, regularizers as regularizers,
    saving as saving, utils as utils,
)
