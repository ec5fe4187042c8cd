"""keras.ops: Keras' names over autograd's ops, a table; what is not there is refused by name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from autograd.errors import UnsupportedError
from nn.keras.ops import core as _core
from nn.keras.ops import math as _math
from nn.keras.ops import nn as _nn
from nn.keras.ops import numpy as _numpy
from nn.keras.ops import search as _search

_SOUNDS = "transform signals with NumPy or SciPy before training"
_OWN = "compose it of other functions of keras.ops"
REFUSED = {
    **dict.fromkeys(("fft", "fft2", "ifft2", "irfft", "rfft", "stft", "istft",
                     "extract_sequences"), _SOUNDS),
    **dict.fromkeys(("bartlett", "blackman", "hamming", "hanning", "kaiser", "corrcoef",
                     "correlate", "geomspace", "histogram", "gcd", "lcm", "argpartition",
                     "diagflat", "isreal", "polar", "view", "view_as_complex", "view_as_real",
                     "nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmedian",
                     "nanpercentile", "nanprod", "nanquantile", "nanstd", "nanvar", "vectorize",
                     "rearrange"), _OWN),
    **dict.fromkeys(("adaptive_average_pool", "adaptive_max_pool"),
                    "take nn.functional.adaptive_avg_pool2d, with channels first"),
    **dict.fromkeys(("fold", "unfold"), "take nn.functional, with channels first"),
    **dict.fromkeys(("depth_to_space", "space_to_depth"), "reshape and transpose"),
    **dict.fromkeys(("segment_max", "segment_min", "segment_prod"), "take keras.ops.segment_sum"),
    **dict.fromkeys(("cholesky_inverse", "eig", "lu_factor", "solve_triangular"),
                    "take keras.ops.solve, inv or eigh"),
    "associative_scan": "take keras.ops.scan",
    "conv_transpose": "take a layer, such as keras.layers.Conv2DTranspose",
    "ctc_decode": "take the argmax, and leave repeats and blanks out",
    "ctc_loss": "take keras.losses.CTC",
    "custom_gradient": "write an op with autograd.extend.op",
    "image": "change images with NumPy or Pillow before training",
    "jvp": "take autograd.jvp",
}  # fmt: skip


def _refused(name: str) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise UnsupportedError(f"keras.ops.{name} is not here; {REFUSED[name]}")

    refuse.__name__ = name
    return refuse


TABLE = _numpy.TABLE | _search.TABLE | _nn.TABLE | _core.TABLE | _math.TABLE
globals().update({name: _refused(name) for name in REFUSED} | TABLE)

# Keras' rooms of the same functions
core, math, nn = (SimpleNamespace(**m.TABLE) for m in (_core, _math, _nn))
numpy = SimpleNamespace(**_numpy.TABLE, **_search.TABLE)
linalg = math

__all__ = [*TABLE, "core", "linalg", "math", "nn", "numpy"]


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'nn.keras.ops' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *REFUSED]
