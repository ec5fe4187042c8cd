# fmt: off
# isort: skip_file
"""The public names of nn.keras, and where each is defined."""

from nn.keras import (
    activations as activations, backend as backend, callbacks as callbacks,
    config as config,
    constraints as constraints, datasets as datasets, initializers as initializers,
    layers as layers, losses as losses, metrics as metrics, models as models, ops as ops,
    optimizers as optimizers, preprocessing as preprocessing, random as random,
    regularizers as regularizers, saving as saving, utils as utils,
)
from nn.keras.base.layer import Layer as Layer
from nn.keras.engine.symbolic import KerasTensor as KerasTensor
from nn.keras.engine.variable import Variable as Variable
from nn.keras.layers.inputs import Input as Input, InputSpec as InputSpec
from nn.keras.models.model import Model as Model
from nn.keras.models.sequential import Sequential as Sequential
from nn.keras.initializers import Initializer as Initializer
from nn.keras.losses import Loss as Loss
from nn.keras.metrics import Metric as Metric
from nn.keras.optimizers import Optimizer as Optimizer
from nn.keras.regularizers import Regularizer as Regularizer
