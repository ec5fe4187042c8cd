"""Random generators: the default one, those that take its place, and the one way to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from autograd.engine.modes import captures, capturing
from autograd.errors import DTypeError
from autograd.system.forks import after_fork

__all__ = ["Rng", "draw", "drawing_from", "generator", "manual_seed"]

Rng: TypeAlias = "np.random.Generator | int | None"

_generator: np.random.Generator | None = None  # made when first asked for: NumPy loads it late
_instead: ContextVar[np.random.Generator | None] = ContextVar("chaingrad_generator", default=None)


def _after_fork() -> None:
    """Its numbers go on in a child process, in which a thread that drew some may hold its lock."""
    if _generator is not None:
        lock: Any = _generator.bit_generator.lock
        lock._at_fork_reinit()


after_fork(_after_fork)


def manual_seed(seed: int) -> np.random.Generator:
    """Start the default generator at a seed, for numbers that can be had again.

    The `seed` is a whole number, not negative.

    >>> import autograd as ag
    >>> _ = ag.random.manual_seed(1)
    >>> first = ag.random.rand(3)
    >>> _ = ag.random.manual_seed(1)
    >>> ag.random.rand(3).tolist() == first.tolist()
    True
    """
    global _generator
    _generator = np.random.default_rng(seed)
    return _generator


def generator(rng: Rng = None) -> np.random.Generator:
    """The generator that `rng` stands for: itself, a new one for a seed, the default for None.

    >>> import autograd as ag
    >>> ag.random.generator(3).integers(10) == ag.random.generator(3).integers(10)
    np.True_
    """
    global _generator
    if rng is None:
        if (instead := _instead.get()) is not None:
            return instead
        _generator = _generator or np.random.default_rng()
        return _generator
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool):
        return np.random.default_rng(rng)
    raise DTypeError(
        f"rng is a numpy.random.Generator or an int that seeds one, not {type(rng).__name__}"
    )


@contextmanager
def drawing_from(rng: Rng) -> Iterator[None]:
    """Let a generator, or a new one for a seed, be the default in a block, for its thread alone.

    `rng` is what functions of `autograd.random` take; None keeps the default that there is.

    >>> import autograd as ag
    >>> import numpy as np
    >>> with ag.random.drawing_from(np.random.default_rng(0)):
    ...     first = ag.random.rand(2)
    >>> first.tolist() == ag.random.rand(2, rng=0).tolist()
    True
    """
    token = _instead.set(generator(rng))
    try:
        yield
    finally:
        _instead.reset(token)


def draw(method: str | Callable[..., Any], *args: Any, rng: Rng = None, **options: Any) -> Any:
    """Random numbers as an array: what a method of the generator, or a function of it, gives.

    In a call that is being traced they are a Tensor, and a node that can be drawn again.

    >>> draw("integers", 10, size=3, rng=0).shape
    (3,)
    """
    if captures and (capture := capturing()):
        name = method if isinstance(method, str) else method.__name__
        return capture.draw(name, partial(_drawn, method, rng, args, options), rng)
    return _drawn(method, rng, args, options)


def _drawn(method: Any, rng: Rng, args: Any, options: Any) -> Any:
    numbers = generator(rng)
    if callable(method):
        return method(numbers, *args, **options)
    return np.asarray(getattr(numbers, method)(*args, **options))
