"""Graphs that are kept for nothing, step after step: told once, with the line and the remedy.

Two things prove that a program keeps graphs which it has no use for, and neither is looked for
where ops are recorded. Of every eighth sweep one node is remembered, weakly: a sweep lets go what
its graph had saved, so that nothing can be computed from a swept graph, and where those of several
sweeps in a row live on, something collects them. And a sum made by `+=` of many results that do
not depend on it is looked at when it is dropped: if no sweep has come by, there was no use for its
graph. A loop that goes on from its own result is no such sum, and one that is differentiated in
the end, however long, has had its use.
"""

from __future__ import annotations

import gc
import re
import sys
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from linecache import getline
from types import CodeType, FrameType, ModuleType
from typing import Any
from weakref import finalize, ref

from autograd.engine.callers import caller
from autograd.engine.modes import captures
from autograd.engine.node import Node, next_number, reachable
from autograd.engine.operands import tensor_types
from autograd.errors import GraphKeptWarning

__all__ = ["EVERY", "SOME", "grown", "sample"]

EVERY = 8  # sweeps, of which one is remembered
SOME = 16  # times that `+=` is written, of which one is looked at
_SAMPLES = 4  # that live, one after the other, before it is told
_TERMS = 64  # of a sum, before it is looked at
_LARGE = 6  # nodes for each term: less is a formula and no model
_OURS = ("autograd", "nn", "optim")

_alive: deque[tuple[ref[Node], int]] = deque(maxlen=_SAMPLES)  # and the time of the sweep
_told: set[tuple[str, int | str]] = set()  # lines, and names that keep
_BOUNDED = object()  # a deque that lets go of the oldest
_OWN = -1  # among the hooks of a node
_skipped = _to_skip = 0  # looks: to collect garbage takes long, so there are twice as few each time


# ---- graphs that were swept ----------------------------------------------------------------------


def sample(order: Sequence[Node]) -> None:
    """Look at the graphs of some sweeps before, and remember this one's, its oldest node first."""
    if captures:  # a trace keeps all of its nodes
        return
    for node in order:
        if node.op.inputs:
            break
    else:
        return
    if _alive:
        try:
            oldest, (_, last) = _alive[0][0](), _alive[-1]
            if oldest is None:
                _alive.popleft()  # it had its time
            elif node.number < last:  # recorded before the last sweep: not step by step
                _alive.clear()
            elif len(_alive) == _SAMPLES:
                remembered, oldest = [old for old, _ in _alive], None
                _alive.clear()  # and the newest is asked for: others may be of a loop before
                if _are_kept(remembered) and (newest := remembered[-1]()) is not None:
                    _tell_of_swept(newest)
        except (IndexError, RuntimeError):  # another thread has taken them
            pass
    _alive.append((ref(node), next_number()))


def _are_kept(remembered: list[ref[Node]]) -> bool:
    """Whether all still live, and not as cycles that nobody has collected yet."""
    global _skipped, _to_skip
    if any(old() is None for old in remembered):
        return False
    if _skipped < _to_skip:
        _skipped += 1
        return False
    _skipped, _to_skip = 0, 2 * _to_skip + 1
    gc.collect()
    return all(old() is not None for old in remembered)


def _tell_of_swept(node: Node) -> None:
    frames = list(_callers())
    if not frames:
        return
    held = [(f, *found) for f in frames if (found := _holder(node, f)) is not None]
    if any(kind is _BOUNDED for _, _, kind in held):
        return  # the last so many are meant
    lines = [_line_of(f.f_code, name) for f, name, _ in held]
    at = next((i for i, line in enumerate(lines) if line), 0)  # where it is added to, if seen
    frame, line = frames[0], frames[0].f_lineno
    what, remedy = "something that this program keeps", "loss.item() where it is kept"
    if held:
        frame, name, is_list = held[at]
        key = (frame.f_code.co_filename, name)
        if lines[at] is None and key in _told:
            return  # of a loop before
        _told.add(key)
        line = lines[at] or frame.f_lineno
        what = f"{name}, {'which collects Tensors' if is_list else 'a sum of Tensors'},"
        remedy = f"{name}.append(loss.item())" if is_list else f"{name} += loss.item()"
    _warn(
        frame, line,
        f"the graphs of the last {EVERY * _SAMPLES} steps are alive, though backward has passed: "
        f"{what} holds them with their data, and the memory grows with every step.\n"
        f"  Write {remedy} (or loss.detach(), if it shall stay a Tensor).",
    )  # fmt: skip


