"""Stands for the package when an example is run as a file, `python examples/xor.py`.

The first place that Python looks in is this folder then, and there `examples` is this file.
"""

from __future__ import annotations

from pathlib import Path

__path__ = [str(Path(__file__).parent)]
