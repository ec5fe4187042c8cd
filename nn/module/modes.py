"""Training and evaluation mode for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nn.module.module import Module

__all__ = ["in_mode"]


@contextmanager
def in_mode(module: Module, training: bool) -> Iterator[None]:
    """A module and all within it in one mode; afterwards each in its own again."""
    before = [(each, each.training) for each in module.modules()]
    module.train(training)
    try:
        yield
    finally:
        for each, own in before:
            each.training = own
