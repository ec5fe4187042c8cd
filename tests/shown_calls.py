"""The calls that docstrings show, of everything public, with arguments changed."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
from functools import cache
from typing import Any

import nn
from tests.bad_calls import Call, calls

__all__ = ["made", "shown"]


@cache
def shown() -> dict[str, Call]:
    return {call.name: call for call in calls()}


def made(call: Call, **changed: Any) -> Any:
    """What a call gives with other arguments and the same random draws; it prints nothing."""
    nn.manual_seed(0)
    kept = {name: value for name, value in call.arguments.items() if name not in changed}
    arguments = copy.deepcopy(kept) | changed
    bound = inspect.BoundArguments(call.signature, arguments)  # type: ignore[arg-type]
    with contextlib.redirect_stdout(io.StringIO()):
        return call.function(*bound.args, **bound.kwargs)
