"""Every op under the transforms, in float64, float32 and complex numbers where it takes them.

Both modes agree, at both orders; checkpoint and hooks of what is saved change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.engine.row import OPS, Op
from autograd.engine.samples import Sample, draw
from tests.test_complex import TO_REAL, UP_TO_A_PHASE, turned
from tests.test_ops import outputs, wanted

# How near two ways to a number come, relative to the largest.
NEAR = {"float64": 1e-9, "float32": 2e-3, "complex128": 1e-9}
LARGE = 200  # numbers of an input
DTYPES = ("float64", "float32", "complex128")


def as_dtype(x: Any, dtype: str, seed: int) -> Any:
    if x is None or np.asarray(x).dtype.kind not in "fc":
        return x
    if dtype == "complex128":
        return turned(x, seed)
    return np.asarray(x).astype(dtype) if np.asarray(x).dtype == np.float64 else x


class Case:
    """A sample of an op in a dtype, as a function of the inputs that it is differentiated by."""

    def __init__(self, op: Op, sample: Sample, dtype: str) -> None:
        self.op, self.dtype, self.sample = op, dtype, sample
        self.inputs = [as_dtype(x, dtype, i) for i, x in enumerate(sample.inputs)]
        self.by = wanted(op, Sample(tuple(self.inputs), sample.params))
        self.xs = [np.asarray(self.inputs[k]) for k in self.by]
        self.ts = [self.like(x, ("t", k)) for k, x in enumerate(self.xs)]

    def like(self, x: Any, seed: Any) -> Any:
        drawn = draw(*np.shape(x), low=0.5, high=1.5, seed=seed, complex_=x.dtype.kind == "c")
        return drawn.astype(x.dtype)

    def __call__(self, *xs: Any) -> list[Any]:
        inputs = list(self.inputs)
        for k, x in zip(self.by, xs, strict=True):
            inputs[k] = x
        ag.manual_seed(0)
        return outputs(self.op.record(*inputs, **self.sample.params))

    def leaves(self) -> list[Any]:
        return [ag.Tensor(x, dtype=x.dtype, requires_grad=True) for x in self.xs]

    def gradients(self, xs: Any, run: Any = None, graph: bool = False) -> tuple[Any, Any]:
        """Values, and the gradients of a weighting of them; zeros where there are none."""
        ys = (run or self)(*xs)
        us = [self.like(y, i) for i, y in enumerate(ys)]
        live = [(y, u) for y, u in zip(ys, us, strict=True) if y.requires_grad]
        if not live:
            return ys, [x.detach() * 0 for x in xs]
        found = ag.grad([y for y, _ in live], xs, [u for _, u in live], create_graph=graph,
                        allow_unused=True)  # fmt: skip
        return ys, [x.detach() * 0 if g is None else g for g, x in zip(found, xs, strict=True)]

    def near(self, found: Any, right: Any, what: str) -> None:
        for a, b in zip(found, right, strict=True):
            a, b = np.asarray(a), np.asarray(b)
            assert a.dtype == b.dtype, what
            scale = np.max(np.abs(b), initial=1.0, where=np.isfinite(b))
            what = f"{what}: {self.dtype}, {self.sample}"
            np.testing.assert_allclose(a, b, 0, NEAR[self.dtype] * scale, err_msg=what)

    def same(self, found: Any, right: Any, what: str) -> None:
        for a, b in zip(found, right, strict=True):
            assert (a.shape, a.dtype) == (b.shape, b.dtype)
            np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy(), what)


def dot(xs: Any, ys: Any) -> Any:
    """The real inner product."""
    return sum((np.real(np.conj(x) * y)).sum() for x, y in zip(xs, ys, strict=True))


def cases(op: Op) -> Iterator[Case]:
    """At most two samples in each dtype, smooth ones first, and all that are not in float64."""
    assert op.samples is not None
    given = [s for s in op.samples() if all(np.size(x) <= LARGE for x in s.inputs)]
    given.sort(key=lambda s: not s.smooth)
    for dtype in DTYPES:
        if dtype == "complex128" and (op.real_only or op.name in TO_REAL | UP_TO_A_PHASE):
            continue
        count = 0
        for sample in given:
            case = Case(op, sample, dtype)
            if not case.by or (dtype != "float64" and case.inputs is sample.inputs):
                continue
            count += 1
            if count > (4 if dtype == "float64" else 1):
                break
            yield case


DIFFERENTIABLE = [op for op in OPS.values() if op.differentiable and op.samples]


@pytest.mark.parametrize("op", DIFFERENTIABLE, ids=lambda op: op.name)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_transforms_of_every_op_agree(op: Op) -> None:
    with np.errstate(all="ignore"):
        for case in cases(op):
            xs = case.leaves()
            ys, gs = case.gradients(xs, graph=True)
            _agree_by_mode(case, ys, gs)
            _unchanged(case, ys, gs)
            if case.sample.smooth:
                _second_order(case, xs, gs)


def _agree_by_mode(case: Case, ys: Any, gs: Any) -> None:
    values, pushed = ag.jvp(case, case.xs, case.ts)
    case.near([y.detach() for y in values], [y.detach() for y in ys], "values of jvp")
    us = [case.like(y, i) for i, y in enumerate(ys)]
    forward = dot(us, [t.numpy() for t in pushed])
    reverse = dot([g.detach().numpy() for g in gs], case.ts)
    if np.isfinite(reverse):
        size = sum(np.abs(u * t.numpy()).sum() for u, t in zip(us, pushed, strict=True))
        assert abs(forward - reverse) <= NEAR[case.dtype] * max(size, 1.0), (
            case.dtype,
            case.sample,
        )


def _unchanged(case: Case, ys: Any, gs: Any) -> None:
    """By a recorded sweep, a checkpoint, and hooks of what is saved."""
    values, plain = case.gradients(case.leaves())
    case.same(values, ys, "values")
    case.near([g.detach() for g in gs], plain, "recorded gradients")
    values, again = case.gradients(case.leaves(), ag.checkpoint(case))
    case.same(values, ys, "values of checkpoint")
    case.same(again, plain, "gradients of checkpoint")
    with ag.saved_tensors_hooks(lambda t: t.numpy().copy(), ag.asarray):
        _, again = case.gradients(case.leaves())
    case.same(again, plain, "gradients of hooks")


def _second_order(case: Case, xs: Any, gs: Any) -> None:
    """Reverse over reverse, reverse over checkpoint, and forward over reverse."""
    if not any(g.requires_grad for g in gs):
        return

    def turned_back(xs: Any, gs: Any) -> Any:
        total = dot(gs, case.ts)
        found = ag.grad(total, xs, allow_unused=True) if total.requires_grad else [None] * len(xs)
        return [
            np.zeros_like(x) if h is None else h.numpy()
            for h, x in zip(found, case.xs, strict=True)
        ]

    right = turned_back(xs, gs)
    leaves = case.leaves()
    _, again = case.gradients(leaves, ag.checkpoint(case), graph=True)
    case.near(turned_back(leaves, again), right, "second order of checkpoint")
    _, pushed = ag.jvp(lambda *xs: case.gradients(xs, graph=True)[1], case.xs, case.ts)
    case.near([t.detach().numpy() for t in pushed], right, "forward over reverse")
