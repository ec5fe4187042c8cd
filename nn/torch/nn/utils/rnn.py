"""nn.torch.nn.utils.rnn: sequences of different lengths, padded or packed."""

from __future__ import annotations

import sys
from typing import Any

from autograd.errors import MissingAttributeError
from nn.torch.nn.utils.adapted import adapted
from nn.utils import rnn as own
from nn.utils.rnn import PackedSequence as PackedSequence

__all__ = [*own.__all__]


def __getattr__(name: str) -> Any:
    if name not in own.__all__:
        raise MissingAttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = adapted(getattr(own, name))
    setattr(sys.modules[__name__], name, value)
    return value
