"""torch.compiler: nothing is compiled; functions are run as they are written."""

from __future__ import annotations

from typing import Any


def is_compiling() -> bool:
    """False."""
    return False


def disable(fn: Any = None, **options: Any) -> Any:
    """The function itself."""
    return fn if fn is not None else (lambda function: function)


is_dynamo_compiling = is_exporting = is_compiling
allow_in_graph = disable


def reset() -> None:
    """Nothing."""
