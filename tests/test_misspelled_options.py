"""An option that is misspelled is told in one sentence: the function, the word, the nearest one."""

from __future__ import annotations

import contextlib
import inspect
import io
import warnings
from collections.abc import Iterator

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.errors import ArgumentTypeError
from tests.bad_calls import Call, bound, calls

OPEN = {
    "nn.Identity", "nn.LazyModuleMixin",  # they take any option, as PyTorch's
    "autograd.trace", "autograd.piecewise", "optim.ZeroRedundancyOptimizer",  # handed on
}  # fmt: skip


def more_calls() -> Iterator[Call]:
    """Calls that no docstring shows with arguments."""
    for name in ("no_grad", "enable_grad"):
        yield bound(f"autograd.{name}", getattr(ag, name))
    yield bound("autograd.special.logsumexp", ag.special.logsumexp, ag.Tensor([1.0, 2.0]))
    for name in ("root", "fixed_point", "minimum"):
        function = getattr(ag.implicit, name)
        yield bound(f"autograd.implicit.{name}", function, ag.cos, ag.Tensor(0.5))


def options(call: Call) -> list[str]:
    """The names that may be misspelled."""
    op = getattr(call.function, "op", None)
    known = call.signature.parameters.values()
    by_name = [p.name for p in known if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    return [n for n in by_name if len(n) > 3 and (op is None or n in op.params)]


def test_a_misspelled_option_is_told_with_the_nearest_one() -> None:
    said: dict[str, str] = {}
    tried = 0
    for call in (*calls(), *more_calls()):
        names = options(call)
        if not names or call.name in OPEN or call.name.startswith("autograd.viz"):
            continue
        wrong = names[-1][:2] + names[-1][3:]
        if wrong in names:
            continue
        tried += 1
        given = inspect.BoundArguments(call.signature, dict(call.arguments))  # type: ignore[arg-type]
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                with contextlib.redirect_stdout(io.StringIO()):
                    call.function(*given.args, **{**given.kwargs, wrong: None})
        except ArgumentTypeError as error:
            if wrong not in str(error) or "did you mean" not in str(error):
                said[call.name] = str(error)
        except Exception as error:  # noqa: BLE001 - all others are findings
            said[call.name] = f"{type(error).__name__}: {error}"
        else:
            said[call.name] = "accepted"
        ag.set_grad_enabled(True)
        ag.set_default_dtype("float32")
    assert not said, said
    assert tried > 400, tried


def test_options_that_are_handed_on_are_told_by_the_function_that_was_called() -> None:
    x = ag.Tensor([1.0])
    with pytest.raises(ArgumentTypeError, match=r"^gradgradcheck\(\) got .*'prbes'.*mean 'probes'"):
        ag.gradgradcheck(ag.exp, x, prbes=3)
    with pytest.raises(ArgumentTypeError, match=r"^gradgradcheck\(\) got .*'atol'; leave it out"):
        ag.gradgradcheck(ag.exp, x, atol=1e-3)
    with pytest.raises(ArgumentTypeError, match=r"^gradcheck_module\(\) got .*mean 'modes'"):
        ag.gradcheck_module(nn.Linear(1, 1), x, mdes="train")
