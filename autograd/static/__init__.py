"""autograd.static: programs in two phases, as TensorFlow 1 had them: a graph, then sessions.

`import autograd.static as tf` is the line that such a program changes. What is built are nodes
without values; `Session.run` runs what its fetches depend on, by the one interpreter of graphs.
"""

from autograd.engine.lazy_names import attach as _attach

__getattr__, __dir__, __all__ = _attach(
    __name__,
    unchecked=("slice",),  # whose `size` may be -1
)
