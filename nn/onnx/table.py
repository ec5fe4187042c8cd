"""The table of ONNX' operators: a row says how one runs on Tensors.

A row is a function of the call (attributes, opset) and of the inputs. What an attribute became an
input of, or the other way round, the row asks the call for by `Call.option`, whatever the opset.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograd.errors import ShapeError
from autograd.extend import raw

__all__ = ["TABLE", "Call", "Row", "ints", "number", "plain", "row"]

Function = Callable[..., Any]


@dataclass(frozen=True)
class Row:
    """How an operator runs, and from which opset on its meaning is the row's."""

    op_type: str
    function: Function
    since: int = 7
    chapter: str = ""
    domain: str = ""


TABLE: dict[tuple[str, str], Row] = {}


@dataclass
class Call:
    """A node as its row sees it."""

    op_type: str
    name: str
    opset: int
    outputs: int
    attributes: dict[str, Any] = field(default_factory=dict)
    body: Callable[[Any, list[Any]], list[Any]] | None = None  # runs a subgraph on inputs

    def __call__(self, name: str, default: Any = None) -> Any:
        """The value of an attribute."""
        return self.attributes.get(name, default)

    def option(self, name: str, given: Any, default: Any = None) -> Any:
        """Whole numbers that are an input from some opset on, and were an attribute before."""
        if given is not None:
            return ints(given)
        return self.attributes.get(name, default)


def row(*names: str, since: int = 7, domain: str = "") -> Callable[[Function], Function]:
    """Enter a function into the table under the names of operators."""

    def enter(function: Function) -> Function:
        chapter = function.__module__.rpartition(".")[2]
        for name in names:
            TABLE[domain, name] = Row(name, function, since, chapter, domain)
        return function

    return enter


def plain(chapter: str, functions: dict[str, Function], since: int = 7) -> None:
    """Enter functions that are what the operator is, without options."""

    def alone(function: Function) -> Function:
        return lambda call, *inputs: function(*inputs)

    for name, function in functions.items():
        TABLE["", name] = Row(name, alone(function), since, chapter.rpartition(".")[2])


def ints(value: Any) -> list[int]:
    """The whole numbers that a Tensor, an array or a list holds."""
    return [int(n) for n in raw(value).reshape(-1)] if not isinstance(value, list) else value


def number(value: Any) -> Any:
    """The one number that a Tensor holds."""
    numbers = raw(value)
    if numbers.size != 1:
        raise ShapeError(f"expected one number, got an array of the shape {numbers.shape}")
    return numbers.reshape(-1)[0].item()
