"""Program: a call as data, that can be run, printed, compared, checked, rewritten and saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, overload

from autograd.engine.node import Node
from autograd.engine.row import CONSTANT, DRAW, INPUT, PARAMETER, STATE, WRITE
from autograd.errors import TraceError
from autograd.graph.call import Call, trace as trace_call
from autograd.graph.cells import Cell
from autograd.graph.graph import Graph
from autograd.ops.shape.diagonals import trace as diagonal_sum
from autograd.program.capture import ProgramCapture
from autograd.program.listing import closed_over, listing, name_cells
from autograd.program.run import run
from autograd.tensors.tensor import Tensor

__all__ = ["Program", "trace"]


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
    Tensor([1., 2.], dtype=float32)
    >>> program(ag.Tensor([0.0, 0.0]))
    Tensor(5., dtype=float32)
    >>> w.detach()
    Tensor([0., 0.], dtype=float32)
    """

    __slots__ = ("call", "nodes", "outputs", "presence")

    def __init__(
        self,
        call: Call,
        nodes: tuple[Node, ...],
        outputs: tuple[Node, ...],
        presence: Mapping[Cell, tuple[bool, str | None]],
    ) -> None:
        self.call = call
        self.nodes = nodes  # in an order in which they can be run
        self.outputs = outputs
        self.presence = dict(presence)  # what Python saw to be there, or not to be

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return run(self, args, kwargs)

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    # ---- what it is made of --------------------------------------------------------------------

    @property
    def inputs(self) -> tuple[Node, ...]:
        """What the call was given, by the names of the parameters."""
        return self._of(INPUT)

    @property
    def parameters(self) -> tuple[Node, ...]:
        """The Tensors that require grad, as they are when it begins."""
        return self._of(PARAMETER)

    @property
    def state(self) -> tuple[Node, ...]:
        """Buffers, gradients and moments of optimizers, as they are when it begins."""
        return self._of(STATE)

    @property
    def draws(self) -> tuple[Node, ...]:
        """Random numbers, which each run draws anew."""
        return self._of(DRAW)

    @property
    def writes(self) -> tuple[Node, ...]:
        """What it leaves behind, in Tensors and in the state of optimizers."""
        return self._of(WRITE)

    @property
    def constants(self) -> dict[str, Any]:
        """Python's numbers that the function closes over, by name, as far as they can be seen.

        They are those of the trace. Arrays that it closes over are read at every run.

        >>> import autograd as ag
        >>> rate = 0.5
        >>> ag.trace(lambda x: x * rate, ag.Tensor([1.0])).constants
        {'rate': 0.5}
        """
        return closed_over(self.call.function, self.call.args, self.call.kwargs)

    @property
    def graph(self) -> Graph:
        """The instructions as a Graph, which pictures and `verify` read."""
        graph = Graph.__new__(Graph)
        graph.call, graph.nodes, graph.outputs = self.call, self.nodes, self.outputs
        return graph

    def _of(self, op: Any) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.op is op)

    def name_of(self, cell: Cell) -> str:
        """What a cell is called in the listing."""
        names = {node.params[0]: node.name for node in self.nodes if node.op in (STATE, WRITE)}
        return names.get(cell) or f"{cell.tensor._label()}.{cell.kind}"

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

    >>> import autograd as ag
    >>> program = ag.trace(lambda x, y: {"sum": x + y}, ag.Tensor([1.0]), ag.Tensor([2.0]))
    >>> program(ag.Tensor([3.0]), ag.Tensor([4.0]))
    {'sum': Tensor([7.], dtype=float32)}
    """
    if not callable(function):
        return diagonal_sum(function, *examples, **kwargs)
    capture = ProgramCapture()
    call, nodes, outputs = trace_call(function, examples, kwargs, capture)
    for refused in capture.refused:
        place = f" at {refused.where}" if refused.where else ""
        raise TraceError(f"trace: no program holds {refused.what}{place}")
    name_cells(nodes)
    return Program(call, nodes, outputs, capture.presence)
