"""Losses that run through time, for which there are no operators."""

from autograd.onnx.table import refuse

__all__: list[str] = []

refuse("it runs through all alignments, for which ONNX has no operator; export the model without "
       "its loss", "bands", "log_bands")  # fmt: skip
refuse("it is the mark that a module's backward hooks leave; remove them (handle.remove())",
       "border")  # fmt: skip
