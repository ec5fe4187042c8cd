"""The one hook of the engine: a Watch sees, and may change, how forwards and rules are run.

The profiler looks at the clock around each, `detect_anomaly` at what rules give, and the pictures'
own backward has rules printed. While nobody watches, nothing is paid for it but one look at a flag
in each recorded forward, and one in each node that the sweep passes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from types import TracebackType
from typing import Any, Self

from autograd.engine import recorder
from autograd.engine.modes import current_mode, set_mode
from autograd.engine.node import Node
from autograd.engine.row import Op
from autograd.system.forks import after_fork, forkable

__all__ = ["Watch", "see_forwards"]


class Watch:
    """Looks on while ops run and sweeps pull, in a `with` block and on its thread.

    Its methods say what happens when nobody looks on; a subclass overrides what it wants to see.
    Of several Watches the outermost is asked first, and what it runs is the next one. What puts the
    cotangent of one of several outputs among the others is no rule, and nobody is told of it.

    >>> import autograd as ag
    >>> class Told(Watch):
    ...     def rule(self, node, position, rule, /, g, *saved):
    ...         print(f"{node.op.name}: the rule for input {position} gets {g}")
    ...         return super().rule(node, position, rule, g, *saved)
    >>> x = ag.Tensor(3.0, requires_grad=True)
    >>> y = x * 2
    >>> with Told():
    ...     y.backward()
    multiply: the rule for input 0 gets 1.0
    """

    sees_forward = False  # whether `forward` is asked too
    sees_blocks = False  # whether rules may run on blocks of large arrays, as without a Watch;
    # then `rule` sees the blocks, on several threads, and `passed` nothing of them

    sees_bodies = False  # whether it looks on where a body of control flow, or of vmap, is traced

    sees_kernels = False  # whether `kernel` is told what each kernel of a plan took

    def at_sweep(self, order: Sequence[Node]) -> Watch | None:
        """Who looks on at a sweep of these nodes, the oldest first: this Watch, another, or nobody.

        A sweep at which nobody looks on is run as one without a Watch, as fast.
        """
        return self

    def forward(self, op: Op, run: Callable[..., Any], /, *values: Any, **params: Any) -> Any:
        """Run the forward of an op on raw values: `run(*values, **params)`."""
        return run(*values, **params)

    def rule(
        self, node: Node, position: int | None, rule: Callable[..., Any], /, g: Any, *saved: Any
    ) -> Any:
        """Run the rule of a node for the input at a position; that of a joint rule is None.

        `g` is the cotangent of the node's output (a tuple where it has several), `saved` what the
        rule reads beside it.
        """
        return rule(g, *saved)

    def passed(self, node: Node, position: int, g: Any) -> None:
        """See a cotangent on its way to an input, of whose shape and dtype it is."""

    def arrived(self, node: Node, g: Any) -> None:
        """See the whole cotangent of a leaf, and of a node that has a source line or hooks."""

    def pushed(self, node: Node, sources: Sequence[Any], t: Any) -> None:
        """See the tangent of a node in forward mode, and those of its inputs, or None."""

    def kernel(
        self, kind: str, name: str, module: str, duration: int, shape: tuple[int, ...], size: int
    ) -> None:
        """See what a kernel of a plan took, in ns, inside of the "forward" or "backward" of it."""

    def communicated(self, name: str, start: int, duration: int, waited: int, size: int) -> None:
        """See what was sent to other processes and back, in ns: how long one had to wait for it."""

    def __enter__(self) -> Self:
        set_mode(current_mode().replace(watch=self))
        see_forwards(self, True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        mode = current_mode()
        set_mode(mode.replace(watches=tuple(w for w in mode.watches if w is not self)))
        see_forwards(self, False)


_lock = forkable(Lock())
_open: list[Watch] = []  # those of all threads that see forwards


def see_forwards(watch: Watch, begins: bool) -> None:
    """Have recorders ask for Watches, from where one that sees forwards begins to where it ends."""
    if watch.sees_forward:
        with _lock:
            if begins:
                _open.append(watch)
            else:
                _open.remove(watch)
            recorder.watch(bool(_open))


def _go_on() -> None:
    """In a child process: its one thread's Watches are the only ones."""
    _open[:] = [watch for watch in _open if watch in current_mode().watches]
    recorder.watch(bool(_open))


after_fork(_go_on)
