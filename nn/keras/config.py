"""keras.config: the settings of the face."""

from __future__ import annotations

from nn.keras.backend import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_backend,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from nn.keras.utils import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)

__all__ = [
    "backend", "disable_interactive_logging", "enable_interactive_logging", "epsilon", "floatx",
    "image_data_format", "is_interactive_logging_enabled", "set_backend", "set_epsilon",
    "set_floatx", "set_image_data_format",
]  # fmt: skip
