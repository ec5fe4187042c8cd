"""nn.vision: boxes, what is found in them, and which of them remain; torchvision's names.

Boxes are (x1, y1, x2, y2) in pixels, x to the right and y down, with x1 <= x2 and y1 <= y2, in the
last axis. What gives numbers of boxes is differentiable; what chooses among boxes gives indices.
"""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(__name__)
