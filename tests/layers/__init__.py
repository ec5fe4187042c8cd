"""The tables of all families of layers and losses; see `case.py` for what a row is."""

from tests.layers import activations, linear, losses
from tests.layers.case import Case

CASES: list[Case] = [*activations.CASES, *linear.CASES, *losses.CASES]

# Modules that compute nothing of their own, and have tests of their own.
CONTAINERS = {"LazyModuleMixin", "Module", "ModuleDict", "ModuleList", "Sequential"}
