"""Angles of huge numbers in whole numbers of 192 bits, as LLVM's text; see functions/far.py.

x = m 2ᵏ. Digits of 2/π that make multiples of 4 of it fall away; the next 192 are enough for all
doubles. Their product with m has the quadrant in front, and then what is left.
"""

from __future__ import annotations

import struct

from autograd.codegen.functions.coefficients import HALF_PI, TWO_PER_PI, TWO_PER_PI_BITS

__all__ = ["DECLARED", "FAR"]

_BYTES = TWO_PER_PI_BITS // 8 + 16  # with zeros before the point
_HALF = 1 << 189


def _double(value: float) -> str:
    return f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"


def _table() -> list[str]:
    digits = TWO_PER_PI.to_bytes(_BYTES, "little")
    shown = "".join(f"\\{byte:02X}" for byte in digits)
    return [f'@two_per_pi = internal constant [{_BYTES} x i8] c"{shown}", align 16']


_PRODUCT = [
    "define internal i192 @far_product(double %x) noinline {", "entry:",
    "  %bits = bitcast double %x to i64",
    "  %high = lshr i64 %bits, 52", "  %e = and i64 %high, 2047",
    "  %low = and i64 %bits, 4503599627370495", "  %m = or i64 %low, 4503599627370496",
    # the window of 192 bits that begins behind those of weight 4 and more
    f"  %start = sub i64 {TWO_PER_PI_BITS - 192 + 1077}, %e",
    "  %byte = lshr i64 %start, 3", "  %bit = and i64 %start, 7",
    "  %p = getelementptr i8, ptr @two_per_pi, i64 %byte",
    "  %read = load i256, ptr %p, align 1",
    "  %by = zext i64 %bit to i256", "  %shifted = lshr i256 %read, %by",
    "  %window = trunc i256 %shifted to i192", "  %wide = zext i64 %m to i192",
    "  %product = mul i192 %window, %wide", "  ret i192 %product", "}",
]  # fmt: skip
_QUADRANT = [
    "define internal double @far_quadrant(double %x) noinline {", "entry:",
    "  %p = call i192 @far_product(double %x)",
    f"  %rounded = add i192 %p, {_HALF}", "  %front = lshr i192 %rounded, 190",
    "  %j = trunc i192 %front to i64", "  %less = sub i64 0, %j",
    "  %negative = fcmp olt double %x, 0.0",
    "  %signed = select i1 %negative, i64 %less, i64 %j", "  %only = and i64 %signed, 3",
    "  %found = sitofp i64 %only to double", "  ret double %found", "}",
]  # fmt: skip
_PARTS = [
    "define internal { double, double } @far_parts(double %x) noinline {", "entry:",
    "  %p = call i192 @far_product(double %x)", "  %left = shl i192 %p, 2",
    "  %front = ashr i192 %left, 132", "  %a = trunc i192 %front to i64",
    "  %behind = lshr i192 %left, 72", "  %more = trunc i192 %behind to i64",
    "  %b = and i64 %more, 1152921504606846975",
    "  %ad = sitofp i64 %a to double", "  %back = fptosi double %ad to i64",
    "  %lost = sub i64 %a, %back", "  %ld = sitofp i64 %lost to double",
    "  %bd = sitofp i64 %b to double",
    f"  %high = fmul double %ad, {_double(2.0**-60)}",
    f"  %l = fmul double %ld, {_double(2.0**-60)}", f"  %s = fmul double %bd, {_double(2.0**-120)}",
    "  %low = fadd double %l, %s",
    f"  %r = fmul double %high, {_double(HALF_PI[0])}", "  %minus = fneg double %r",
    f"  %e1 = call double @llvm.fma.f64(double %high, double {_double(HALF_PI[0])}, double %minus)",
    f"  %e2 = fmul double %high, {_double(HALF_PI[1])}",
    f"  %e3 = fmul double %low, {_double(HALF_PI[0])}",
    "  %e4 = fadd double %e2, %e3", "  %e5 = fadd double %e1, %e4",
    "  %found = fadd double %r, %e5", "  %apart = fsub double %r, %found",
    "  %rest = fadd double %apart, %e5",
    "  %sign = call double @llvm.copysign.f64(double 1.0, double %x)",
    "  %one = fmul double %found, %sign", "  %two = fmul double %rest, %sign",
    "  %first = insertvalue { double, double } poison, double %one, 0",
    "  %both = insertvalue { double, double } %first, double %two, 1",
    "  ret { double, double } %both", "}",
]  # fmt: skip


def _part(name: str, which: int) -> list[str]:
    return [
        f"define internal double {name}(double %x) noinline {{", "entry:",
        "  %both = call { double, double } @far_parts(double %x)",
        f"  %one = extractvalue {{ double, double }} %both, {which}", "  ret double %one", "}",
    ]  # fmt: skip


# name: its text, after which that of the functions it calls is needed too
FAR: dict[str, list[str]] = {
    "@far_quadrant": _QUADRANT, "@far_rest": _part("@far_rest", 0),
    "@far_low": _part("@far_low", 1), "@far_parts": _PARTS, "@far_product": _PRODUCT,
    "@two_per_pi": _table(),
}  # fmt: skip
DECLARED = (
    "declare double @llvm.fma.f64(double, double, double)",
    "declare double @llvm.copysign.f64(double, double)",
)
