"""Runs a program in its own library, or here with the import lines changed and nothing else.

A program is a file that leaves its results in a dict `results`: losses, weights, outputs. What it
draws, it draws from NumPy, and its weights begin as `fill` sets them: the same in both libraries.
"""

from __future__ import annotations

import pickle
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
FACES = {"torch": "nn.torch", "keras": "nn.keras", "torchvision": "nn.torch.vision"}


def program(library: str, name: str) -> str:
    return (HERE / library / f"{name}.py").read_text(encoding="utf-8")


def names(library: str) -> list[str]:
    return sorted(path.stem for path in (HERE / library).glob("*.py"))


def changed(source: str) -> str:
    """The program with its import lines changed."""

    def line(found: re.Match[str]) -> str:
        indent, word, library, path, rest = found.groups()
        if word == "import" and " as " not in rest:  # which binds the first name alone
            also = f", {FACES[library]}{path} as _" if path else ""
            return f"{indent}import {FACES[library]} as {library}{also}{rest}"
        return f"{indent}{word} {FACES[library]}{path}{rest}"

    pattern = rf"^( *)(import|from) ({'|'.join(FACES)})\b((?:\.\w+)*)(.*)$"
    return re.sub(pattern, line, source, flags=re.MULTILINE)


def run(source: str, name: str) -> dict[str, Any]:
    """What a program leaves in `results`, as arrays."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, name, "exec"), scope)  # noqa: S102 - a program of this folder
    return {key: as_arrays(value) for key, value in scope["results"].items()}


def as_arrays(value: Any) -> Any:
    """Tensors of any library, numbers, and nested lists and dicts of them."""
    if isinstance(value, dict):
        return {key: as_arrays(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_arrays(part) for part in value]
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    return np.asarray(value)


def equal(found: Any, wanted: Any, tolerance: float, where: str = "") -> None:
    """Equal to a tolerance of the largest number of each array, 1 at least; dtypes too."""
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys(), where
        for key in wanted:
            equal(found[key], wanted[key], tolerance, f"{where}.{key}")
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), where
        for i, (one, other) in enumerate(zip(found, wanted, strict=True)):
            equal(one, other, tolerance, f"{where}[{i}]")
    else:
        assert found.shape == wanted.shape, where
        assert found.dtype == wanted.dtype, where
        if wanted.dtype.kind not in "fc":
            np.testing.assert_array_equal(found, wanted, err_msg=where)
            return
        scale = max(1.0, float(np.max(np.abs(wanted), initial=0.0)))
        np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * scale, err_msg=where)


if __name__ == "__main__":  # the programs of a library, in its own environment
    library, out = sys.argv[1:]
    found = {name: run(program(library, name), name) for name in names(library)}
    Path(out).write_bytes(pickle.dumps(found))
