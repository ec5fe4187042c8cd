"""What Watches see of a plan: its call, and what each of its kernels took."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from autograd.compiler.face.shown import module_of, runs_of
from autograd.engine.modes import current_mode

__all__ = ["by_kernel", "watched"]


def watched(run: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A run that all Watches are told of."""
    run, op = by_kernel(run, "forward"), SimpleNamespace(name=name)
    for watch in reversed(current_mode().watches):
        run = partial(watch.forward, op, run)
    return run


def by_kernel(run: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """A run whose kernels are timed one by one, if a Watch wants to see them."""
    if not hasattr(run, "timed") or not any(w.sees_kernels for w in current_mode().watches):
        return run
    return partial(_timed, run, kind)


def _timed(run: Any, kind: str, *args: Any, **kwargs: Any) -> Any:
    found, times = run.timed(*args, **kwargs)
    for kernel, ms in zip(run.executor.schedule.kernels, times, strict=True):
        shape, size = kernel.instructions[-1].shape or (), sum(b.nbytes for b in kernel.writes)
        name = f"{kernel.kind} {runs_of(kernel)}"
        for watch in current_mode().watches:
            watch.kernel(kind, name, module_of(kernel), int(ms * 1e6), shape, size)
    return found
