"""keras.backend of Keras 2, "K": its names over keras.ops, for losses and metrics of old programs.

Keras 3 has only the settings of `keras.backend`; programs that say `from keras import backend as K`
still ask it for `K.mean(K.square(y_pred - y_true))`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import MissingAttributeError
from nn.keras import ops, random
from nn.keras.backend import get_value, tensor
from nn.keras.engine.variable import Variable

__all__ = ["TABLE", "named"]

_SAME = """abs all any arange argmax argmin cast clip concatenate cos cumprod cumsum dot elu equal
exp expand_dims eye greater greater_equal hard_sigmoid less less_equal log logsumexp max maximum
mean min minimum ndim not_equal one_hot ones_like prod relu repeat reshape round shape sigmoid sign
sin softmax softplus softsign sqrt square squeeze stack std stop_gradient sum switch_ tanh tile
transpose var zeros_like"""


def _crossentropy(name: str) -> Any:
    def crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
        options = {} if name.startswith("binary") else {"axis": axis}
        return getattr(ops, name)(target, output, from_logits, **options)

    return crossentropy


def _l2_normalize(x: Any, axis: Any = None) -> Any:
    x = tensor(x)
    return x / ag.sqrt(ag.maximum(ag.sum(ag.square(x), axis=axis, keepdims=True), 1e-12))


def _in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    chosen = x if training else alt
    return chosen() if callable(chosen) else chosen


def _switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    one, two = (e() if callable(e) else e for e in (then_expression, else_expression))
    return ops.where(condition, one, two)


TABLE: dict[str, Any] = {name: getattr(ops, name) for name in _SAME.split() if name[-1] != "_"} | {
    "batch_dot": lambda x, y, axes=None: ops.matmul(x, y),
    "batch_flatten": lambda x: ops.reshape(x, (len(tensor(x)), -1)),
    "binary_crossentropy": _crossentropy("binary_crossentropy"),
    "categorical_crossentropy": _crossentropy("categorical_crossentropy"),
    "constant": lambda value, dtype=None, shape=None, name=None: ops.array(value, dtype),
    "count_params": lambda x: math.prod(tensor(x).shape),
    "dtype": lambda x: str(tensor(x).dtype),
    "eval": get_value,
    "flatten": lambda x: ops.reshape(x, (-1,)),
    "gather": lambda reference, indices: ops.take(reference, indices, axis=0),
    "in_train_phase": _in_train_phase,
    "int_shape": ops.shape,
    "is_tensor": ops.is_tensor,
    "l2_normalize": _l2_normalize,
    "ones": lambda shape, dtype=None, name=None: ops.ones(shape, dtype),
    "permute_dimensions": lambda x, pattern: ops.transpose(x, pattern),
    "pow": ops.power,
    "random_normal": lambda shape, mean=0.0, stddev=1.0, dtype=None, seed=None: random.normal(
        shape, mean, stddev, dtype, seed
    ),
    "random_uniform": lambda shape, minval=0.0, maxval=1.0, dtype=None, seed=None: random.uniform(
        shape, minval, maxval, dtype, seed
    ),
    "repeat_elements": lambda x, rep, axis: ops.repeat(x, rep, axis),
    "reverse": lambda x, axes: ops.flip(x, axes),
    "sparse_categorical_crossentropy": _crossentropy("sparse_categorical_crossentropy"),
    "switch": _switch,
    "variable": lambda value, dtype=None, name=None, constraint=None: Variable(
        np.asarray(tensor(value).detach()), dtype=dtype, name=name
    ),
    "zeros": lambda shape, dtype=None, name=None: ops.zeros(shape, dtype),
}
REFUSED = {
    "function": "call the model, or keras.Model(inputs, outputs)",
    "gradients": "call autograd.grad(loss, inputs)",
    "get_session": "there are no sessions; leave the line out",
    "learning_phase": "give the model training=True or False",
    "placeholder": "write keras.Input(shape)",
    "rnn": "take keras.layers.RNN",
    "set_learning_phase": "give the model training=True or False",
    "set_session": "there are no sessions; leave the line out",
}


def named(name: str) -> Any:
    """The function of an old name; an AttributeError says what to write instead of it."""
    if name in TABLE:
        return TABLE[name]
    instead = REFUSED.get(name, f"the functions of tensors are in keras.ops: keras.ops.{name}?")
    raise MissingAttributeError(f"keras.backend has no {name!r}; {instead}")
