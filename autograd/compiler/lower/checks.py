"""Values that a layer has looked at: instructions that stop a run which meets another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.program.run import check_guard

__all__ = ["Check"]


class Check:
    """Hands a value on, if it is that of the trace."""

    __name__ = "check"

    def __init__(self, guards: Sequence[Any]) -> None:
        self.guards = guards

    def __call__(self, value: Any) -> Any:
        for guard in self.guards:
            check_guard(guard, value)
        return value
