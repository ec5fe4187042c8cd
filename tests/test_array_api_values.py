"""All functions of the array API standard give what array-api-strict gives, but for a list."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from tests.array_api_calls import CALLS, Call, same

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "array_api.md"
# function -> what its calls that differ look like; docs/array_api.md says how and why
LISTED = dict(
    re.findall(r"^\| `([\w.]+)` \| `(.+?)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
)


def differs(call: Call) -> bool:
    """Whether a call that array-api-strict takes gives anything else here, or raises."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            wanted = call.theirs()
        except Exception:  # noqa: BLE001 (whatever it refuses: here more may be taken)
            with_errors_of_ours(call)
            return False
        try:
            return not same(call.ours(), wanted)
        except ag.errors.AutogradError:
            return True


def with_errors_of_ours(call: Call) -> None:
    """What the standard leaves open is done, or raises an error that is meant."""
    with contextlib.suppress(ag.errors.AutogradError):
        call.ours()


@pytest.mark.parametrize("name", CALLS)
def test_values_and_dtypes_are_those_of_the_standard(name: str) -> None:
    different = [str(call) for call in CALLS[name] if differs(call)]
    unlisted = [text for text in different if not re.search(LISTED.get(name, "(?!)"), text)]
    assert not unlisted, f"{len(unlisted)} of {len(CALLS[name])}: {unlisted[:3]}"
    assert different or name not in LISTED, "it is listed as different, and no longer is"


def test_the_page_shows_what_scipy_and_scikit_learn_record() -> None:
    """In a process of its own, since SciPy reads its switch when it is imported."""
    shown = re.search(r"```py\n(import os\n.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    code = shown[1] + (
        "given, x.grad = x.grad, None\n"
        "ag.softmax(x, axis=1)[0, 0].backward()\n"
        "assert abs(given - x.grad).max() < 1e-6\n"
        "z, k = scipy.stats.zscore(x, axis=1), rbf_kernel(x, 2 * x)\n"
        "assert type(z) is type(k) is ag.Tensor and z.requires_grad and k.requires_grad\n"
        "def f(x):\n"
        "    return scipy.stats.zscore(x, axis=1)[0, 0] + rbf_kernel(x, 2 * x).sum()\n"
        "assert ag.gradcheck(f, ag.Tensor(x.numpy(), True, 'float64'))\n"
        "import pytest, scipy.linalg\n"
        "with pytest.warns(ag.errors.GradientLostWarning):\n"
        "    scipy.linalg.inv(x[:, :2])\n"
        "with pytest.raises(ag.errors.UnsupportedError, match='exp1 has no derivative here'):\n"
        "    scipy.special.exp1(x)\n"
        "v = x.detach()\n"
        "assert abs(scipy.special.exp1(v) - scipy.special.exp1(v.numpy())).max() < 1e-6\n"
        "names = 'erf ndtr gamma gammaln polygamma psi i0 j0 expit logsumexp chdtr rel_entr'\n"
        "for name in names.split():\n"
        "    more = {'polygamma': (1,), 'chdtr': (2.0,), 'rel_entr': (v,)}.get(name, ())\n"
        "    f = lambda x: getattr(scipy.special, name)(*more, x / 8)\n"
        "    assert ag.gradcheck(f, ag.Tensor(v.numpy(), True, 'float64')), name\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


# ---- special cases in which array-api-strict fails the standard's own tests ---------------------

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize("divide", [ag.floor_divide, lambda x, y: x // y, np.floor_divide])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_quotient_rounded_down_is_that_of_infinite_numbers(divide: Any, dtype: Any) -> None:
    x = [INF, INF, -INF, -INF, INF, 1.0, -1.0, 1.0, -1.0, 0.0, -0.0, 0.0, -0.0, INF, -INF]
    y = [2.0, -2.0, 2.0, -2.0, INF, -INF, INF, INF, -INF, 3.0, 3.0, -3.0, -3.0, 0.0, 0.0]
    wanted = [INF, -INF, -INF, INF, NAN, -0.0, -0.0, 0.0, 0.0, 0.0, -0.0, -0.0, 0.0, INF, -INF]
    with np.errstate(all="ignore"):
        out = divide(ag.asarray(np.array(x, dtype)), ag.asarray(np.array(y, dtype)))
    np.testing.assert_array_equal(out.numpy(), np.array(wanted, dtype))
    assert out.dtype == dtype
    assert np.signbit(out.numpy()[5:13]).tolist() == np.signbit(wanted[5:13]).tolist()


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize(
    ("z", "wanted"),
    [
        (complex(0, 0), complex(0, 0)), (complex(1, INF), complex(NAN, NAN)),
        (complex(INF, 0), complex(INF, 0)), (complex(-INF, 1), complex(-1, 0)),
        (complex(INF, 1), complex(INF, INF)), (complex(INF, 3), complex(-INF, INF)),
        (complex(-INF, INF), complex(-1, 0)), (complex(INF, INF), complex(INF, NAN)),
        (complex(-INF, NAN), complex(-1, 0)), (complex(INF, NAN), complex(INF, NAN)),
        (complex(NAN, 0), complex(NAN, 0)), (complex(NAN, 1), complex(NAN, NAN)),
    ],
)  # fmt: skip
def test_expm1_of_infinite_complex_numbers(z: complex, wanted: complex, dtype: Any) -> None:
    with np.errstate(all="ignore"):
        out = ag.expm1(ag.asarray(np.array([z, 1e-9], dtype)))
        mirrored = ag.expm1(ag.asarray(np.array([z.conjugate(), 1e-9], dtype)))
    np.testing.assert_array_equal(out.numpy()[0], np.array(wanted, dtype))
    np.testing.assert_array_equal(mirrored.numpy()[0], np.conj(np.array(wanted, dtype)))
    np.testing.assert_allclose(out.numpy()[1], 1e-9, rtol=1e-6)
