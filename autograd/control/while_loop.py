"""while_loop and fori_loop: a carry goes round until a condition fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.control.cond import checked_pred, without_draws
from autograd.control.run import on_arrays
from autograd.control.scan import SCAN, d_scan, scan
from autograd.control.structure import (
    as_tensor,
    check_alike,
    check_called,
    filled,
    is_wider,
    leaves,
    named,
    paired,
)
from autograd.control.trace import traced
from autograd.engine.generators import generator
from autograd.engine.modes import ModeChange, capturing
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.recorder import recorder
from autograd.engine.row import Op
from autograd.errors import ArgumentTypeError
from autograd.graph.body import Body
from autograd.graph.pytree import nested

__all__ = ["WHILE", "fori_loop", "while_loop"]


def _while_loop(
    *values: Any, condition: Body, body: Body, asked: int, closed: int
) -> tuple[Any, ...]:
    """The last carry, and how many turns there were."""
    asks, rest, carry = values[:asked], values[asked : asked + closed], values[asked + closed :]
    ask, run, turns = on_arrays(condition), on_arrays(body), 0
    while ask([*asks, *carry])[0]:
        carry, turns = run([*rest, *carry]), turns + 1
    if not turns:
        carry = tuple(np.array(x) if np.ndim(x) else np.asarray(x)[()] for x in carry)
    return (*carry, np.int64(turns))


def d_while_loop(
    g: Any, values: Any, out: Any, condition: Body, body: Body, asked: int, closed: int
) -> tuple[Any, ...]:
    """The rule of a scan of as many turns, which computes every carry anew."""
    turns, given = int(out[-1]), values[asked:]
    smooth = any(type(x) in tensor_types for x in (*g, *values))
    options: dict[str, Any] = {
        "body": body, "carries": len(given) - closed, "sliced": 0, "length": turns,
        "reverse": False,
    }  # fmt: skip
    run = SCAN.record if smooth else SCAN.forward
    again = run(*given, keeps=True, **options)
    befores = [np.zeros((turns, *np.shape(raw(x))), x.dtype) for x in given[closed:]]
    found = d_scan((*g[:-1], *befores), given, again, **options)
    return (*(None for _ in range(asked)), *found)


WHILE = Op(_while_loop, "while_loop", {}, joint=d_while_loop, outputs=0)
WHILE.record = recorder(WHILE)


def while_loop(cond_fn: Callable[..., Any], body_fn: Callable[..., Any], init: Any) -> Any:
    """`carry = body_fn(carry)` while `cond_fn(carry)` is true, from `init`; the last carry.

    As `jax.lax.while_loop`: the carry is Tensors, arrays and numbers, in tuples, lists and dicts,
    and keeps its structure, shapes and dtypes. Gradients flow in reverse too, which JAX refuses:
    through the turns that were made, of which every carry is kept, or in a traced call computed
    again. In a traced call it is one instruction; there a gradient of the gradient holds for the
    number of turns of the trace alone, and raises at another.

    Shape: the result has the shapes of init.

    >>> import autograd as ag
    >>> ag.while_loop(lambda x: x < 100, lambda x: x * 3, ag.Tensor(2.0))
    Tensor(162., dtype=float32)
    """
    for name, function in (("cond_fn", cond_fn), ("body_fn", body_fn)):
        check_called(function, f"while_loop: {name}", f"{name}(carry)", 1)
    parts = named(init, "init")
    carry = filled(init, iter([as_tensor(x, f"while_loop: {n}") for n, x in parts]))
    weak = [isinstance(x, (bool, int, float, complex)) for _, x in parts]
    if capturing() is not None:
        return _as_one(cond_fn, body_fn, carry, weak)
    while _asked(cond_fn, carry):
        news = _next(body_fn(carry), carry, weak)
        carry, weak = filled(carry, iter(news)), [False] * len(weak)
    return carry


def _asked(cond_fn: Any, carry: Any) -> bool:
    return bool(raw(checked_pred(cond_fn(carry), "while_loop: what cond_fn returns")))


def _next(found: Any, carry: Any, weak: list[bool]) -> list[Any]:
    news = []
    pairs = list(paired(carry, found, "carry", "while_loop"))
    for (name, old, new), is_weak in zip(pairs, weak, strict=True):
        new = as_tensor(new, f"while_loop: {name}")
        widens = is_weak and is_wider(old.dtype, new.dtype)
        check_alike(name, old.astype(new.dtype) if widens else old, new, "while_loop")
        news.append(new)
    return news


def _as_one(cond_fn: Any, body_fn: Any, carry: Any, weak: list[bool]) -> Any:
    names, firsts = map(list, zip(*named(carry, "carry"), strict=True))

    def turn(*given: Any) -> list[Any]:
        now = filled(carry, iter(given))
        return _next(body_fn(now), now, weak)

    def asked(*given: Any) -> list[Any]:
        found = checked_pred(cond_fn(filled(carry, iter(given))), "what cond_fn returns")
        return [as_tensor(found, "what cond_fn returns")]

    body = without_draws(traced(turn, firsts, "the body of while_loop", names), "while_loop")
    dtypes = [spec[1] for spec in body.specs]
    if any(x.dtype != d for x, d in zip(firsts, dtypes, strict=True)):
        firsts = [x.astype(d) for x, d in zip(firsts, dtypes, strict=True)]  # numbers were weak
        weak[:] = [False] * len(weak)
        body = traced(turn, firsts, "the body of while_loop", names)
    condition = traced(asked, firsts, "the condition of while_loop", names)
    condition = without_draws(condition, "while_loop")
    found = WHILE.record(
        *condition.closed, *body.closed, *firsts, condition=condition.body, body=body.body,
        asked=len(condition.closed), closed=len(body.closed),
    )  # fmt: skip
    return filled(carry, iter([y if type(y) in tensor_types else wrap(y) for y in found]))


def fori_loop(lower: Any, upper: Any, body_fun: Callable[..., Any], init_val: Any) -> Any:
    """`carry = body_fun(i, carry)` for i from `lower` up to `upper`, from `init_val` on.

    As `jax.lax.fori_loop`. With whole numbers as bounds it is a scan; bounds may be Tensors. i is a
    Tensor of int64, and weak: float32 times i is float32.

    Shape: the result has the shapes of init_val.

    >>> import autograd as ag
    >>> ag.fori_loop(0, 4, lambda i, x: x * 2, 1.0)
    Tensor(16., dtype=float32)
    """
    for name, bound in (("lower", lower), ("upper", upper)):
        if np.ndim(raw(bound)) or np.asarray(raw(bound)).dtype.kind not in "iu":
            raise ArgumentTypeError(f"fori_loop: {name} is a whole number, not {bound!r:.60}")
    check_called(body_fun, "fori_loop: body_fun", "body_fun(i, carry)", 2)
    body = _Counted(body_fun)
    if type(lower) in tensor_types or type(upper) in tensor_types:

        def turn(carry: Any) -> Any:
            return carry[0] + 1, body(*carry)

        start = as_tensor(lower, "fori_loop: lower")
        return while_loop(lambda carry: carry[0] < upper, turn, (start, init_val))[1]
    counts = np.arange(int(lower), max(int(lower), int(upper)))
    return scan(lambda carry, i: (body(i, carry), None), init_val, counts)[0]


class _Counted:
    """The body of a fori_loop, whose number of the turn is weak, as Python's are: float32 times it
    is float32, where NumPy's int64 makes float64 of it.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.widens: bool | None = None  # whether the number alone makes results wider

    def __call__(self, i: Any, carry: Any) -> Any:
        found = self.function(i, carry)
        try:
            pairs = list(paired(carry, found, "carry", "fori_loop"))
        except ArgumentTypeError:
            return found  # which the loop refuses
        olds, news = (
            [_dtype_of(leaf) for leaf in part] for part in [*zip(*pairs, strict=True)][1:]
        )
        if olds == news or not self._is_wider(i, carry, olds):
            return found
        each = zip(leaves(found), olds, strict=True)
        return filled(found, iter([y.astype(dtype) for y, dtype in each]))

    def _is_wider(self, i: Any, carry: Any, olds: list[str]) -> bool:
        """Whether all would be of the carry's dtypes, were the number of a narrow one."""
        if self.widens is None:
            narrow = np.int8 if "float16" in olds else np.int16
            turn = min(int(raw(i)), np.iinfo(narrow).max)
            tried = (narrow(turn), np.float16(turn % 2048))  # that of what is computed from it, too
            self.widens = any(self._gives(olds, wrap(number), carry) for number in tried)
        return self.widens

    def _gives(self, dtypes: list[str], i: Any, carry: Any) -> bool:
        bits = generator(None).bit_generator
        before = bits.state
        try:
            with ModeChange(capture=None, records=False), np.errstate(all="ignore"):
                found = self.function(i, nested(_constant, carry))
            return [_dtype_of(y) for y in leaves(found)] == dtypes
        except Exception:  # noqa: BLE001 - it then cannot be told, and the loop refuses
            return False
        finally:
            bits.state = before


def _dtype_of(x: Any) -> str:
    return str(np.asarray(raw(x)).dtype)


def _constant(x: Any) -> Any:
    return wrap(raw(x)) if type(x) in tensor_types else x
