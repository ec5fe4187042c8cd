"""torch.jit: scripts and traces are the functions and modules themselves, run as they are."""

from __future__ import annotations

from typing import Any

from autograd.errors import UnsupportedError
from nn.torch import refusals


def script(obj: Any, *args: Any, **options: Any) -> Any:
    """The function or module itself."""
    return obj


def trace(func: Any, example_inputs: Any = None, *args: Any, **options: Any) -> Any:
    """The function or module itself."""
    return func


ignore = unused = export = script_method = script


def save(m: Any, f: Any, **options: Any) -> None:
    """Refused."""
    raise UnsupportedError("torch.jit.save: save the state instead: torch.save(m.state_dict(), f)")


def load(f: Any, **options: Any) -> None:
    """Refused."""
    raise UnsupportedError("torch.jit.load: a program that PyTorch compiled cannot be run here")


def annotate(the_type: Any, the_value: Any) -> Any:
    """The value."""
    return the_value


def is_scripting() -> bool:
    """False."""
    return False


is_tracing = is_scripting


def __getattr__(name: str) -> Any:
    raise refusals.missing(
        "torch.jit", name, "programs are run as they are written here; leave it out"
    )
