"""chaingrad: reverse-mode automatic differentiation that shows the chain rule."""

import importlib
import pkgutil

from autograd import create as _c
from autograd import errors, ops, random
from autograd import random as _r
from autograd.differentiate import backward, grad
from autograd.dtypes import get_default_dtype, set_default_dtype
from autograd.graph import Graph
from autograd.modes import (
    detect_anomaly,
    enable_grad,
    is_grad_enabled,
    no_grad,
    scope,
    set_grad_enabled,
    trace,
)
from autograd.op import OPS
from autograd.tensor import Tensor, asarray

for _m in (_c,_r):
    for _name in _m.__all__: globals()[_name]=getattr(_m,_name)


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
    if not _info.name.startswith("linalg"):
        for _name in _chapter.__all__:
            if hasattr(_chapter, _name):
                globals()[_name] = getattr(_chapter, _name)
    elif _info.name == "linalg":
        linalg = _chapter
__all__ = [n for n in dir() if not n.startswith("_")]
