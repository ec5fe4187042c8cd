"""The names of autograd.static once more, for programs that say `tf.compat.v1`."""

from typing import Any

from autograd import static as _static


def __getattr__(name: str) -> Any:
    return getattr(_static, name)
