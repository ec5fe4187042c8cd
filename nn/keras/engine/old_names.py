"""Names of Keras 1 and 2, by the face they stand in: what each is called now, or what to write."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

from autograd.errors import MissingAttributeError, UnsupportedError

__all__ = ["OLD", "REFUSED", "with_old_names"]

_NO_FILES = "build it with layers, and load weights of your own"
_ONE_DEVICE = "there is one device, the processor; leave it out"
OLD: dict[str, dict[str, str]] = {
    "keras": {"initializations": "initializers", "objectives": "losses"},
    "keras.constraints": {"maxnorm": "max_norm", "nonneg": "non_neg", "unitnorm": "unit_norm"},
    "keras.initializers": {"normal": "RandomNormal", "one": "Ones", "uniform": "RandomUniform",
                           "zero": "Zeros"},
    "keras.optimizers": {name.lower(): name for name in (
        "SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Nadam", "RMSprop")},
    "keras.regularizers": {"activity_l1": "l1", "activity_l1l2": "l1_l2", "activity_l2": "l2",
                           "l1l2": "l1_l2"},
}  # fmt: skip
REFUSED: dict[str, dict[str, str]] = {
    "keras": {
        **dict.fromkeys(("device", "distribution"), _ONE_DEVICE),
        **dict.fromkeys(("DTypePolicy", "FloatDTypePolicy", "dtype_policies", "mixed_precision",
                         "quantizers", "Quantizer"),
                        "numbers are float32; give a layer dtype='float64' or 'float16'"),
        "applications": _NO_FILES,
        "estimator": "train with fit",
        "experimental": "make the layers of such models with keras.layers",
        "export": "take model.save, and keras.models.load_model",
        "Function": "take keras.Model(inputs, outputs)",
        "Operation": "take keras.layers.Layer",
        "StatelessScope": "layers keep their state; leave it out",
        "tree": "take autograd.tree_map",
        "wrappers": "call model.fit and model.predict, or write a scikit-learn estimator over them",
    },
    "keras.layers": {
        **dict.fromkeys(("Deconvolution2D", "Deconvolution3D"),
                        "write Conv2DTranspose(filters, kernel_size), without output_shape"),
        "AtrousConvolution2D": "write Conv2D(..., dilation_rate=rate)",
        "Highway": "write it of Dense, Multiply and Add, or as a Layer of your own",
        "MaxoutDense": "write Dense(units * n), Reshape((n, units)) and a maximum over the axis 1",
        "Merge": "write keras.layers.concatenate, add, multiply or dot of the outputs of layers",
        "TimeDistributedDense": "write Dense, which takes sequences as they are",
        "containers": "write keras.Sequential",
    },
    "keras.losses": {"Reduction": "write reduction='sum', 'none' or 'sum_over_batch_size'"},
    "keras.models": {"Graph": "write keras.Model(inputs, outputs)"},
    "keras.utils": {"multi_gpu_model": _ONE_DEVICE},
}  # fmt: skip


def with_old_names(module: str, found: Callable[[str], Any] | None = None) -> Callable[[str], Any]:
    """The `__getattr__` of a face that knows its old names, before what is `found` otherwise.

    >>> import warnings
    >>> from nn import keras
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     keras.optimizers.rmsprop is keras.optimizers.RMSprop
    True
    """
    face = module.removeprefix("nn.")
    old, refused = OLD.get(face, {}), REFUSED.get(face, {})

    def __getattr__(name: str) -> Any:
        if name in old:
            warnings.warn(
                f"{face}.{name} is an old name; write {face}.{old[name]}",
                DeprecationWarning,
                stacklevel=2,
            )
            return getattr(sys.modules[module], old[name])
        if name in refused:
            raise UnsupportedError(f"{face}.{name} is not here; {refused[name]}")
        if found is not None:
            return found(name)
        raise MissingAttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__
