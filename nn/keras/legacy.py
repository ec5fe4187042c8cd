"""keras.backend of Keras 2, "K": its names over keras.ops, for losses and metrics of old programs.

Keras 3 has only the settings of `keras.backend`; programs that say `from keras import backend as K`
still ask it for `K.mean(K.square(y_pred - y_true))`.
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import MissingAttributeError, UnsupportedError
from nn.keras import activations, ops, random
from nn.keras.backend import floatx, get_value, tensor
from nn.keras.base.layer import training_now
from nn.keras.engine.variable import Variable

__all__ = ["TABLE", "named"]

_SAME = """abs all any arange cast clip cos dot elu equal exp eye greater greater_equal hard_sigmoid
less less_equal log logsumexp max maximum mean min minimum ndim not_equal one_hot ones_like
prod reshape round shape sigmoid sign sin softmax softplus softsign sqrt square squeeze
stack std stop_gradient sum switch_ tanh tile transpose var zeros_like"""


def _crossentropy(name: str) -> Any:
    def crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
        options = {} if name.startswith("binary") else {"axis": axis}
        return getattr(ops, name)(target, output, from_logits, **options)

    return crossentropy


def _l2_normalize(x: Any, axis: Any = None) -> Any:
    x = tensor(x)
    return x / ag.sqrt(ag.maximum(ag.sum(ag.square(x), axis=axis, keepdims=True), 1e-12))


def _in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    chosen = x if (training_now() if training is None else training) else alt
    return chosen() if callable(chosen) else chosen


def _switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    one, two = (e() if callable(e) else e for e in (then_expression, else_expression))
    return ops.where(condition, one, two)


def _along(name: str, default: int) -> Any:
    """An op with the axis that the backend took where none is given."""

    def along(x: Any, axis: Any = default) -> Any:
        return getattr(ops, name)(x, axis=axis)

    return along


def _batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Products of the examples of x and y, summed over an axis of each."""
    x, y = tensor(x), tensor(y)
    n, m = len(x.shape), len(y.shape)
    if axes is None:
        axes = (n - 1, m - 1 if m == 2 else m - 2)
    one, two = (axes, axes) if isinstance(axes, int) else axes
    left, right = [*range(n)], [0, *range(n, n + m - 1)]
    right[two] = left[one]
    summed = left[one]
    out = [i for i in left if i != summed] + [i for i in right[1:] if i != summed]
    names = "abcdefghijklmnop"
    rule = ["".join(names[i] for i in axes) for axes in (left, right, out)]
    found = ops.einsum(f"{rule[0]},{rule[1]}->{rule[2]}", x, y)
    return ops.expand_dims(found, 1) if len(out) == 1 else found


def _relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Any:
    return activations.relu(x, negative_slope=alpha, max_value=max_value, threshold=threshold)


def _print_tensor(x: Any, message: str = "") -> Any:
    print(message, x)
    return x


def _update(x: Any, new_x: Any) -> Any:
    return x.assign(new_x)


def _dim_ordering(dim_ordering: str) -> None:
    if dim_ordering != "tf":
        raise UnsupportedError(
            f"set_image_dim_ordering({dim_ordering!r}): channels are last; give the layers "
            "data_format='channels_first'"
        )


