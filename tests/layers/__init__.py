"""The tables of all families of layers and losses; see `case.py` for what a row is."""

from tests.layers import (
    activations,
    adaptive,
    attention,
    convolution,
    ctc,
    dropout,
    embedding,
    linear,
    losses,
    losses_classes,
    losses_linear,
    losses_margins,
    normalization,
    pooling,
    recurrent,
    resampling,
)
from tests.layers.case import Case

CASES: list[Case] = [
    *activations.CASES,
    *adaptive.CASES,
    *attention.CASES,
    *convolution.CASES,
    *ctc.CASES,
    *dropout.CASES,
    *embedding.CASES,
    *linear.CASES,
    *losses.CASES,
    *losses_classes.CASES,
    *losses_linear.CASES,
    *losses_margins.CASES,
    *normalization.CASES,
    *pooling.CASES,
    *recurrent.CASES,
    *resampling.CASES,
]

# Modules that compute nothing of their own, and have tests of their own.
CONTAINERS = {
    "Dense", "Input", "LazyModuleMixin", "Model", "Module", "ModuleDict", "ModuleList",
    "ParameterDict", "ParameterList", "Sequential",
}  # fmt: skip
