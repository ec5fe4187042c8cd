"""Losses that run through time, for which there are no operators."""

from autograd.onnx.computed import ALIGNMENTS
from autograd.onnx.table import refuse

__all__: list[str] = []

refuse(ALIGNMENTS, "bands", "log_bands")
refuse("it is the mark that a module's backward hooks leave; remove them (handle.remove())",
       "border")  # fmt: skip