TABLE: dict[str, Any] = {name: getattr(ops, name) for name in _SAME.split() if name[-1] != "_"} | {
    "argmax": _along("argmax", -1),
    "argmin": _along("argmin", -1),
    "batch_dot": _batch_dot,
    "batch_flatten": lambda x: ops.reshape(x, (len(tensor(x)), -1)),
    "bias_add": lambda x, bias, data_format=None: x + tensor(bias),
    "binary_crossentropy": _crossentropy("binary_crossentropy"),
    "categorical_crossentropy": _crossentropy("categorical_crossentropy"),
    "cast_to_floatx": lambda x: np.asarray(tensor(x).detach(), floatx()),
    "concatenate": _along("concatenate", -1),
    "constant": lambda value, dtype=None, shape=None, name=None: ops.array(value, dtype),
    "count_params": lambda x: math.prod(tensor(x).shape),
    "cumprod": _along("cumprod", 0),
    "cumsum": _along("cumsum", 0),
    "dtype": lambda x: str(tensor(x).dtype),
    "eval": get_value,
    "expand_dims": _along("expand_dims", -1),
    "flatten": lambda x: ops.reshape(x, (-1,)),
    "gather": lambda reference, indices: ops.take(reference, indices, axis=0),
    "get_variable_shape": ops.shape,
    "image_dim_ordering": lambda: "tf",
    "in_train_phase": _in_train_phase,
    "int_shape": ops.shape,
    "is_tensor": ops.is_tensor,
    "l2_normalize": _l2_normalize,
    "map_fn": lambda fn, elems, name=None, dtype=None: ops.map(fn, elems),
    "name_scope": lambda name: nullcontext(),
    "ones": lambda shape, dtype=None, name=None: ops.ones(shape, dtype),
    "permute_dimensions": lambda x, pattern: ops.transpose(x, pattern),
    "pow": ops.power,
    "print_tensor": _print_tensor,
    "random_normal": lambda shape, mean=0.0, stddev=1.0, dtype=None, seed=None: random.normal(
        shape, mean, stddev, dtype, seed
    ),
    "random_uniform": lambda shape, minval=0.0, maxval=1.0, dtype=None, seed=None: random.uniform(
        shape, minval, maxval, dtype, seed
    ),
    "relu": _relu,
    "repeat": lambda x, n: ops.repeat(ops.expand_dims(x, 1), n, 1),
    "repeat_elements": lambda x, rep, axis: ops.repeat(x, rep, axis),
    "reverse": lambda x, axes: ops.flip(x, axes),
    "set_image_dim_ordering": _dim_ordering,
    "sparse_categorical_crossentropy": _crossentropy("sparse_categorical_crossentropy"),
    "switch": _switch,
    "truncated_normal": lambda shape, mean=0.0, stddev=1.0, dtype=None, seed=None: (
        random.truncated_normal(shape, mean, stddev, dtype, seed)
    ),
    "update": _update,
    "update_add": lambda x, increment: x.assign_add(increment),
    "update_sub": lambda x, decrement: x.assign_sub(decrement),
    "variable": lambda value, dtype=None, name=None, constraint=None: Variable(
        np.asarray(tensor(value).detach()), dtype=dtype, name=name
    ),
    "zeros": lambda shape, dtype=None, name=None: ops.zeros(shape, dtype),
}
REFUSED = {
    "conv2d": "take keras.ops.conv",
    "ctc_batch_cost": "take keras.losses.CTC",
    "function": "call the model, or keras.Model(inputs, outputs)",
    "gradients": "call autograd.grad(loss, inputs)",
    "get_session": "there are no sessions; leave the line out",
    "learning_phase": "give the model training=True or False",
    "moving_average_update": "write x.assign(momentum * x + (1 - momentum) * value)",
    "placeholder": "write keras.Input(shape)",
    "pool2d": "take keras.ops.max_pool or average_pool",
    "resize_images": "take keras.layers.UpSampling2D",
    "rnn": "take keras.layers.RNN",
    "set_learning_phase": "give the model training=True or False",
    "set_session": "there are no sessions; leave the line out",
    "tensorflow_backend": "there is no TensorFlow here; leave the line out",
    "tf": "there is no TensorFlow here; take keras.ops",
}


def named(name: str) -> Any:
    """The function of an old name; an AttributeError says what to write instead of it."""
    if name in TABLE:
        return TABLE[name]
    instead = REFUSED.get(name, f"the functions of tensors are in keras.ops: keras.ops.{name}?")
    raise MissingAttributeError(f"keras.backend has no {name!r}; {instead}")
