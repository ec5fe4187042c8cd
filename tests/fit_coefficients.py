"""Makes autograd/codegen/functions/coefficients.py: polynomials that mpmath fits.

    python -m tests.fit_coefficients > autograd/codegen/functions/coefficients.py

Chebyshev's series of 60 digits, cut at a degree and rounded: near the best polynomial.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import mpmath as mp
import numpy as np

__all__ = ["FITS", "written"]

_HALF_LN2 = mp.log(2) / 2 * mp.mpf("1.0001")
_QUARTER = (mp.pi / 4 * mp.mpf("1.0001")) ** 2
_RATIO = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.0001")
_EIGHTH = (mp.sqrt(2) - 1) ** 2 * mp.mpf("1.0001")  # tan(π/8)²
FAR = 0.9  # where erf leaves its series about 0
_ENDS = {"4": mp.mpf(4), "8": mp.mpf(6)}  # from where on erf is 1 in so many bytes


def _about(f: Callable[[Any], Any], series: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """f, and its series where the digits of f cancel."""
    return lambda x: series(x) if abs(x) < mp.mpf("1e-12") else f(x)


def _rooted(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda z: f(mp.sqrt(z))


_EXP = _about(lambda r: (mp.exp(r) - 1 - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6)
_LOG = _about(
    lambda z: (mp.log((1 + mp.sqrt(z)) / (1 - mp.sqrt(z))) / mp.sqrt(z) - 2) / z,
    lambda z: mp.mpf(2) / 3 + 2 * z / 5,
)
_SIN = _about(_rooted(lambda x: (mp.sin(x) / x - 1) / x**2), lambda z: -mp.mpf(1) / 6 + z / 120)
_COS = _about(
    _rooted(lambda x: (mp.cos(x) - 1 + x**2 / 2) / x**4), lambda z: mp.mpf(1) / 24 - z / 720
)
_ERF = _about(_rooted(lambda x: mp.erf(x) / x - 1), lambda z: 2 / mp.sqrt(mp.pi) * (1 - z / 3) - 1)


def _tail(u: Any) -> Any:
    return mp.log(mp.erfc(FAR + u))


_ATAN = _about(_rooted(lambda x: (mp.atan(x) / x - 1) / x**2), lambda z: -mp.mpf(1) / 3 + z / 5)
_ASIN = _about(_rooted(lambda x: (mp.asin(x) / x - 1) / x**2), lambda z: mp.mpf(1) / 6 + 3 * z / 40)
# name: what it is, the function, its interval, the coefficients in single and in double precision
FITS: dict[str, tuple[str, Any, Any, tuple[int, int]]] = {
    "EXP": ("(eʳ − 1 − r) / r²", _EXP, (-_HALF_LN2, _HALF_LN2), (6, 11)),
    "LOG": ("(log((1+s)/(1−s))/s − 2) / s², in s²", _LOG, (mp.mpf(0), _RATIO), (4, 7)),
    "EXP_ABOVE": ("the same, where r is rather above 0", _EXP, (-_HALF_LN2 / 2, 3 * _HALF_LN2 / 2),
                  (6, 12)),
    "SIN": ("(sin(x)/x − 1) / x², in x²", _SIN, (mp.mpf(0), _QUARTER), (4, 7)),
    "COS": ("(cos(x) − 1 + x²/2) / x⁴, in x²", _COS, (mp.mpf(0), _QUARTER), (3, 6)),
    "ATAN": ("(atan(x)/x − 1) / x², in x²", _ATAN, (mp.mpf(0), _EIGHTH), (6, 12)),
    "ASIN": ("(asin(x)/x − 1) / x², in x²", _ASIN, (mp.mpf(0), mp.mpf("0.2501")), (6, 13)),
    "ERF": ("erf(x)/x − 1, in x²", _ERF, (mp.mpf(0), mp.mpf(FAR) ** 2), (7, 13)),
    "ERFC": (f"log erfc(x), in x − {FAR}", _tail, None, (10, 26)),
}  # fmt: skip


# name: what it is in t, which goes from −1 to 1; the function; how many terms of Chebyshev's series
SERIES: dict[str, tuple[str, Any, int]] = {
    "I0_NEAR": ("e⁻ˣ I₀(x), x = 4(t + 1)", lambda t: _bessel(4 * (t + 1)), 30),
    "I0_FAR": ("√x e⁻ˣ I₀(x), x = 16 / (t + 1)", lambda t: _bessel_far(16 / (t + 1)), 25),
}


def _bessel(x: Any) -> Any:
    return mp.besseli(0, x) * mp.exp(-x)


def _bessel_far(x: Any) -> Any:
    return mp.sqrt(x) * _bessel(x)


def series(name: str) -> list[float]:
    """The coefficients of Chebyshev's series, by its values between its ends."""
    _, function, count = SERIES[name]
    points = 64
    with mp.workdps(40):
        angles = [mp.pi * (2 * j + 1) / (2 * points) for j in range(points)]
        values = [function(mp.cos(a)) for a in angles]
        found = [
            2 * mp.fsum(v * mp.cos(k * a) for v, a in zip(values, angles, strict=True)) / points
            for k in range(count)
        ]
        return [float(c / 2 if k == 0 else c) for k, c in enumerate(found)]


