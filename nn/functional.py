"""Layers and losses as functions of Tensors: a face of what the rooms of `nn` hold."""

from autograd.engine.late import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
