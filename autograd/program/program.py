"""Program: a call as data, that can be run, printed, compared, checked, rewritten and saved."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from types import FunctionType
from typing import Any, overload

from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.row import CONSTANT, DRAW, INPUT, PARAMETER, STATE, WRITE
from autograd.errors import TraceError
from autograd.graph.call import Call
from autograd.graph.call import trace as trace_call
from autograd.graph.cells import Cell
from autograd.graph.graph import Graph
from autograd.graph.naming import HELD, parameter_names
from autograd.graph.pytree import flat
from autograd.graph.verdict import Verdict
from autograd.ops.shape.diagonals import trace as diagonal_sum
from autograd.program import store
from autograd.program.capture import ProgramCapture
from autograd.program.compare import first_difference
from autograd.program.instructions import PULL
from autograd.program.listing import closed_over, listing, name_cells
from autograd.program.run import run
from autograd.program.surroundings import Surroundings
from autograd.tensors.tensor import Tensor

__all__ = ["Program", "trace", "traced"]


class Program:
    """A call, traced once: its instructions with inputs, parameters, state, draws and writes.

    Calling it does what the call itself would do now, to the bit: it reads parameters, buffers,
    gradients, moments of optimizers and NumPy arrays as they are, draws anew, writes what the call
    would write, and returns Tensors outside of any graph. Inputs have the shapes and dtypes of the
    trace. `print(program)` shows one line an instruction.

    >>> import autograd as ag
    >>> import optim
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> optimizer = optim.SGD([w], lr=0.5)
    >>> def step(x):
    ...     optimizer.zero_grad()
    ...     loss = ((w - x) ** 2).sum()
    ...     loss.backward()
    ...     optimizer.step()
    ...     return loss
    >>> program = ag.trace(step, ag.Tensor([0.0, 0.0]))
    >>> w.detach()  # a trace changes nothing
    Tensor([1., 2.], dtype=float32, name='w')
    >>> program(ag.Tensor([0.0, 0.0]))
    Tensor(5., dtype=float32)
    >>> w.detach()
    Tensor([0., 0.], dtype=float32, name='w')
    """

    __slots__ = (
        "around", "call", "constants", "draws", "held", "inputs", "names", "nodes", "options",
        "outputs", "presence", "sweeps", "writes",
    )  # fmt: skip

    def __init__(
        self,
        call: Call,
        nodes: tuple[Node, ...],
        outputs: tuple[Node, ...],
        presence: Mapping[Cell, tuple[bool, str | None]],
        names: Sequence[str],
        constants: dict[str, Any],
        options: Sequence[tuple[Any, list[dict[str, Any]]]] = (),
        around: Surroundings | None = None,
    ) -> None:
        self.call = call
        self.nodes = nodes  # in an order in which they can be run
        self.outputs = outputs
        self.presence = dict(presence)  # what Python saw to be there, or not to be
        self.names = tuple(names)  # of the positional arguments
        # Python's numbers that the function closes over, as far as they can be seen, as they were
        # in the trace. Arrays that it closes over are read at every run.
        self.constants = constants
        self.options = tuple(options)  # of optimizers whose steps are written with ops
        self.around = around  # what Python may have read besides
        self.sweeps = any(node.op is PULL for node in nodes)
        self.inputs = self._of(INPUT)  # what the call was given, by the names of the parameters
        self.held = self._of(PARAMETER, STATE, CONSTANT)  # what there is when it begins
        self.draws = self._of(DRAW)  # random numbers, which each run draws anew
        self.writes = self._of(WRITE)  # what it leaves behind, in Tensors and optimizers

    def changed(self, call: Call, nodes: Sequence[Node], outputs: Sequence[Node]) -> Program:
        """The same program of other instructions."""
        kept = self.presence, self.names, self.constants, self.options, self.around
        return Program(call, tuple(nodes), tuple(outputs), *kept)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return run(self, args, kwargs)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    # ---- what it is made of --------------------------------------------------------------------

    @property
    def parameters(self) -> tuple[Node, ...]:
        """The Tensors that require grad, as they are when it begins."""
        return self._of(PARAMETER)

    @property
    def state(self) -> tuple[Node, ...]:
        """Buffers, gradients and moments of optimizers, as they are when it begins."""
        return self._of(STATE)

    @property
    def graph(self) -> Graph:
        """The instructions as a Graph, which pictures and `verify` read."""
        graph = Graph.__new__(Graph)
        graph.call, graph.nodes, graph.outputs = self.call, self.nodes, self.outputs
        return graph

    def _of(self, *ops: Any) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.op in ops)

    @property
    def nbytes(self) -> int:
        """Of all values, as if none were freed."""
        specs = [node.spec for node in self.nodes]
        arrays = (spec for spec in specs if type(spec) is tuple)
        return sum(math.prod(shape) * dtype.itemsize for shape, dtype in arrays)

    def name_of(self, cell: Cell) -> str:
        """What a cell is called in the listing."""
        names = {node.params[0]: node.name for node in self.nodes if node.op in (STATE, WRITE)}
        return names.get(cell) or f"{cell.tensor._label()}.{cell.kind}"

    # ---- compare, check and keep ---------------------------------------------------------------

    def diff(self, other: Program) -> str | None:
        """The first instruction that differs from another program's, in words, or None.

        >>> import autograd as ag
        >>> x = ag.Tensor([1.0])
        >>> print(ag.trace(lambda x: x + 1, x).diff(ag.trace(lambda x: x * 2, x)))
        instruction 1 is add(#0, 1) of float32 1 at ... here, and multiply(#0, 2) of ... there
        """
        return first_difference(self, other)

    def verify(self, **options: Any) -> Verdict:
        """Check the rules of all ops along which gradients flow (see `Graph.verify`)."""
        return self.graph.verify(**options)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write it to a file, with what parameters, state and arrays hold now; the path.

        The structure is JSON, the numbers are safetensors. A program with functions or generators
        of the user's own, or with the step of a schedule, has no file.
        """
        return store.save(self, path)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Program:
        """The program in a file, with parameters and optimizers of its own; it runs no code."""
        return Program(*store.load(path))

    def __str__(self) -> str:
        return listing(self)

    def __repr__(self) -> str:
        return f"<Program of {len(self.nodes)} instructions>"


@overload
def trace(function: Callable[..., Any], *examples: Any, **kwargs: Any) -> Program: ...
@overload
def trace(function: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor: ...
def trace(function: Any, *examples: Any, **kwargs: Any) -> Any:
    """Trace a call of a `function` on `examples` as a Program, without changing anything.

    The function may be a module, or a whole step of training: with `backward()`, `grad`, the steps
    of optimizers and schedules, `zero_grad`, clipping, buffers and random draws. `examples` and
    `kwargs` are its arguments: Tensors and arrays among them, also in tuples, lists and dicts, are
    inputs of the program; the rest are constants. What no program can hold raises TraceError with
    the line: a Python branch on the value of a Tensor, a number taken out of one.

    Of a matrix, which is no function, it is `np.trace`: the sum of the diagonal.

    Shape: of a matrix any -> without its two axes.

    >>> import autograd as ag
    >>> program = ag.trace(lambda x, y: {"sum": x + y}, ag.Tensor([1.0]), ag.Tensor([2.0]))
    >>> program(ag.Tensor([3.0]), ag.Tensor([4.0]))
    {'sum': Tensor([7.], dtype=float32)}
    """
    if not callable(function):
        return diagonal_sum(function, *examples, **kwargs)
    around = Surroundings(function, flat((examples, kwargs)))
    return traced(function, examples, kwargs, ProgramCapture(), around)


def traced(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    capture: ProgramCapture,
    around: Surroundings | None = None,
) -> Program:
    """Trace a call by a capture, which may note more than the program.

    Without `around` it is the caller's to see that what lies around the call stays the same.
    """
    capture.around = around
    if around is not None and around.iterators:
        raise TraceError(_USED_UP.format(around.iterators[0]))
    try:
        call, nodes, outputs = trace_call(function, args, kwargs, capture)
        changed = None if around is None else around.changed(with_options=True)
        drawn = None if around is None else around.drawn()
    finally:
        if around is not None:
            around.put_back()
    for refused in capture.refused:
        place = f" at {refused.where}" if refused.where else ""
        raise TraceError(f"trace: no program holds {refused.what}{place}")
    for part in flat(call.result):
        _check_result(part)
    if drawn is not None:
        raise TraceError(_DRAWN.format(drawn))
    if changed is not None:
        raise TraceError(_CHANGED.format(changed))
    if around is not None:
        held = (node.params[0] for node in nodes if node.op in HELD)
        around.note_held(held, (each.found() for each in capture.held))
    name_cells(nodes)
    names = parameter_names(function, len(args))
    constants = closed_over(function, call.args, call.kwargs)
    found = capture.presence, names, constants, capture.options, around
    return Program(call, nodes, outputs, *found)


def _check_result(part: Any) -> None:
    """No program can fill a Tensor into what is no tuple, list, dict or dataclass."""
    if isinstance(part, (Iterator, FunctionType, Set, deque)):
        what = "which runs later" if isinstance(part, (Iterator, FunctionType)) else "as it is"
    elif any(type(x) in tensor_types for x in flat(getattr(part, "__dict__", {}))):
        if hasattr(type(part), "named_buffers"):
            return
        what = "with Tensors inside"
    else:
        return
    raise TraceError(
        f"trace: the call returns a {type(part).__name__}, {what}, which no program can make: "
        "return Tensors in tuples, lists, dicts or dataclasses"
    )


_USED_UP = (
    "trace: {0} is an iterator, which a trace would use up: call next({0}) outside, and give what "
    "it gave"
)
_DRAWN = (
    "trace: {} drew numbers, which would be the same at every run: draw by autograd.random, with "
    "rng= for a generator of your own"
)
_CHANGED = (
    "trace: the call changes what lies around it: {} before it.\n  What Python holds is a constant "
    "of a program: keep it in a Tensor (a buffer that is written to), return it, or change it "
    "outside of what is traced."
)
