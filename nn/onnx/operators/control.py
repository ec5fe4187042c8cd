"""Branches, loops, sequences and what may be missing."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import ArgumentError, IndexRangeError, UnsupportedError
from autograd.extend import raw
from nn.onnx.budget import STEP, budget, sized
from nn.onnx.table import Call, ints, number, row

_MOST_TURNS = 2**20


def _body(call: Call, name: str, inputs: list[Any]) -> list[Any]:
    if call.body is None or name not in call.attributes:
        raise ArgumentError(f"the node has no graph {name!r}")
    return call.body(call.attributes[name], inputs)


@row("If", since=1)
def branch(call: Call, condition: Any) -> Any:
    """What one of two graphs gives."""
    return tuple(_body(call, "then_branch" if number(condition) else "else_branch", []))


@row("Loop", since=1)
def loop(call: Call, trips: Any, condition: Any, *state: Any) -> Any:
    """A graph run again on what it gave, until a count or a condition ends it."""
    most = None if trips is None else int(number(trips))
    going = condition is None or bool(number(condition))
    carried, scanned = list(state), []
    for i in itertools.count():
        if not going or (most is not None and i >= most):
            break
        if i >= _MOST_TURNS:
            raise ArgumentError(f"more than {_MOST_TURNS:,} turns are not run")
        out = _body(call, "body", [ag.Tensor(np.array(i)), ag.Tensor(np.array(going)), *carried])
        going = bool(number(out[0]))
        budget().holds(out[1 + len(carried) :])
        carried = out[1 : 1 + len(carried)]
        scanned.append(out[1 + len(carried) :])
    extra = call.outputs - len(carried)
    columns = list(zip(*scanned, strict=True)) if scanned else [()] * extra
    stacked = [_stacked(list(c), axis=0) if c else ag.zeros(0) for c in columns]
    return (*carried, *stacked)


@row("Scan", since=8)
def scan(call: Call, *inputs: Any) -> Any:
    """A graph run over the entries of arrays, with a state; in opset 8 for each of a batch."""
    if call.opset > 8:
        return _scanned(call, inputs)
    if inputs[0] is not None:
        raise UnsupportedError("Scan with the lengths of sequences (opset 8) is not supported")
    each = [_scanned(call, [x[i] for x in inputs[1:]]) for i in range(inputs[1].shape[0])]
    return tuple(_stacked(list(parts), axis=0) for parts in zip(*each, strict=True))


def _scanned(call: Call, inputs: Any) -> Any:
    count = call("num_scan_inputs")
    state, scanned = list(inputs[:-count]), inputs[-count:]
    axes = call("scan_input_axes", [0] * count)
    backwards = call("scan_input_directions", call("directions", [0] * count))
    taken = [ag.moveaxis(x, axis, 0) for x, axis in zip(scanned, axes, strict=True)]
    steps, found = taken[0].shape[0], []
    for t in range(steps):
        now = [x[steps - 1 - t if b else t] for x, b in zip(taken, backwards, strict=True)]
        out = _body(call, "body", [*state, *now])
        state, gave = out[: len(state)], out[len(state) :]
        budget().holds(gave)
        found.append(gave)
    columns = list(zip(*found, strict=True))
    axes = call("scan_output_axes", [0] * len(columns))
    turned = call("scan_output_directions", [0] * len(columns))
    joined = [
        _stacked(list(reversed(c)) if back else list(c), axis=axis)
        for c, axis, back in zip(columns, axes, turned, strict=True)
    ]
    return (*state, *joined)


def _stacked(parts: list[Any], axis: int) -> Any:
    sized([sum(raw(x).size for x in parts)])
    return ag.stack(parts, axis=axis)


@row("SequenceEmpty")
def sequence_empty(call: Call) -> Any:
    """A sequence of nothing."""
    return []


@row("SequenceConstruct")
def sequence_construct(call: Call, *inputs: Any) -> Any:
    """A sequence of arrays."""
    return list(inputs)


@row("SequenceLength")
def sequence_length(call: Call, sequence: Any) -> Any:
    """How many arrays a sequence has."""
    return ag.Tensor(np.array(len(sequence), np.int64))


def _at(sequence: Any, place: Any, room: int) -> int:
    i = int(number(place))
    if not -len(sequence) <= i < len(sequence) + room:
        raise IndexRangeError(f"there is no place {i} in a sequence of {len(sequence)}")
    return i


@row("SequenceAt")
def sequence_at(call: Call, sequence: Any, place: Any) -> Any:
    """One array of a sequence."""
    return sequence[_at(sequence, place, 0)]


@row("SequenceInsert")
def sequence_insert(call: Call, sequence: Any, x: Any, place: Any = None) -> Any:
    """A sequence with one array more."""
    found = list(sequence)
    found.insert(len(found) if place is None else _at(sequence, place, 1), x)
    return found


@row("SequenceErase")
def sequence_erase(call: Call, sequence: Any, place: Any = None) -> Any:
    """A sequence with one array less."""
    found = list(sequence)
    del found[-1 if place is None else _at(sequence, place, 0)]
    return found


@row("ConcatFromSequence")
def concat_from_sequence(call: Call, sequence: Any) -> Any:
    """The arrays of a sequence after one another, or along a new axis."""
    if call("new_axis", 0):
        return _stacked(sequence, call("axis"))
    sized([sum(raw(x).size for x in sequence)])
    return ag.concat(sequence, axis=call("axis"))


@row("SplitToSequence")
def split_to_sequence(call: Call, x: Any, split: Any = None) -> Any:
    """The parts of an array along an axis."""
    axis = call("axis", 0)
    length = x.shape[axis]
    budget().took(length * STEP if split is None or raw(split).ndim == 0 else 0)
    if split is None:
        parts = ag.split(x, length, axis=axis)
        keep = call("keepdims", 1)
        return [p if keep else ag.squeeze(p, axis) for p in parts]
    given = ints(split)
    if raw(split).ndim == 0:
        if given[0] < 1:
            raise ArgumentError(f"parts of the length {given[0]} cannot be cut")
        places = list(range(given[0], length, given[0]))
    else:
        places = np.cumsum(given)[:-1].tolist()
    return list(ag.split(x, places, axis=axis))


@row("SequenceMap")
def sequence_map(call: Call, first: Any, *others: Any) -> Any:
    """A graph run on each array of a sequence."""
    found = []
    for i, x in enumerate(first):
        given = [o[i] if isinstance(o, list) else o for o in others]
        found.append(_body(call, "body", [x, *given]))
        budget().holds(found[-1])
    columns = list(zip(*found, strict=True)) if found else [()] * call.outputs
    return tuple(list(c) for c in columns)


@row("Optional")
def optional(call: Call, x: Any = None) -> Any:
    """What may be missing."""
    return x


@row("OptionalHasElement")
def optional_has_element(call: Call, x: Any = None) -> Any:
    """Whether there is something."""
    return ag.Tensor(np.array(x is not None))


@row("OptionalGetElement")
def optional_get_element(call: Call, x: Any = None) -> Any:
    """What there is."""
    if x is None:
        raise ArgumentError("nothing is there")
    return x
