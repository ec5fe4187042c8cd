"""`python -m autograd.viz FILE.py:NAME -o out.html`: draw what a file computes."""

from __future__ import annotations

import argparse
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd.engine.modes import tracing
from autograd.errors import ArgumentError, AutogradError, MissingFileError, UnknownNameError
from autograd.viz import Picture, draw
from autograd.viz.model.costs import COSTS
from autograd.viz.picture import STYLES


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the file, draw the Tensor (or call the function) of that name, write the picture."""
    parser = argparse.ArgumentParser(
        prog="python -m autograd.viz",
        description="Draw the graph of a Tensor that a Python file computes.",
        epilog="Example: python -m autograd.viz model.py:loss -o loss.html",
    )
    parser.add_argument("what", metavar="FILE.py:NAME", help="a Tensor, or a function without "
                        "arguments that returns one")  # fmt: skip
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="svg, html, png, pdf, dot "
                        "or txt; without it the text is printed")  # fmt: skip
    parser.add_argument("--style", choices=STYLES, default="auto")
    parser.add_argument("--by", choices=COSTS, help="what a profile counts")
    parser.add_argument("--detail", default="auto", help="auto, full, or how deep modules are open")
    options = parser.parse_args(arguments)
    try:
        picture = _picture(options)
        if options.out is None:
            print(picture)
        else:
            print(picture.save(options.out))
    except (AutogradError, OSError, ValueError, LookupError) as error:
        print(f"python -m autograd.viz: {error}", file=sys.stderr)
        return 1
    return 0


def _picture(options: argparse.Namespace) -> Picture:
    file, _, name = options.what.rpartition(":")
    if not file or not name:
        raise ArgumentError(f"{options.what!r} is no FILE.py:NAME, such as model.py:loss")
    if not Path(file).is_file():
        raise MissingFileError(f"there is no file {file}")
    sys.path.insert(0, str(Path(file).resolve().parent))
    with tracing():
        names = runpy.run_path(file)
        subject = _found(names, name, file)
        detail = int(options.detail) if options.detail.isdigit() else options.detail
        return draw(subject, names=names, style=options.style, detail=detail, by=options.by)


def _found(names: dict[str, Any], name: str, file: str) -> Any:
    if name not in names:
        known = ", ".join(n for n in names if not n.startswith("_")) or "nothing"
        raise UnknownNameError(f"{file} defines no {name!r}; it defines {known}")
    return names[name]


if __name__ == "__main__":
    sys.exit(main())
