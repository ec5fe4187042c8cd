"""What is not tested without Numba, the extra `fast`: the loops that it compiles."""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("numba") is None:
    collect_ignore_glob = [
        "autograd/kernels/compiled/*.py",
        "tests/test_formulas.py",
        "tests/test_lanes.py",
        "tests/test_twins.py",
    ]
