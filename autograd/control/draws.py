"""Random numbers inside of bodies: drawn before a loop, for all its turns, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.engine.generators import _drawn, draw
from autograd.engine.modes import capturing
from autograd.engine.node import Node, new_node
from autograd.engine.row import INPUT

__all__ = ["drawn_for", "rows", "source_of_draws", "unpacked"]


def source_of_draws(width: int) -> Node:
    """The operand of a body that holds the bytes of all numbers which one turn draws."""
    node = new_node(INPUT, (), np.zeros(width, np.uint8))
    node.params = (None,)
    node.more().name = "draws"
    return node


def unpacked(numbers: Any, start: int, shape: tuple[int, ...], dtype: Any) -> Any:
    """The numbers of one place that draws, out of the bytes of all."""
    stop = start + int(np.prod(shape, dtype=int)) * np.dtype(dtype).itemsize
    found = np.frombuffer(numbers[start:stop].tobytes(), dtype).reshape(shape)
    return found if shape else found[()]


def rows(
    generator: Any, sites: Sequence[Any], turns: Sequence[int], width: int
) -> Any:  # (the first is what `draw` hands on)
    """For each turn the bytes of what the places draw, in the order in which turns draw them."""
    found = np.zeros((len(turns), width), np.uint8)
    for turn in turns:
        parts = []
        for method, rng, args, options in sites:
            value = np.asarray(_drawn(method, generator if rng is None else rng, args, options))
            parts.append(np.frombuffer(value.tobytes(), np.uint8))
        found[turn] = np.concatenate(parts)
    return found


def drawn_for(sites: Sequence[Any], turns: Sequence[int], width: int) -> list[Any]:
    """The operand of a loop with the random numbers of all its turns; none without places."""
    if not sites:
        return []
    if (capture := capturing()) is not None:
        for bits in {id(r): r.bit_generator for r in map(_own_generator, sites) if r}.values():
            capture.undone.append(partial(setattr, bits, "state", bits.state))
    return [draw(rows, tuple(sites), tuple(turns), width)]


def _own_generator(site: Any) -> Any:
    """The generator that a place draws from, if it is not the default one."""
    return site[1] if isinstance(site[1], np.random.Generator) else None
