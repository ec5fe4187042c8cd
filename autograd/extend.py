"""What you import to add an op of your own; CONTRIBUTING shows how to write one line by line.

>>> import numpy as np
>>> import autograd as ag
>>> from autograd.extend import Array, elementwise, op
>>> @op(
...     "x · e⁻ˣ",
...     x=lambda g, x: g * (1 - x) * np.exp(-x),
...     elementwise=True,
...     samples=elementwise((-2.0, 2.0)),
... )
... def ricker(x: Array, /) -> Array:
...     return x * np.exp(-x)
>>> x = ag.Tensor([0.0, 1.0], requires_grad=True)
>>> ricker(x).sum().backward()
>>> x.grad
Tensor([1., 0.], dtype=float32)
>>> ag.gradcheck(ricker, x).passed
True
>>> del ag.OPS["ricker"]  # from the table of all ops, so that the name is free again

`op` defines one by its forward and its rules, `composite` enters a function that is made of ops;
their functions are typed as their forward is, from `Array` to Tensor. `samples`, `sample`, `draw`
and `elementwise` are the calls that the generic tests make (`Sample` is one, `Samples` a function
that yields them). `hands_on` is the rule of an input that gets the cotangent as it is, `raw` reads
the array of a Tensor, and `here` says at the end of a message which module ran.

`primitive`, `defvjp`, `defjvp` and their kin define one by a function of plain arrays and what is
told of it afterwards, as in HIPS autograd: see docs/from_hips.md.
"""

from __future__ import annotations

import importlib
from typing import Any

from autograd.engine.diagnose import here
from autograd.engine.op import composite, op
from autograd.engine.operands import raw
from autograd.engine.rules import hands_on
from autograd.engine.samples import Sample, Samples, draw, elementwise, sample, samples
from autograd.engine.typed import Array, ArrayLike
from autograd.errors import MissingAttributeError

# by HIPS' names, from where they stand on ops: loaded when they are asked for
_LATER = {
    "Box": "tracer",
    "VSpace": "vspace",
    "def_linear": "rules_told",
    "defjvp": "rules_told",
    "defjvp_argnum": "rules_told",
    "defjvp_argnums": "rules_told",
    "deflinear": "rules_told",
    "defvjp": "rules_told",
    "defvjp_argnum": "rules_told",
    "defvjp_argnums": "rules_told",
    "notrace_primitive": "tracer",
    "primitive": "primitives",
    "register_notrace": "tracer",
    "vspace": "vspace",
}

__all__ = [
    "Array",
    "ArrayLike",
    "Sample",
    "Samples",
    "composite",
    "draw",
    "elementwise",
    "hands_on",
    "here",
    "op",
    "raw",
    "sample",
    "samples",
    *_LATER,
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise MissingAttributeError(f"autograd.extend has no {name!r}")
    return getattr(importlib.import_module(f"autograd.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return __all__
