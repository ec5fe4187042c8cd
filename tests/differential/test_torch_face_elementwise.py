"""nn.torch beside PyTorch: functions of one and two Tensors over all pairs of dtypes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import nn.torch as face
from tests.differential.torch_face import faults

UNARY = (
    "abs acos acosh angle asin asinh atan atanh bitwise_not ceil conj cos cosh deg2rad digamma erf "
    "erfc erfinv exp exp2 expm1 floor frac i0 isfinite isinf isnan isneginf isposinf isreal lgamma "
    "log log10 log1p log2 logical_not logit nan_to_num neg positive rad2deg reciprocal round rsqrt "
    "sgn sigmoid sign signbit sin sinc sinh sqrt square tan tanh trunc relu clone real imag"
)
BINARY = (
    "add sub mul div true_divide floor_divide remainder fmod pow atan2 maximum minimum fmax fmin "
    "hypot logaddexp copysign eq ne lt le gt ge logical_and logical_or logical_xor bitwise_and "
    "bitwise_or bitwise_xor xlogy float_power gcd lcm ldexp heaviside nextafter bitwise_left_shift"
)
OPERATORS = ("+", "-", "*", "/", "//", "%", "**", "==", "<", "&", "|", "^", "<<")
OTHERS = ("y", "d", "h", "j", "s", "u", "b", "v", "n", "e", "m", "2", "2.5", "True", "-1")
RAISES_HERE = {"torch.sigmoid(c)"}  # of complex numbers
INFINITE_HERE = {"torch.i0(z)"}  # of infinity, NaN in PyTorch


def is_negative_power(expression: str) -> bool:
    """Whole numbers to negative powers: PyTorch cuts them to 0, here they raise; so do booleans."""
    powers = ("** s", "(i, s)", "(b, s)", "(m, s)", "2 ** i", "True ** i", "b ** True", "(b, True)")
    return ("**" in expression or "pow" in expression) and any(p in expression for p in powers)


@pytest.mark.parametrize("name", UNARY.split())
def test_a_function_of_one_tensor_is_pytorchs(name: str) -> None:
    calls = [f"torch.{name}({a})" for a in "xdhisubnemocz"]
    calls += [f"{a}.{name}()" for a in "xin" if name not in ("real", "imag")]
    assert faults([c for c in calls if c not in RAISES_HERE | INFINITE_HERE]) == {}


@pytest.mark.parametrize("name", BINARY.split())
def test_a_function_of_two_is_pytorchs_for_all_dtypes(name: str) -> None:
    calls = [f"torch.{name}({a}, {other})" for a in "xibnm" for other in OTHERS]
    assert faults([call for call in calls if not is_negative_power(call)]) == {}


@pytest.mark.parametrize("sign", OPERATORS)
def test_an_operator_is_pytorchs_for_all_dtypes(sign: str) -> None:
    calls = [f"{a} {sign} {other}" for a in "xidsubnmec" for other in OTHERS]
    calls += [f"{number} {sign} {a}" for a in "xibn" for number in ("2", "2.5", "True")]
    assert faults([call for call in calls if not is_negative_power(call)]) == {}


@pytest.mark.parametrize("other", [2.0, -2.0, 0.0, float("inf"), -float("inf"), float("nan")])
def test_quotients_rounded_down_are_pytorchs_at_infinite_numbers(other: float) -> None:
    numbers = [float("inf"), -float("inf"), 1.0, -1.0, 0.0, -0.0, float("nan")]
    for divide in (lambda x, y: x // y, lambda x, y: y // x):
        with np.errstate(all="ignore"):
            ours = divide(face.tensor(numbers), face.tensor(other))
        theirs = divide(torch.tensor(numbers), torch.tensor(other))
        np.testing.assert_array_equal(ours.detach().numpy(), theirs.numpy())
