# fmt: off
# isort: skip_file
"""The public names of autograd.onnx, and where each is defined."""

from autograd.onnx.exporting import export as export
from nn.onnx.load import load as load
