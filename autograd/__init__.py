"""chaingrad: reverse-mode automatic differentiation that shows the chain rule."""

import importlib
import pkgutil

from autograd import errors, ops
from autograd.differentiate import backward, grad
from autograd.dtypes import get_default_dtype, set_default_dtype
from autograd.modes import (
    detect_anomaly,
    enable_grad,
    is_grad_enabled,
    no_grad,
    scope,
    set_grad_enabled,
    trace,
)
from autograd.graph import Graph
from autograd.op import OPS
from autograd.tensor import Tensor, asarray

from autograd.memory import keep_freed_memory

keep_freed_memory()

# Interim: every public name of every chapter. Becomes an explicit list.
for _info in pkgutil.iter_modules(ops.__path__):
    try:
        _chapter = importlib.import_module(f"autograd.ops.{_info.name}")
    except Exception as _e:
        import sys
        print("INTERIM: chapter", _info.name, "broken:", _e, file=sys.stderr)
        continue
    if _info.name != "linalg":
        for _name in _chapter.__all__:
            if hasattr(_chapter, _name):
                globals()[_name] = getattr(_chapter, _name)
    else:
        linalg = _chapter
__all__ = [n for n in dir() if not n.startswith("_")]
