"""The profiler: where the time of a program goes, op by op, forward and backward.

A profile is a Watch (see `autograd.engine.watch`), which looks at the clock before and after each
forward and each rule. Next to nothing is paid while none is open.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter_ns
from types import TracebackType
from typing import Any, NamedTuple, Self

from autograd.engine.arguments import spelled
from autograd.engine.diagnose import check_choice
from autograd.engine.modes import Scope, current_mode
from autograd.engine.node import Node
from autograd.engine.row import Op
from autograd.engine.watch import Watch
from autograd.system.files import write_file
from autograd.system.sizes import bytes_text

__all__ = ["Event", "Message", "Profile", "profile"]


class Event(NamedTuple):
    """One call: of an op's forward, of a rule, or a span that the user named. Times in ns."""

    kind: str  # "forward", "backward" or "span"
    name: str  # of the op, or of the span
    module: str  # path of the module that was running, or that the node belongs to
    start: int
    duration: int
    own: int  # without the calls inside it
    shape: tuple[int, ...]  # of what it gave
    bytes: int


class Message(NamedTuple):
    """What was sent to other processes and back, while this one went on or waited. Times in ns."""

    name: str
    start: int
    duration: int
    waited: int  # the rest of it was behind computing
    bytes: int


class Profile(Watch):
    """What ran in a `with` block on this thread: print it, or look at `events`.

    >>> import autograd as ag
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> with ag.profile() as p:
    ...     (x * x).sum().backward()
    >>> sorted({(event.kind, event.name) for event in p.events})
    [('backward', 'multiply'), ('backward', 'sum'), ('forward', 'multiply'), ('forward', 'sum')]
    """

    sees_forward = sees_blocks = sees_kernels = True

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.messages: list[Message] = []
        self.seconds = 0.0  # of the whole block
        self._inside: list[int] = []  # for each call that runs: ns spent in the calls inside it
        self._thread = 0
        self._start = 0

    def __enter__(self) -> Self:
        self._thread = threading.get_ident()
        super().__enter__()
        self._start = perf_counter_ns()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds += (perf_counter_ns() - self._start) / 1e9
        super().__exit__(kind, error, trace)

    def forward(self, op: Op, run: Callable[..., Any], /, *values: Any, **params: Any) -> Any:
        return self._timed("forward", op, current_mode().scope, run, values, params)

    def rule(self, node: Node, position: int | None, rule: Any, /, g: Any, *saved: Any) -> Any:
        if threading.get_ident() != self._thread:  # a block of a large array
            return rule(g, *saved)
        return self._timed("backward", node.op, node.scope, rule, (g, *saved), {})

    def kernel(
        self, kind: str, name: str, module: str, duration: int, shape: tuple[int, ...], size: int
    ) -> None:
        start = perf_counter_ns() - duration
        self.events.append(Event(kind, name, module, start, duration, duration, shape, size))
        if self._inside:
            self._inside[-1] += duration

    def communicated(self, name: str, start: int, duration: int, waited: int, size: int) -> None:
        self.messages.append(Message(name, start, duration, waited, size))

    def _timed(
        self,
        kind: str,
        op: Op,
        scope: Scope | None,
        run: Callable[..., Any],
        args: tuple[Any, ...],
        params: dict[str, Any],
    ) -> Any:
        self._inside.append(0)
        value = None
        start = perf_counter_ns()
        try:
            value = run(*args, **params)
        finally:
            self._end(kind, op.name, "" if scope is None else scope.path, start, value)
        return value

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Time a part of the block under a name, such as `with p.span("optimizer"): ...`."""
        self._inside.append(0)
        start = perf_counter_ns()
        try:
            yield
        finally:
            self._end("span", name, "", start, None)

    def _end(self, kind: str, name: str, module: str, start: int, value: Any) -> None:
        duration = perf_counter_ns() - start
        own = duration - self._inside.pop()
        if self._inside:
            self._inside[-1] += duration
        values = value if type(value) is tuple else (value,)
        size = sum(int(getattr(v, "nbytes", 0)) for v in values)
        shape = tuple(getattr(values[0], "shape", ()))
        self.events.append(Event(kind, name, module, start, duration, own, shape, size))

    # ---- looking at it -------------------------------------------------------------------------

    def totals(self, by: str = "op") -> dict[str, dict[str, float]]:
        """Calls, seconds forward and backward, and bytes made, by "op", "module" or "shape".

        The slowest come first.
        """
        check_choice("by", by, ("op", "module", "shape"))
        found: dict[str, dict[str, float]] = {}
        for event in self.events:
            key = _key(event, by)
            row = found.setdefault(key, {"calls": 0, "forward": 0.0, "backward": 0.0, "bytes": 0})
            row["calls"] += event.kind != "backward"
            row["backward" if event.kind == "backward" else "forward"] += event.own / 1e9
            row["bytes"] += event.bytes
        return dict(sorted(found.items(), key=lambda item: -_time(item[1])))

    def communication(self) -> dict[str, dict[str, float]]:
        """Calls, seconds from end to end, seconds waited and bytes, by what was communicated."""
        found: dict[str, dict[str, float]] = {}
        for name, _, duration, waited, size in self.messages:
            row = found.setdefault(name, {"calls": 0, "seconds": 0.0, "waited": 0.0, "bytes": 0})
            row["calls"] += 1
            row["seconds"] += duration / 1e9
            row["waited"] += waited / 1e9
            row["bytes"] += size
        return found

    def _communication_lines(self) -> Iterator[str]:
        for name, row in self.communication().items():
            behind = 1 - row["waited"] / max(row["seconds"], 1e-12)
            yield (
                f"{name}: {row['calls']:.0f} times, {bytes_text(row['bytes'])}, "
                f"{1e3 * row['seconds']:.3f} ms, {behind:.0%} of it behind computing"
            )

    def table(self, by: str = "op", limit: int = 15) -> str:
        """The totals as text: at most `limit` rows, the rest in one, and what no op took."""
        rows = list(self.totals(by).items())
        rest = rows[limit:]
        shown = rows[:limit]
        if rest:
            joined = {key: sum(row[key] for _, row in rest) for key in rest[0][1]}
            shown.append((f"{len(rest)} more", joined))
        outside = max(self.seconds - sum(_time(row) for _, row in rows), 0.0)
        whole = max(self.seconds, 1e-12)
        lines = [(by, "calls", "forward ms", "backward ms", "share", "made")]
        for name, row in shown:
            lines.append((
                name, f"{row['calls']:.0f}", f"{1e3 * row['forward']:.3f}",
                f"{1e3 * row['backward']:.3f}", f"{_time(row) / whole:.1%}",
                bytes_text(row["bytes"]),
            ))  # fmt: skip
        lines.append(("between ops", "", f"{1e3 * outside:.3f}", "", f"{outside / whole:.1%}", ""))
        widths = [max(len(line[c]) for line in lines) for c in range(6)]
        text = [
            "  ".join(
                cell.ljust(w) if c == 0 else cell.rjust(w)
                for c, (cell, w) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        told = self._communication_lines()
        return "\n".join([*text, *told, f"{1e3 * self.seconds:.3f} ms in all"])

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return f"<Profile of {len(self.events)} calls, {1e3 * self.seconds:.3f} ms>"

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a trace that chrome://tracing and ui.perfetto.dev open."""
        events: list[dict[str, Any]] = [
            {"ph": "M", "pid": 1, "tid": 1, "name": "thread_name", "args": {"name": "chaingrad"}}
        ]
        for event in sorted(self.events, key=lambda e: (e.start, -e.duration)):
            events.append({
                "ph": "X", "pid": 1, "tid": 1, "cat": event.kind,
                "name": event.name if event.kind != "backward" else f"∇ {event.name}",
                "ts": (event.start - self._start) / 1e3, "dur": event.duration / 1e3,
                "args": {"module": event.module, "shape": list(event.shape),
                         "bytes": event.bytes},
            })  # fmt: skip
        for name, start, duration, waited, size in self.messages:
            events.append({
                "ph": "X", "pid": 1, "tid": 2, "cat": "communication", "name": name,
                "ts": (start - self._start) / 1e3, "dur": duration / 1e3,
                "args": {"waited": waited / 1e3, "bytes": size},
            })  # fmt: skip
        text = json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}, ensure_ascii=False)
        return write_file(path, text, "the trace")


@spelled
def profile() -> Profile:
    """Time every op and every rule that runs in a `with` block, on this thread.

    `print(p)` shows the totals by op, `p.table(by="module")` by module; `p.save("trace.json")`
    writes a trace for ui.perfetto.dev; `with p.span("optimizer"):` names a part of the block.
    Looking at the clock costs about three microseconds a call, which is part of "between ops".
    What goes to other processes has a line of its own, with the part of it that computing hid.
    Rules on large arrays run in blocks, each of them a call; other threads' blocks are not listed.

    >>> import autograd as ag
    >>> x = ag.Tensor(0.5, requires_grad=True)
    >>> with ag.profile() as p:
    ...     ag.tanh(x).backward()
    >>> print(p)
    op           calls  forward ms  backward ms  share  made
    tanh             1       0.0...       0.0...  ...
    between ops              ...
    ... ms in all
    """
    return Profile()


def _key(event: Event, by: str) -> str:
    if event.kind == "span":
        return f"[{event.name}]"
    if by == "module":
        return event.module or "(no module)"
    if by == "shape":
        return f"{event.name} {'×'.join(map(str, event.shape)) or 'scalar'}"
    return event.name


def _time(row: dict[str, float]) -> float:
    return row["forward"] + row["backward"]
