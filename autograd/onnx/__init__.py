"""Models as ONNX files, for other runtimes."""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
