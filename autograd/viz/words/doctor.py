"""doctor: what `why` says of every parameter at once, the worst first."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autograd.engine.arguments import spelled
from autograd.engine.modes import enable_grad
from autograd.engine.node import Node
from autograd.engine.operands import tensor_types
from autograd.engine.outputs import wrap
from autograd.errors import ArgumentError, ArgumentTypeError, BackwardError
from autograd.graph.graph import Graph
from autograd.viz.model.names import Names, Unique
from autograd.viz.model.numbers import rms
from autograd.viz.words.checkup import Checkup, Diagnosis, severity
from autograd.viz.words.why import NAMELESS, Case, root_of

__all__ = ["Checkup", "Diagnosis", "doctor"]


@spelled
def doctor(
    loss: Any = None, *, parameters: Any = None, names: Mapping[str, Any] | None = None
) -> Checkup:
    """List the parameters of a loss by how ill their gradients are, with the reason and a remedy.

    `loss` is a Tensor, a Graph, or a list of losses whose gradients are added; by default what
    `backward` was last called on inside `with autograd.tracing():`. It need not have been called.
    `parameters` is a module, a mapping or an iterable of Tensors; by default all leaves of the
    graph, the parameters of those models among `names` that have a part in it, and what the trail
    saw leave the graph. `names` is a mapping such as `locals()`, by default the caller's variables.

    Illnesses are none, zero, cancelled, dead, tiny, partial, huge, exploding, infinite, NaN: by the
    very reasons of `autograd.why`. A minimum and frozen parameters are told, and are none.

    >>> import autograd as ag
    >>> w, b = (ag.Tensor(x, requires_grad=True) for x in (3.0, 1.0))
    >>> checkup = ag.doctor((w - w + 0 * b) + 1)
    >>> [(each.name, each.illness) for each in checkup]
    [('b', 'zero'), ('w', 'cancelled')]
    """
    variables = sys._getframe(2).f_locals if names is None else names
    if not isinstance(variables, Mapping):
        raise ArgumentTypeError(f"names is a mapping of names, got {type(variables).__name__}")
    root = root_of(_one(loss))
    if root is None:
        raise BackwardError(
            "doctor knows no loss: no backward() has run under tracing. Pass it: doctor(loss)"
        )
    case = Case(root, variables)
    given = _given(parameters) if parameters is not None else _found(case, variables)
    named = dict(_named(given, variables))
    case.variables = {**named, **variables}
    found = [_diagnosis(case, name, p) for name, p in named.items()]
    return Checkup(tuple(sorted(found, key=severity)))


def _one(loss: Any) -> Any:
    """Several losses as one: backward of each adds to the gradients, as that of their sum does."""
    if not isinstance(loss, (list, tuple)):
        return loss
    if not loss:
        raise ArgumentError("doctor takes a loss, or a list of them; the list is empty")
    for each in loss:
        if type(each) not in tensor_types:
            raise ArgumentTypeError(f"a loss is a Tensor, got {type(each).__name__}")
        root_of(each)
    with enable_grad():
        total = loss[0].sum()
        for each in loss[1:]:
            total = total + each.sum()
    return total


def _given(parameters: Any) -> Iterator[tuple[str | None, Any]]:
    """What to look at, as the caller gave it."""
    if type(parameters) in tensor_types:
        parameters = [parameters]
    if callable(getattr(parameters, "named_parameters", None)):
        pairs = list(parameters.named_parameters())
    elif isinstance(parameters, Mapping):
        pairs = list(parameters.items())
    elif isinstance(parameters, Iterable) and not isinstance(parameters, (str, bytes)):
        pairs = [each if isinstance(each, tuple) else (None, each) for each in parameters]
    else:
        raise ArgumentTypeError(
            "parameters is a module, a mapping or an iterable of Tensors, got "
            f"{type(parameters).__name__}"
        )
    if not pairs:
        raise ArgumentError("parameters are none: an iterator that is used up, or an empty list?")
    for pair in pairs:
        if len(pair) != 2 or type(pair[1]) not in tensor_types:
            raise ArgumentTypeError(f"a parameter is a Tensor, got {type(pair[-1]).__name__}")
    yield from pairs


def _found(case: Case, variables: Mapping[str, Any]) -> Iterator[tuple[str | None, Any]]:
    """The parameters of models that the graph knows, then other leaves of it, then what was cut."""
    cut = [each.sources for each in case.trail()]
    leaves = dict.fromkeys(Graph(case.root).leaves)
    models: list[tuple[str, Any]] = []
    for name, value in tuple(variables.items()):
        if callable(getattr(value, "named_parameters", None)) and not isinstance(value, type):
            members = list(value.named_parameters())
            if any(p._node in case.nodes or any(p._node in s for s in cut) for _, p in members):
                models.append((name, members))
    whole = _wholes(models)
    for model, members in whole:
        prefix = f"{model}." if len(whole) > 1 else ""
        yield from ((f"{prefix}{name}", p) for name, p in members)
    yield from ((None, wrap(leaf.saved[0], leaf)) for leaf in leaves)
    gone = dict.fromkeys(node for sources in cut for node in sources if node.is_leaf)
    yield from ((None, wrap(node.saved[0], node)) for node in sorted(gone, key=_age))


def _wholes(models: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The models that are no parts of others."""
    known: set[int] = set()
    found = []
    for name, members in sorted(models, key=lambda pair: -len(pair[1])):
        own = {id(p) for _, p in members}
        if not own <= known:
            found.append((name, members))
        known |= own
    return found


def _age(node: Node) -> int:
    return node.number


def _named(
    pairs: Iterable[tuple[str | None, Any]], variables: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Every parameter once, each under a name of its own."""
    known, unique = Names(variables), Unique()
    seen: set[int] = set()
    for name, p in pairs:
        key = id(p if p._node is None else p._node)
        if key in seen:
            continue
        seen.add(key)
        yield unique(name or p.name or known.of_tensor(p) or NAMELESS), p


def _diagnosis(case: Case, name: str, p: Any) -> Diagnosis:
    reason = case.reason(p, name, asked=False)
    gradient = p.grad
    if gradient is None and p._node in case.nodes:
        gradient = case.model.nodes[p._node].gradient
    size = None if gradient is None else rms(getattr(gradient, "_value", gradient))
    return Diagnosis(name, p, reason.illness, size, rms(p._value), reason)
