# fmt: off
# isort: skip_file
"""The public names of keras.models, and where each is defined."""

from nn.keras.models.model import Model as Model
from nn.keras.models.files import save_model as save_model
from nn.keras.models.saving import (
    clone_model as clone_model, load_model as load_model, model_from_json as model_from_json,
)
from nn.keras.models.sequential import Sequential as Sequential