def _callers() -> Iterator[FrameType]:
    """The frames of the program that called a sweep, from the innermost outwards."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not _is_ours(frame):
            yield frame
        frame = frame.f_back


def _is_ours(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__", "").partition(".")[0] in _OURS


def _holder(node: Node, frame: FrameType) -> tuple[str, Any] | None:
    """The name of the variable that keeps a node, and whether it is a container, maybe bounded."""
    for name, value in _variables(frame):
        if type(value) in tensor_types:
            if value._node is not None and node in reachable([value._node]):
                return name, False
            continue
        values = value.values() if isinstance(value, dict) else value
        if isinstance(value, (list, tuple, deque, dict)):
            held = [x._node for x in [*values][:10_000] if type(x) in tensor_types]
            if node in reachable([n for n in held if n is not None]):
                return name, _BOUNDED if getattr(value, "maxlen", None) is not None else True
    return None


def _variables(frame: FrameType) -> Iterator[tuple[str, Any]]:
    """Local variables, with the attributes of the method's object; at the end global ones."""
    for name, value in _named(frame):
        yield name, value
        inside = value if isinstance(value, dict) else getattr(value, "__dict__", {})
        if isinstance(value, (type, ModuleType)):
            continue
        shown = "{}[{!r}]" if inside is value else "{}.{}"
        for key, held in list(inside.items()):
            if isinstance(held, (list, deque)):
                yield shown.format(name, key), held


def _named(frame: FrameType) -> Iterator[tuple[str, Any]]:
    local: Mapping[str, Any] = frame.f_locals
    yield from local.items()
    me = frame.f_code.co_varnames[0] if frame.f_code.co_argcount else ""
    for attribute, value in list(getattr(local.get(me), "__dict__", {}).items()):
        yield f"{me}.{attribute}", value
    if frame.f_globals is not local:
        yield from list(frame.f_globals.items())


def _line_of(code: CodeType, name: str) -> int | None:
    """The line of a function that adds to a variable, if there is one such."""
    lines = sorted({line for _, _, line in code.co_lines() if line})
    own = re.sub("['\"]", "['\"]", re.escape(name))
    adds = re.compile(
        rf"(^|\W){own}(\[.*\])?\s*(\+=|=.*\b{own}\b.*\+|=.*\+.*\b{own}\b|\.append|\.extend)"
    )
    return next((line for line in lines if adds.search(getline(code.co_filename, line))), None)


def _warn(frame: FrameType, line: int, text: str) -> None:
    if (at := (frame.f_code.co_filename, line)) in _told:
        return
    _told.add(at)
    warnings.warn_explicit(
        text, GraphKeptWarning, *at, registry=frame.f_globals.setdefault("__warningregistry__", {})
    )


# ---- sums that nobody differentiates -------------------------------------------------------------


class _Sum:
    """A long sum: whether a sweep has come by, and what is said if none has when it is dropped."""

    __slots__ = ("was_swept", "where")

    def __init__(self, where: str) -> None:
        self.was_swept, self.where = False, where

    def swept(self, g: Any) -> None:
        """The hook of one of its nodes."""
        self.was_swept = True

    def dropped(self) -> None:
        """The sum is gone: tell of it if it was never differentiated."""
        file, _, line = self.where.rpartition(":")
        if self.was_swept or (at := (file, int(line))) in _told:
            return
        _told.add(at)
        text = getline(*at).strip()
        warnings.warn_explicit(
            f"{text or 'x += y'}: a sum of more than {_TERMS} results was dropped that backward "
            "has never passed: it held the graphs of all of them, and the memory grew with every "
            "step.\n  Add numbers, += loss.item(), or compute it inside of `with "
            "autograd.no_grad():`.",
            GraphKeptWarning, *at,
        )  # fmt: skip


def grown(new: Any) -> None:
    """`+=` has made a new value, one of some: look at it if it is a long sum."""
    if captures:  # what is traced is differentiated by its program, which takes no hook
        return
    terms, node = 0, new
    while type(node) is Node and node.op.name == "add" and terms < _TERMS:
        hooks = node.extra.hooks if node.extra is not None else None
        if hooks and _OWN in hooks:
            return
        terms, node = terms + 1, node.x
    if terms < _TERMS or type(node) is not Node or new.number - node.number < _LARGE * _TERMS:
        return  # a formula, and no model
    old, term = new.inputs
    if type(term) is not Node or old in reachable([term]) or not (where := caller()):
        return  # what goes on from its own result
    found, extra = _Sum(where), new.more()
    extra.hooks = {**(extra.hooks or {}), _OWN: found.swept}
    finalize(new, found.dropped).atexit = False