def fitted(name: str, size: str) -> list[float]:
    """The coefficients, from the lowest power up."""
    _, function, interval, counts = FITS[name]
    interval = interval or (mp.mpf(0), _ENDS[size] - FAR)
    with mp.workdps(60), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # mpmath will turn their order
        found = mp.chebyfit(function, list(interval), counts[size == "8"])
    kind = np.float32 if size == "4" else np.float64
    return [float(kind(c)) for c in reversed(found)]


def _parts(value: Any, bits: tuple[int, ...]) -> list[float]:
    """A number as a sum of so many numbers with so many bits each."""
    parts = []
    for n in bits:
        scale = mp.mpf(2) ** (n - 1 - mp.floor(mp.log(abs(value), 2)))
        part = mp.nint(value * scale) / scale
        parts.append(float(part))
        value -= part
    return parts


def _lines(values: list[float]) -> Iterator[str]:
    line = "    "
    for text in map(repr, values):
        if len(line) + len(text) > 92:
            yield line.rstrip()
            line = "    "
        line += text + ", "
    yield line.rstrip()


def _pair(name: str, single: list[float], double: list[float]) -> list[str]:
    return [f"{name} = {{", f"    4: {tuple(single)},", f"    8: {tuple(double)},", "}"]


def written() -> str:
    """The text of the file."""
    lines = [
        '"""Coefficients of polynomials, from the lowest power up, by the bytes of their dtype.',
        "",
        'Made by tests/fit_coefficients.py with mpmath.chebyfit; nothing is written by hand."""',
        "",
        "# fmt: off",
        f"FAR = {FAR}  # where erf leaves its series about 0",
    ]
    for name, (meaning, *_) in FITS.items():
        lines += [f"# {meaning}", f"{name} = {{"]
        for size in ("4", "8"):
            lines += [f"    {size}: (", *("    " + t for t in _lines(fitted(name, size))), "    ),"]
        lines += ["}"]
    for name, (meaning, *_) in SERIES.items():
        lines += [f"# {meaning}: Chebyshev's series", f"{name} = (", *_lines(series(name)), ")"]
    with mp.workdps(60):
        for name, value in (("LN2", mp.log(2)), ("LOG10_2", mp.log10(2))):
            single, double = _parts(value, (14, 24)), _parts(value, (40, 53))
            lines += _pair(name, single, double)
        for name, value in (("PER_LN2", 1 / mp.log(2)), ("PER_LN10", 1 / mp.log(10))):
            single, double = _parts(value, (24, 24)), _parts(value, (53, 53))
            lines += _pair(name, single, double)
        third = mp.mpf(2) / 3
        lines += _pair("TWO_THIRDS", _parts(third, (24, 24)), _parts(third, (53, 53)))
        lines.append("# π/2 as a sum")
        lines.append(f"HALF_PI = {tuple(_parts(mp.pi / 2, (53, 53, 53)))}")
        lines.append("# from where on erf is 1")
        lines.append(f"END = { ({int(k): float(e) for k, e in _ENDS.items()}) }")
    with mp.workdps(400):
        digits = f"{int(mp.floor(2 / mp.pi * mp.mpf(2) ** 1216)):x}"
    lines += [
        "# 2/π, so many bits of it behind the point",
        "TWO_PER_PI_BITS = 1216",
        "TWO_PER_PI = int(",
    ]
    lines += [f'    "{digits[i : i + 88]}"' for i in range(0, len(digits), 88)]
    lines[-1] += ", 16"
    lines.append(")")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(written(), end="")
