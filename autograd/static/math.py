"""`tf.math`: the functions of the face by their other names."""

from typing import Any

from autograd import static as _static


def __getattr__(name: str) -> Any:
    return getattr(_static, name)
