"""Draw the pictures of docs/gallery.md.

python -m examples.gallery             # all of them
python -m examples.gallery neuron      # one, by the name of its module
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Sequence
from pathlib import Path

from examples import gallery

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def names() -> list[str]:
    """The modules beside this one."""
    found = (module.name for module in pkgutil.iter_modules(gallery.__path__))
    return sorted(name for name in found if name != "__main__")


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw each picture, and write it into a folder."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.gallery", description="Draw the pictures of docs/gallery.md."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--out", type=Path, default=PICTURES, help="folder of the pictures")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names).difference(names())):
        parser.error(f"no picture is called {', '.join(unknown)}; there are {', '.join(names())}")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or names():
        picture = importlib.import_module(f"examples.gallery.{name}").picture()
        print(picture.save(options.out / f"{name}.svg"))


if __name__ == "__main__":
    main()
