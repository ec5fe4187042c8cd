# fmt: off
# isort: skip_file
"""What is imported to write ops, and where each is defined."""

from autograd.core import (
    def_linear as def_linear, defjvp as defjvp, defjvp_argnum as defjvp_argnum,
    defjvp_argnums as defjvp_argnums, deflinear as deflinear, defvjp as defvjp,
    defvjp_argnum as defvjp_argnum, defvjp_argnums as defvjp_argnums,
)
from autograd.engine.diagnose import here as here
from autograd.engine.op import composite as composite, op as op
from autograd.engine.operands import raw as raw
from autograd.engine.rules import hands_on as hands_on
from autograd.engine.samples import (
    Sample as Sample, Samples as Samples, draw as draw, elementwise as elementwise,
    sample as sample, samples as samples,
)
from autograd.engine.typed import Array as Array, ArrayLike as ArrayLike
from autograd.tracer import (
    Box as Box, notrace_primitive as notrace_primitive, primitive as primitive,
    register_notrace as register_notrace,
)
from autograd.vspace import VSpace as VSpace, vspace as vspace
