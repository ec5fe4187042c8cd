"""Rules broken in the usual ways: what gradcheck must find, planted in an op of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

import autograd as ag

__all__ = ["SHOWN", "WAYS", "CannotBeMadeError", "broken"]


class CannotBeMadeError(Exception):
    """The mistake makes no sense there, such as a transposition of a vector."""


class Call(NamedTuple):
    """One call of a rule: what it gives, what it was given, and what it would give for another."""

    found: Any
    g: Any
    reads: tuple[Any, ...]
    again: Callable[[Any], Any]

    @property
    def raw(self) -> Any:
        return getattr(self.found, "_value", self.found)


def _need(holds: Any) -> None:
    if not holds:
        raise CannotBeMadeError


def _masked(call: Call, mask: Any, how: Callable[[Any], Any]) -> Any:
    """The mistake where the mask is True alone."""
    mask = np.asarray(mask)
    _need(mask.shape == np.shape(call.raw) and mask.any())
    part = mask.astype(call.raw.real.dtype)[()]
    return call.found + part * (how(call.found) - call.found)


def _last(call: Call) -> Any:
    mask = np.zeros(np.shape(call.raw), bool)
    mask.reshape(-1)[-1:] = True
    return mask


def _own(call: Call) -> Any:
    """A saved number for each element: the input, where the rule reads it."""
    for value in call.reads:
        raw = getattr(value, "_value", value)
        if isinstance(raw, (np.ndarray, np.generic)) and np.shape(raw) == np.shape(call.raw):
            return np.asarray(raw)
    raise CannotBeMadeError


def _tied(call: Call) -> Any:
    x = _own(call)
    _, place, count = np.unique(x, return_inverse=True, return_counts=True)
    return (count[place.reshape(x.shape)] > 1) | (x == 0)


def _permuted(call: Call) -> Any:
    size = np.size(call.raw)
    _need(size > 1)
    order = np.random.default_rng(size).permutation(size)
    return call.found.reshape(-1)[order].reshape(np.shape(call.raw))


def _transposed(call: Call) -> Any:
    shape = np.shape(call.raw)
    _need(len(shape) == 2 and shape[0] == shape[1] > 1)
    return call.found.T


def _shifted(call: Call) -> Any:
    _need(np.ndim(call.raw) and np.shape(call.raw)[0] > 1)
    return call.found[np.roll(np.arange(len(call.raw)), 1)]


def _first_row(call: Call) -> Any:
    shape = np.shape(call.raw)
    _need(shape and shape[0] > 1)
    mask = np.zeros(shape, call.raw.real.dtype)
    mask[0] = 1
    return call.found * mask


def _term_dropped(call: Call) -> Any:
    """What some of the outputs contribute is forgotten."""
    shape = np.shape(getattr(call.g, "_value", call.g))
    _need(not isinstance(call.g, tuple) and shape)
    mask = (np.arange(np.prod(shape)).reshape(shape) % 3 != 0).astype(call.raw.real.dtype)
    return call.again(call.g * mask)


def _not_in_graph(call: Call) -> Any:
    return call.found * (2.0 if isinstance(call.found, ag.Tensor) else 1.0)


def _in_graph(call: Call) -> Any:
    """What second derivatives need is cut off."""
    return call.found.detach() if isinstance(call.found, ag.Tensor) else call.found


def _in_single(call: Call) -> Any:
    _need(call.raw.dtype in (np.float32, np.complex64))
    return call.found * np.float32(1.001)


def _complex(call: Call) -> Any:
    _need(call.raw.dtype.kind == "c")
    return call.found


def _mutating(call: Call) -> Any:
    if isinstance(call.g, np.ndarray) and call.g.flags.writeable and call.g.size:
        call.g[...] = 0
    return call.found


WAYS: dict[str, Callable[[Call], Any]] = {
    "sign": lambda c: -c.found,
    "twice": lambda c: 2.0 * c.found,
    "half": lambda c: 0.5 * c.found,
    "a thousandth": lambda c: c.found * 1.001,
    "a ten thousandth": lambda c: c.found * 1.0001,
    "zero": lambda c: 0.0 * c.found,
    "NaN": lambda c: c.found * np.nan,
    "one NaN": lambda c: _masked(c, _last(c), lambda a: a * np.nan),
    "one infinite": lambda c: _masked(c, _last(c), lambda a: a + np.inf),
    "one sign": lambda c: _masked(c, _last(c), lambda a: -a),
    "one lost": lambda c: _masked(c, _last(c), lambda a: 0 * a),
    "one percent": lambda c: _masked(c, _last(c), lambda a: 1.01 * a),
    "reversed": lambda c: c.found[::-1] if np.ndim(c.raw) else -c.found,
    "transposed": _transposed,
    "permuted": _permuted,
    "shifted": _shifted,
    "missing sum": _first_row,
    "term dropped": _term_dropped,
    "added": lambda c: c.found + 0.01,
    "clipped": lambda c: np.clip(c.found, -10.0, 10.0),
    "lost where large": lambda c: ag.where(abs(c.found) > 1e4, 0, c.found)
    if isinstance(c.found, ag.Tensor) else np.where(np.abs(c.found) > 1e4, 0, c.found),
    "at ties": lambda c: _masked(c, _tied(c), lambda a: -3.0 * a),
    "below zero": lambda c: _masked(c, _own(c).real < 0, lambda a: 1.5 * a),
    "frozen": lambda c: c.found,  # see `broken`
    "with create_graph": _not_in_graph,
    "in single precision": _in_single,
    "conjugate": lambda c: np.conj(_complex(c)),
    "imaginary part": lambda c: _complex(c).real + 0j,
    "mutating": _mutating,
}  # fmt: skip
# The ways that show not in any gradient, but where the cotangent is large and so on.
SHOWN = {"clipped": "large", "lost where large": "large", "frozen": "frozen",
         "with create_graph": "graph", "mutating": "always"}  # fmt: skip


@contextmanager
def broken(op: Any, position: int, way: str) -> Iterator[None]:
    """One rule of an op gives what is wrong in the way named."""
    pulls, joint = op.pulls, op.joint
    if joint is not None:
        op.joint = _broken_jointly(*joint, position, way)
    else:
        _need(way != "frozen" and position < len(pulls) and pulls[position][0] is not None)
        rule, slots = pulls[position]

        def wrong(g: Any, *reads: Any) -> Any:
            return WAYS[way](Call(rule(g, *reads), g, reads, lambda other: rule(other, *reads)))

        op.pulls = (*pulls[:position], (wrong, slots), *pulls[position + 1 :])
    try:
        yield
    finally:
        op.pulls, op.joint = pulls, joint


def _broken_jointly(rule: Any, slots: Any, position: int, way: str) -> tuple[Any, Any]:
    def wrong(g: Any, *reads: Any) -> Any:
        found = list(rule(g, *reads))
        if position < len(found) and found[position] is not None:
            call = Call(found[position], g, reads, lambda o: rule(o, *reads)[position])
            found[position] = WAYS[way](call)
            if way == "frozen" and any(part is None for part in found):
                found[position] = -found[position]
        return tuple(found)

    return wrong, slots
