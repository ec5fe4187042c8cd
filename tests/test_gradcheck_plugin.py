"""The users' ends of gradcheck: the pytest plugin, the command, and the Hypothesis strategies."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd.gradcheck import __main__ as command
from autograd.gradcheck import gradcheck, strategies

ROOT = Path(__file__).parent.parent

MODULE = """
import numpy as np
import autograd as ag
from autograd.engine.op import op

@op("x³", x=lambda g, x: g * 2.0 * x * x)
def wrong(x, /):
    return x * x * x

def right(x, y):
    return (x * y).tanh()

right.inputs = (np.array([1.0, 2.0]), np.array([0.5, -0.5]))

def made():
    return right, np.array([1.0, 2.0]), 3.0

def made_as_pair():
    return right, (np.array([1.0, 2.0]), 3.0)

def cube(x):
    return wrong(x)

def square(x):
    return x * x

def both(x):
    return x + 1.0

def refused(x):
    return x.numpy() + 1.0

refused.inputs = lambda: np.array([1.0])

def raises(x):
    raise RuntimeError("the user's own error")

def nothing():
    return 3.0

number = 3.0
inputs = {"cube": (np.array([1.0, 2.0]),), "square": np.array([1.0, 2.0]),
          "raises": np.array([1.0])}
"""


# ---- the command ---------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a module in it, to work in."""
    (tmp_path / "rules.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(
    place: Path, *arguments: str, program: tuple[str, ...] = ("-m", "autograd.gradcheck")
) -> Any:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, *program, *arguments],
        capture_output=True,
        text=True,
        cwd=place,
        env=environment,
        timeout=120,
    )


@pytest.mark.parametrize("target", ["rules:right", "rules.py:right"])
def test_the_command_prints_the_report_and_succeeds(place: Path, target: str) -> None:
    done = run(place, target)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert done.stderr == ""


def test_the_command_fails_where_a_gradient_is_wrong(place: Path) -> None:
    done = run(place, "rules.py:cube")
    assert done.returncode == 1, done.stderr
    assert "x[0]" in done.stdout
    assert done.stderr == ""


