"""The examples of a call, as they are written here and in PyTorch."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from typing import Any

from autograd.errors import ArgumentError, ArgumentTypeError

__all__ = ["examples_of"]


def examples_of(model: Callable[..., Any], examples: Sequence[Any]) -> tuple[Any, ...]:
    """The arguments of a call that are meant: what a single tuple holds, if the call takes that."""
    examples = tuple(examples)
    for k, x in enumerate(examples):
        if isinstance(x, (str, os.PathLike)):
            place = os.fspath(x)
            raise ArgumentError(
                f"export: example {k} is {place!r}; the file is written as path={place!r}"
            )
    try:
        signature = inspect.signature(getattr(model, "forward", model))
    except (TypeError, ValueError):
        return examples
    if len(examples) == 1 and type(examples[0]) is tuple and _takes(signature, examples[0]):
        return examples[0]
    if not _takes(signature, examples):
        by_name = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
        called = ", ".join(n for n, p in signature.parameters.items() if p.kind not in by_name)
        raise ArgumentTypeError(
            f"export: the call takes ({called}), and there are {len(examples)} examples: give one "
            "for each input"
        )
    return examples


def _takes(signature: inspect.Signature, arguments: Sequence[Any]) -> bool:
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True
