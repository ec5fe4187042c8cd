"""keras.preprocessing: sequences and texts made into arrays."""

from __future__ import annotations

from nn.keras.preprocessing import image, sequence, text
from nn.keras.utils import (
    image_dataset_from_directory,
    text_dataset_from_directory,
    timeseries_dataset_from_array,
)

__all__ = [
    "image", "image_dataset_from_directory", "sequence", "text", "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]  # fmt: skip
