"""Options of layers by the names of Keras 1: read where they can mean one thing, with a warning."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

from autograd.errors import ArgumentError
from nn.keras.naming import renamed

__all__ = ["OLD", "MadeByOldNames"]

OLD = {
    "W_constraint": "kernel_constraint", "U_constraint": "recurrent_constraint",
    "b_constraint": "bias_constraint", "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer", "b_regularizer": "bias_regularizer",
    "atrous_rate": "dilation_rate", "bias": "use_bias", "border_mode": "padding",
    "beta_init": "beta_initializer", "dim_ordering": "data_format",
    "dropout_U": "recurrent_dropout", "dropout_W": "dropout", "filter_length": "kernel_size",
    "gamma_init": "gamma_initializer",
    "init": "kernel_initializer", "inner_activation": "recurrent_activation",
    "inner_init": "recurrent_initializer", "nb_filter": "filters", "output_dim": "units",
    "p": "rate", "pool_length": "pool_size", "sigma": "stddev", "stride": "strides",
    "subsample": "strides", "subsample_length": "strides",
}  # fmt: skip
_OF_NO_MEANING = {"consume_less", "mode"}  # how it was computed; 0, of BatchNormalization
_LAYOUTS = {"th": "channels_first", "tf": "channels_last", "default": None}


class MadeByOldNames(type):
    """The type of layers: those of Keras can be made with the options of Keras 1 too."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        old = {*kwargs} & {*OLD, *_OF_NO_MEANING, "nb_row", "nb_col"}
        if old and cls.__module__.startswith("nn.keras."):
            taken = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
            kwargs = _read(cls, old - {*taken}, kwargs)
        if getattr(cls, "_rank", 0) == 2 and (old or getattr(cls, "_sizes_apart", False)):
            args = _sizes(cls.__name__, args)
        return super().__call__(*args, **kwargs)


def _sizes(kind: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Filters and a kernel of two sizes, where each size is a number of its own."""
    if len(args) < 3 or not all(isinstance(n, int) for n in args[:3]):
        return args
    filters, rows, columns, *rest = args
    warnings.warn(
        f"{kind}({filters}, {rows}, {columns}) is read as in Keras 1, a kernel of {rows} by "
        f"{columns}; write Conv2D({filters}, ({rows}, {columns}))",
        DeprecationWarning,
        stacklevel=3,
    )
    return (filters, (rows, columns), *rest)


def _read(cls: Any, old: set[str], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Options by the names of now."""
    names = {name: OLD[name] for name in old & {*OLD}}
    if "embeddings_initializer" in inspect.signature(cls.__init__).parameters:
        names = {k: v.replace("kernel_", "embeddings_") for k, v in names.items()}
    kwargs = renamed(cls.__name__, kwargs, names, stacklevel=4)
    for name in old & _OF_NO_MEANING:
        if name == "mode" and kwargs[name] != 0:
            raise ArgumentError(
                f"{cls.__name__}: mode={kwargs[name]!r} is gone from Keras; leave it out, and call "
                "the layer with training=True for the numbers of the batch"
            )
        del kwargs[name]
    if "dim_ordering" in old:
        kwargs["data_format"] = _LAYOUTS.get(kwargs["data_format"], kwargs["data_format"])
    if {"nb_row", "nb_col"} <= kwargs.keys():
        kwargs["kernel_size"] = (kwargs.pop("nb_row"), kwargs.pop("nb_col"))
    return kwargs
