"""How a rule takes what was saved: by the names of its parameters, which stand for slots."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["arguments", "compact", "hands_on", "linked", "names_of"]


def names_of(rule: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a rule's parameters: the cotangent (or tangent), and after it what it reads.

    >>> names_of(lambda g, x, out: g)
    ('g', 'x', 'out')
    """
    code = rule.__code__
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    return names


def compact(slots: tuple[int, ...]) -> Any:
    """How the sweep calls a rule: no saved value (None), one (its number), several (a tuple)."""
    return None if not slots else slots[0] if len(slots) == 1 else slots


def arguments(slots: Any, saved: Any) -> tuple[Any, ...]:
    """What stands in a rule's slots, compact or not. (The sweep has these lines written out.)

    >>> arguments(None, "xyz"), arguments(1, "xyz"), arguments((0, 2), "xyz")
    ((), ('y',), ('x', 'z'))
    """
    if slots is None:
        return ()
    if type(slots) is int:
        return (saved[slots],)
    return tuple([saved[slot] for slot in slots])


def hands_on(g: Any) -> Any:
    """The rule of an input that gets the cotangent as it is: the sweep need not call it.

    >>> from autograd.engine.row import OPS
    >>> OPS["add"].rules["x"] is hands_on
    True
    """
    return g


def linked(pulls: Iterable[tuple[Any, Any]]) -> Any:
    """Rules as the sweep goes through them: (rule, slots, the next of the kind or None).

    A loop over a tuple would make an iterator for every node.
    """
    link: Any = None
    for rule, slots in reversed(tuple(pulls)):
        link = (rule, slots, link)
    return link
