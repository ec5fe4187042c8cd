"""One test for many cases: a test for each of them is bookkeeping, not arithmetic."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import pytest

from autograd.engine.row import Op

__all__ = ["by_op", "of_all"]


def by_op(names: Iterable[str], cases: Iterable[Any]) -> Callable[[Any], Any]:
    """Parametrize by the op, the first value of each case; a failure tells the id of its case.

    The cases of an op run one after the other, all of them.
    """
    groups: dict[str, list[Any]] = {}
    for case in cases:
        op = case.values[0]
        assert isinstance(op, Op), "cases go by their op"
        groups.setdefault(op.name, []).append(case)
    marked = pytest.mark.parametrize("cases", list(groups.values()), ids=list(groups))
    return lambda test: marked(_one_by_one(test, tuple(names)))


def of_all(names: Iterable[str], cases: Sequence[Any]) -> Callable[[Any], Any]:
    """One test for all cases, for looks that take no time."""
    marked = pytest.mark.parametrize("cases", [cases], ids=["all"])
    return lambda test: marked(_one_by_one(test, tuple(names)))


def _one_by_one(test: Any, names: tuple[str, ...]) -> Any:
    @wraps(test)
    def run(cases: list[Any], **others: Any) -> None:
        failed = []
        for case in cases:
            assert not case.marks, "marks of single cases are lost"
            try:
                test(**dict(zip(names, case.values, strict=True)), **others)
            except Exception as error:  # noqa: BLE001 - all cases run before one is raised
                error.add_note(f"in the case {case.id}")
                failed.append(error)
        if failed:
            raise failed[0] if len(failed) == 1 else ExceptionGroup(test.__name__, failed)

    signature = inspect.signature(test)
    rest = [p for p in signature.parameters.values() if p.name not in names]
    first = inspect.Parameter("cases", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    run.__signature__ = signature.replace(parameters=[first, *rest])  # type: ignore[attr-defined]
    return run
