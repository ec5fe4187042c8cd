"""What is not tested where Numba, the extra `fast`, is not installed: the loops that it compiles."""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("numba") is None:
    collect_ignore_glob = ["autograd/kernels/compiled/*.py"]