@pytest.fixture
def main(place: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command in this process, with the modules and ops that it loads taken away again."""
    from autograd.engine.row import OPS

    before = dict(OPS)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    sys.modules.pop("rules", None)
    yield command.main
    sys.modules.pop("rules", None)
    OPS.clear()
    OPS.update(before)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("rules:right", 0),
        ("rules:made", 0),
        ("rules:made_as_pair", 0),
        ("rules:square", 0),
        ("rules:cube", 1),
    ],
)
def test_inputs_are_found(main: Any, target: str, status: int) -> None:
    assert main([target, "--order", "2", "--full", "--seed", "3"]) == status


def test_the_options_of_the_command_reach_gradcheck(
    main: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(command, "gradcheck", lambda f, *inputs, **how: seen.append(how) or "fine")
    assert main(["rules:square", "--order", "2", "--full", "--seed", "3"]) == 0
    assert main(["rules:square"]) == 0
    assert seen == [
        {"order": 2, "full": True, "rng": 3, "raise_exception": False},
        {"order": 1, "full": False, "rng": 0, "raise_exception": False},
    ]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("rules", "'rules' names no function; write MODULE:FUNCTION or FILE.py:FUNCTION"),
        ("rules:", "names no function"),
        ("nowhere:f", "no module named 'nowhere'"),
        ("nowhere.py:f", "no file 'nowhere.py'"),
        ("rules:lost", "rules has no 'lost'; its functions are op, wrong, right, made"),
        ("rules:number", "rules:number is a float, not a function"),
        ("rules:both", "both(x) needs inputs: set `both.inputs = (...)`"),
        ("rules:nothing", "nothing takes no arguments, and returned float"),
        ("rules:refused", "ndarray, not a Tensor"),
        ("rules:raises", "the user's own error"),
    ],
)
def test_what_cannot_be_checked_has_a_status_of_its_own(
    main: Any, capsys: pytest.CaptureFixture[str], target: str, message: str
) -> None:
    assert main([target]) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.out == ""


def test_a_wrong_option_has_the_same_status(main: Any) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["rules:right", "--order", "7"])
    assert caught.value.code == 2


def test_a_module_that_cannot_be_imported_shows_why(
    main: Any, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "broken.py").write_text("import no_such_module_at_all\n")
    assert main(["broken:f"]) == 2
    assert "No module named 'no_such_module_at_all'" in capsys.readouterr().err


# ---- the plugin ----------------------------------------------------------------------------------

TESTS = """
import numpy as np
import pytest
import autograd as ag
from autograd.engine.op import op

@op("x³", x=lambda g, x: g * 2.0 * x * x)
def wrong(x, /):
    return x * x * x

def test_right(gradcheck):
    assert gradcheck(lambda x: x * x, np.array([1.0, 2.0]))

def test_wrong(gradcheck):
    gradcheck(wrong, np.array([1.0, 2.0]))

def test_options(gradcheck):
    print("options", gradcheck.keywords)

def test_own_seed(gradcheck):  # what a test passes goes first
    assert gradcheck(lambda x: x * x, np.array([1.0]), full=False, rng=9)

def test_large(gradcheck):
    print("probes", gradcheck(lambda x: x * x, np.linspace(0.5, 1.0, 600)).probes)
"""


def pytest_run(place: Path, *arguments: str) -> Any:
    (place / "test_it.py").write_text(TESTS)
    plugin = ("-p", "autograd.gradcheck.plugin")
    return run(
        place, *plugin, "-rP", "-p", "no:cacheprovider", *arguments, program=("-m", "pytest")
    )


def test_the_fixture_fails_the_test_of_a_wrong_rule(tmp_path: Path) -> None:
    done = pytest_run(tmp_path)
    assert "1 failed, 4 passed" in done.stdout, done.stdout + done.stderr
    assert "GradcheckError" in done.stdout
    assert "options {'full': False, 'rng': 0}" in done.stdout
    assert "probes 8" in done.stdout
    assert "gradcheck: " not in done.stdout.partition("collected")[0]  # nothing to say in a header


def test_the_options_reach_the_fixture(tmp_path: Path) -> None:
    done = pytest_run(tmp_path, "--gradcheck=full", "--gradcheck-seed=5", "-k", "options or large")
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert "probes 0" in done.stdout  # every element was compared
    assert "options {'full': True, 'rng': 5}" in done.stdout
    assert "gradcheck: full, seed 5" in done.stdout


def test_an_unknown_way_of_looking_is_refused(tmp_path: Path) -> None:
    done = pytest_run(tmp_path, "--gradcheck=slow")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "invalid choice: 'slow'" in done.stderr


def test_the_fixture_is_listed_with_what_it_does(tmp_path: Path) -> None:
    done = pytest_run(tmp_path, "--fixtures")
    assert "`autograd.gradcheck` with the command line's thoroughness and seed" in done.stdout


def test_the_plugin_comes_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"chaingrad": "autograd.gradcheck.plugin"}


def test_loading_the_plugin_loads_no_hypothesis_and_no_checker() -> None:
    code = """
        import sys, pytest
        import autograd.gradcheck.plugin
        print("hypothesis" in sys.modules, "autograd.gradcheck.strategies" in sys.modules)
    """
    done = run(ROOT, textwrap.dedent(code), program=("-c",))
    assert done.stdout.split() == ["False", "False"], done.stderr


# ---- the strategies ------------------------------------------------------------------------------


@given(strategies.shapes(min_dims=1, max_dims=2, min_side=2, max_side=3))
def test_shapes_keep_to_their_bounds(shape: tuple[int, ...]) -> None:
    assert 1 <= len(shape) <= 2
    assert all(2 <= side <= 3 for side in shape)


@given(strategies.floating_dtypes(complex_=True))
def test_dtypes_may_require_grad(dtype: Any) -> None:
    assert ag.Tensor(np.zeros(2, dtype), requires_grad=True).requires_grad


@given(
    strategies.well_conditioned(
        strategies.shapes(max_dims=2), low=-1.0, high=3.0, away_from=(0.0, 1.0)
    )
)
def test_well_conditioned_values_are_distinct_and_away_from_the_points(x: Any) -> None:
    assert x.dtype == np.float64
    assert np.all((x >= -1.0) & (x <= 3.0))
    for point in (0.0, 1.0):
        assert np.all(np.abs(x - point) >= 0.0799)  # 2 % of the range, rounded
    flat = np.sort(x.ravel())
    assert np.all(np.diff(flat) > 0.05 * 4 / max(x.size, 1))


@given(strategies.well_conditioned((3,), strategies.floating_dtypes(complex_=True)))
def test_well_conditioned_values_have_the_dtype(x: Any) -> None:
    assert x.dtype.kind in "fc"
    assert x.shape == (3,)
    assert len(np.unique(x)) == 3
    if x.dtype.kind == "c":
        assert len(np.unique(x.imag)) == 3


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="low is 2 and high 2; low must be less"):
        strategies.well_conditioned(low=2.0, high=2.0)


@given(strategies.arrays((4,), "float32", low=0.0, high=1.0))
def test_arrays_are_any_values_of_the_range(x: Any) -> None:
    assert x.dtype == np.float32
    assert np.all((x >= 0) & (x <= 1))


@given(strategies.arrays(dtype=st.just(np.dtype("complex64"))))
def test_arrays_of_complex_values(x: Any) -> None:
    assert x.dtype == np.complex64


@given(strategies.tensors(strategies.shapes(min_side=1), low=0.5, high=2.0))
def test_tensors_are_what_gradcheck_can_judge(x: ag.Tensor) -> None:
    assert x.requires_grad
    assert gradcheck(lambda x: np.log(x) * x, x)


@given(strategies.tensors((3,), away_from=(0.0,)))
def test_a_function_with_a_known_kink_and_ties_passes(x: ag.Tensor) -> None:
    report = gradcheck(lambda x: (ag.abs(x).sum(), x.max(), ag.sort(x)), x)
    assert report
    assert not getattr(report, "kinks", ())
