"""The one pull: what the inputs of a node receive for the cotangent of its output.

The sweep has this written out, for speed, and comes here for joint rules and while a Watch looks
on. All else that pulls a cotangent through a node does it here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from autograd.engine.node import Node
from autograd.engine.row import OUTPUT
from autograd.engine.rules import arguments
from autograd.engine.watch import Watch
from autograd.errors import GradientError
from autograd.sweep.cotangent import OFF_THE_PATH, conform

__all__ = [
    "Rule", "hook_note", "input_name", "pull", "pull_jointly", "rule_note", "rules_of",
    "watched",
]  # fmt: skip


class Rule(NamedTuple):
    """A rule of a node, with what it reads: a function of the cotangent alone."""

    position: int | None  # of the input that it is for; None where it is for all of them
    run: Any
    reads: tuple[Any, ...]

    def __call__(self, g: Any) -> Any:
        return self.run(g, *self.reads)


def rules_of(node: Node, saved: Any) -> list[Rule]:
    """The rules for the inputs that need a gradient; a joint one alone."""
    op = node.op
    if op.joint is not None:
        rule, slots = op.joint
        return [Rule(None, rule, arguments(slots, saved))]
    return [
        Rule(position, rule, arguments(slots, saved))
        for position, (source, (rule, slots)) in enumerate(zip(node.inputs, op.pulls, strict=True))
        if type(source) is Node and rule is not None
    ]


def pull(
    node: Node,
    g: Any,
    saved: Any,
    watches: Sequence[Watch] = (),
    cotangents: dict[Node, Any] | None = None,
) -> list[Any]:
    """The cotangents of a node's inputs, each of its input's shape and dtype; None where none goes.

    `saved` is what the rules read, raw or Tensors, as `op.pack` gives it. Watches run the rules
    (see `autograd.engine.watch`). Of a sweep, `cotangents` tells which inputs are off its path.

    >>> import numpy as np
    >>> import autograd as ag
    >>> node = (ag.Tensor([1.0, 2.0], requires_grad=True) * ag.Tensor([[3.0], [4.0]])).grad_fn
    >>> pull(node, np.ones((2, 2), "float32"), node.saved)
    [array([7., 7.], dtype=float32), None]
    """
    op, inputs = node.op, node.inputs
    if op is OUTPUT:
        watches = ()  # it only puts a cotangent among those of the node's other outputs
    results = None if op.joint is None else pull_jointly(node, g, saved, watches)
    found: list[Any] = [None] * len(inputs)
    for position, source in enumerate(inputs):
        if type(source) is not Node or (cotangents and cotangents[source] is OFF_THE_PATH):
            continue
        rule, slots = op.pulls[position] if results is None else (results[position], None)
        if rule is None:
            continue
        try:
            if results is None:
                rule = watched(watches, node, position, rule)(g, *arguments(slots, saved))
            found[position] = new = conform(rule, source)
        except Exception as error:
            error.add_note(rule_note(node, position))
            raise
        for watch in watches:
            watch.passed(node, position, new)
    return found


def pull_jointly(node: Node, g: Any, saved: Any, watches: Sequence[Watch] = ()) -> Any:
    """What the joint rule of a node gives: one cotangent, or None, for each of its inputs."""
    rule, slots = node.op.joint  # type: ignore[misc]
    try:
        results = watched(watches, node, None, rule)(g, *arguments(slots, saved))
        if len(results) != len(node.inputs):
            raise GradientError(
                f"{node.op.name}: the joint rule gave {len(results)} cotangents for "
                f"{len(node.inputs)} inputs"
            )
    except Exception as error:
        error.add_note(rule_note(node, None))
        raise
    return results


def watched(watches: Sequence[Watch], node: Node, position: int | None, rule: Any) -> Any:
    """A rule as the Watches run it, the outermost first."""
    for watch in reversed(watches):
        rule = partial(watch.rule, node, position, rule)
    return rule


def input_name(node: Node, position: int) -> str:
    """What the op calls an input."""
    op = node.op
    return f"{op.inputs[0]}[{position}]" if op.variadic else op.inputs[position]


def rule_note(node: Node, position: int | None) -> str:
    """What ran when an error came."""
    what = "" if position is None else f" for {input_name(node, position)}"
    return f"while the rule of {node.op.name}{what} ran{node.place()}{node.calls()}"


def hook_note(node: Node) -> str:
    """Whose hook ran when an error came."""
    what = "" if node.is_leaf else f", made by {node.op.name}"
    return f"while a hook on the gradient of {node.label()}{what} ran{node.place()}{node.calls()}"
