"""keras.utils: what programs need beside a model."""

from __future__ import annotations

import sys

from nn.keras.backend import clear_session, is_keras_tensor, standardize_dtype
from nn.keras.engine.old_names import with_old_names
from nn.keras.identifiers import refused
from nn.keras.saving import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from nn.keras.utils.arrays import normalize, pad_sequences, split_dataset, to_categorical
from nn.keras.utils.data import (
    PyDataset,
    Sequence,
    pack_x_y_sample_weight,
    set_random_seed,
    unpack_x_y_sample_weight,
)
from nn.keras.utils.pictures import plot_model
from nn.keras.utils.progbar import Progbar

__all__ = [
    "Config", "CustomObjectScope", "FeatureSpace", "Progbar", "PyDataset", "Sequence",
    "array_to_img", "audio_dataset_from_directory", "clear_session", "custom_object_scope",
    "deserialize_keras_object", "disable_interactive_logging", "enable_interactive_logging",
    "get_custom_objects", "get_file", "get_registered_name", "get_registered_object",
    "get_source_inputs", "image_dataset_from_directory", "img_to_array",
    "is_interactive_logging_enabled", "is_keras_tensor", "load_img", "model_to_dot", "normalize",
    "pack_x_y_sample_weight", "pad_sequences", "plot_model", "register_keras_serializable",
    "save_img", "serialize_keras_object", "set_random_seed", "split_dataset", "standardize_dtype",
    "text_dataset_from_directory", "timeseries_dataset_from_array", "to_categorical",
    "unpack_x_y_sample_weight",
]  # fmt: skip

_FILES = "read the files, and give fit arrays or a keras.utils.PyDataset"
_PILLOW = "read images with Pillow: np.asarray(PIL.Image.open(path))"
Config = refused("utils.Config", "take a dict")
FeatureSpace = refused("utils.FeatureSpace", "make the columns with NumPy before training")
array_to_img = refused("utils.array_to_img", "write PIL.Image.fromarray(x.astype('uint8'))")
audio_dataset_from_directory = refused("utils.audio_dataset_from_directory", _FILES)
get_file = refused(
    "utils.get_file", "fetch it with urllib.request.urlretrieve(url, path), or by hand"
)
get_source_inputs = refused("utils.get_source_inputs", "take model.inputs")
image_dataset_from_directory = refused("utils.image_dataset_from_directory", _FILES)
img_to_array = refused("utils.img_to_array", "write np.asarray(img, 'float32')")
load_img = refused("utils.load_img", _PILLOW)
model_to_dot = refused("utils.model_to_dot", "take keras.utils.plot_model(model, 'model.svg')")
save_img = refused("utils.save_img", "write PIL.Image.fromarray(x.astype('uint8')).save(path)")
text_dataset_from_directory = refused("utils.text_dataset_from_directory", _FILES)
timeseries_dataset_from_array = refused(
    "utils.timeseries_dataset_from_array",
    "make windows with numpy.lib.stride_tricks.sliding_window_view",
)


def enable_interactive_logging() -> None:
    """Nothing: fit(verbose=...) says what is printed."""


def disable_interactive_logging() -> None:
    """Nothing: fit(verbose=...) says what is printed."""


def is_interactive_logging_enabled() -> bool:
    """True: progress is printed to stdout."""
    return True


# Where Keras 1 and 2 had them: `from keras.utils import generic_utils`
data_utils = generic_utils = vis_utils = sys.modules[__name__]
__getattr__ = with_old_names(__name__)
