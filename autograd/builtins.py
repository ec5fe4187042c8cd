"""Python's own containers, by HIPS' names: nothing has to stand in for them here.

In a function that is being differentiated lists, tuples and dicts are just that, with Tensors in
them. `isinstance` and `type` look at the plain value, so that an array is one in there too.
"""

from __future__ import annotations

import builtins
from typing import Any

from autograd.engine.operands import raw

__all__ = ["DictBox", "SequenceBox", "dict", "isinstance", "list", "tuple", "type"]

dict, list, tuple = builtins.dict, builtins.list, builtins.tuple
DictBox = dict


class _Sequences(builtins.type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return builtins.isinstance(instance, (list, tuple))


class SequenceBox(metaclass=_Sequences):
    """HIPS' name of traced lists and tuples, which are lists and tuples here.

    >>> isinstance([1.0], SequenceBox)
    True
    """


def isinstance(x: Any, class_or_tuple: Any) -> bool:
    """Whether `x`, or the array of a Tensor, is one of `class_or_tuple`.

    >>> import numpy as np
    >>> import autograd as ag
    >>> isinstance(ag.Tensor([1.0]), np.ndarray)
    True
    """
    return builtins.isinstance(raw(x), class_or_tuple) or builtins.isinstance(x, class_or_tuple)


def type(x: Any) -> Any:
    """The class of `x`, or of the array of a Tensor.

    >>> import autograd as ag
    >>> type(ag.Tensor([1.0]))
    <class 'numpy.ndarray'>
    """
    return builtins.type(raw(x))
