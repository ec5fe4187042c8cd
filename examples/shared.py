"""What the examples share: their options, and where their pictures go."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

import numpy as np

from autograd.system.files import write_file
from nn.datasets import read_csv

__all__ = ["course_table", "options_of", "save"]


def options_of(description: str | None, name: str, **defaults: Any) -> argparse.ArgumentParser:
    """A parser with an option for each default, and `--out`, the folder for pictures."""
    parser = argparse.ArgumentParser(
        description=(description or "").split("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    for option, default in defaults.items():
        flag = f"--{option.replace('_', '-')}"
        parser.add_argument(flag, type=type(default), default=default, help=" ")
    parser.add_argument("--out", type=Path, default=Path("out") / name, help="for pictures")
    return parser


def save(figure: Any, folder: Path, name: str) -> None:
    """Write a figure as PNG, and say where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    figure.savefig(content, format="png")
    print(f"picture: {write_file(folder / f'{name}.png', content.getvalue(), 'the picture')}")


def course_table(file: str, stand_in: Any) -> dict[str, Any]:
    """A table of the course under $CHAINGRAD_DATA/course, or similar data where there is none."""
    import os

    folder = os.environ.get("CHAINGRAD_DATA")
    path = Path(folder) / "course" / file if folder else None
    if path is not None and path.exists():
        print(f"data: {file}")
        return read_csv(path)
    print(f"data: made here, like {file} of the course (set CHAINGRAD_DATA to use the file)")
    return dict(stand_in(np.random.default_rng(0)))
