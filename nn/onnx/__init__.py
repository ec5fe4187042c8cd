"""ONNX models from anywhere, as modules that run and learn; `autograd.onnx` has the names."""

from typing import Any

from autograd.engine.missing import not_in


def __getattr__(name: str) -> Any:
    raise not_in(__name__, name, ())
