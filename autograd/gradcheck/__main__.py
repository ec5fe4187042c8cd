"""Check a function's gradients from the command line: `python -m autograd.gradcheck gate.py:loss`.

The function's inputs are found in this order:

* its own attribute: `loss.inputs = (x, w)`, a tuple, or a function that returns one;
* it takes no arguments: then it returns the function to check and the inputs, `(f, x, w)`;
* the module's `inputs`: a tuple, a dict with a tuple for each function, or a function.

Exit status: 0 if all agree, 1 if a gradient is wrong, 2 if there was nothing that could be checked.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from autograd.errors import GradcheckError
from autograd.gradcheck.check import gradcheck

__all__ = ["main"]

AGREES, WRONG, UNUSABLE = 0, 1, 2


class _Unusable(Exception):
    """What the command line asks for cannot be done; the text says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        f, inputs = _target(options.target)
        report = gradcheck(
            f,
            *inputs,
            order=options.order,
            full=options.full,
            rng=options.seed,
            raise_exception=False,
        )
    except (_Unusable, GradcheckError) as error:
        print(f"gradcheck: {str(error).removeprefix('gradcheck: ')}", file=sys.stderr)
        return UNUSABLE
    except Exception:  # noqa: BLE001 - the user's own code, which may raise anything
        traceback.print_exc()
        return UNUSABLE
    cause = getattr(report, "cause", None)
    if cause is not None and not report.checked:  # it raises where it was to be checked
        traceback.print_exception(cause)
        return UNUSABLE
    print(report)
    return AGREES if report else WRONG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd.gradcheck",
        description="Compare a function's gradients with numeric ones.",
        epilog=(__doc__ or "").partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("target", metavar="MODULE:FUNCTION", help="or FILE.py:FUNCTION")
    parser.add_argument("--order", type=int, default=1, choices=(1, 2), help="the highest order")
    parser.add_argument("--full", action="store_true", help="every element, also of large inputs")
    parser.add_argument("--seed", type=int, default=0, help="what random probes are drawn from")
    return parser


def _target(target: str) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The function to check and its inputs."""
    place, colon, name = target.rpartition(":")
    if not (place and colon and name):
        raise _Unusable(f"{target!r} names no function; write MODULE:FUNCTION or FILE.py:FUNCTION")
    module = _load(place)
    f: Any = module
    for part in name.split("."):
        if not hasattr(f, part):
            known = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
            raise _Unusable(
                f"{place} has no {name!r}; its functions are {', '.join(known) or 'none'}"
            )
        f = getattr(f, part)
    if not callable(f):
        raise _Unusable(f"{target} is a {type(f).__name__}, not a function")
    return _with_inputs(f, name, module)


def _load(place: str) -> ModuleType:
    """Import a module by its dotted name or by the path of its file."""
    if not place.endswith(".py"):
        sys.path.insert(0, "")  # modules of the working directory, as `python -m` finds them
        try:
            return importlib.import_module(place)
        except ModuleNotFoundError as error:
            if error.name is None or not place.startswith(error.name):
                raise  # found, but something that it imports is missing: its traceback says what
            raise _Unusable(f"no module named {error.name!r}") from None
    path = Path(place).resolve()
    if not path.is_file():
        raise _Unusable(f"no file {place!r}")
    sys.path.insert(0, str(path.parent))  # what it imports from beside itself
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise _Unusable(f"{place} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _with_inputs(
    f: Callable[..., Any], name: str, module: ModuleType
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    given = getattr(f, "inputs", None)
    if given is None and not _takes_arguments(f):
        made = f()
        if not (isinstance(made, tuple) and made and callable(made[0])):
            raise _Unusable(
                f"{name} takes no arguments, and returned {type(made).__name__}; it must return "
                "the function to check and its inputs, (f, x, ...)"
            )
        f, inputs = made[0], made[1:]
        # also (f, (x, ...)), which says the same
        nested = len(inputs) == 1 and isinstance(inputs[0], (tuple, list))
        return f, tuple(inputs[0]) if nested else inputs
    if given is None:
        given = getattr(module, "inputs", None)
        given = given.get(name) if isinstance(given, dict) else given
    if callable(given):
        given = given()
    if given is None:
        raise _Unusable(
            f"{name}{_signature(f)} needs inputs: set `{name}.inputs = (...)` or a module-level "
            "`inputs = (...)`, or name a function without arguments that returns (f, x, ...)"
        )
    return f, tuple(given) if isinstance(given, (tuple, list)) else (given,)


def _takes_arguments(f: Callable[..., Any]) -> bool:
    try:
        return bool(inspect.signature(f).parameters)
    except (TypeError, ValueError):  # built-in functions have no signature, and take some
        return True


def _signature(f: Callable[..., Any]) -> str:
    try:
        return str(inspect.signature(f))
    except (TypeError, ValueError):
        return "(...)"


if __name__ == "__main__":
    sys.exit(main())
