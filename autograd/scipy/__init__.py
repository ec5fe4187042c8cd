"""SciPy's names for functions that are differentiated: `import autograd.scipy.stats as stats`.

What has an op of chaingrad, or is made of some, needs no SciPy; the rest asks it for the values,
and says so where it is not installed. Names and meaning are those of HIPS autograd.
"""

import importlib as _importlib
from typing import Any as _Any

from autograd.errors import MissingAttributeError as _MissingAttributeError

__all__ = ["integrate", "linalg", "misc", "signal", "special", "stats"]


def __getattr__(name: str) -> _Any:
    if name in __all__:
        return _importlib.import_module(f"autograd.scipy.{name}")
    raise _MissingAttributeError(
        f"autograd.scipy has no {name}, only {', '.join(__all__)}. Import it from scipy for plain "
        f"arrays, and give it a derivative, where one is needed, by primitive of autograd.extend."
    )


def __dir__() -> list[str]:
    return __all__
