"""`tf.contrib.rnn`: recurrent cells by their older names."""

from typing import Any

from autograd.static import recurrent as _recurrent


def __getattr__(name: str) -> Any:
    return getattr(_recurrent, name)
