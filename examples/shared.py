"""What the examples share: their options, and where their pictures go."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

import numpy as np

from autograd.system.files import write_file
from nn.datasets import read_csv

__all__ = ["course_table", "in_onnxruntime", "options_of", "save"]


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


def in_onnxruntime(model: Any, images: Any, path: Path) -> float | None:
    """Export a model, run it by onnxruntime on these images, and then on the first alone.

    Gives the greatest difference to what the model says here, by the greatest number that it says,
    or None where onnxruntime is not installed.
    """
    import autograd as ag

    try:
        import onnxruntime  # type: ignore[import-untyped]
    except ImportError:
        print("onnx: not tried, for want of onnxruntime (pip install chaingrad[onnx])")
        return None
    model.eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    ag.onnx.export(model, images, path=path, dynamic_axes={0: {0: "batch"}})
    session = onnxruntime.InferenceSession(str(path))
    worst = 0.0
    for batch in (images, images[:1]):
        here = model.predict(batch)
        there = session.run(None, {session.get_inputs()[0].name: batch})
        for own, other in zip(here if isinstance(here, tuple) else [here], there, strict=True):
            worst = max(worst, float(np.abs(own - other).max() / np.abs(own).max()))
    print(f"onnx: {path}, whose outputs in onnxruntime differ by {worst:.1e} at most")
    return worst
