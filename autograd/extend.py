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

from autograd.engine.lazy_names import attach as _attach

# they are typed by what they decorate, or see to their own arguments
_OWN = (
    "Array",
    "ArrayLike",
    "Box",
    "Sample",
    "Samples",
    "VSpace",
    "composite",
    "draw",
    "elementwise",
    "hands_on",
    "here",
    "op",
    "raw",
    "sample",
    "samples",
    "vspace",
)

__getattr__, __dir__, __all__ = _attach(
    __name__,
    late=("autograd.core", "autograd.tracer", "autograd.vspace"),  # which stand on ops
    unchecked=_OWN,
)
