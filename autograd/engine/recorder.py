"""The function that runs an op and records it: a closure made once per op, for its arity.

This is the hot path of the whole engine, so the two common arities are written out: no `*args`, no
loops, nothing looked up that was known when the op was defined. All other ops take `general`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.engine import constants, outputs
from autograd.engine.checks import is_learned
from autograd.engine.constants import is_shared, kept, shared
from autograd.engine.diagnose import refuse_complex
from autograd.engine.dispatch import KNOWN, symbol_in
from autograd.engine.dtypes import COMPLEX, HALVES, NO_NUMBERS, in_single, like_weights
from autograd.engine.faults import FAULTS, diagnose
from autograd.engine.modes import captures, current_mode, interceptor, packers
from autograd.engine.node import Constant, Node, new_object, next_number
from autograd.engine.operands import (
    REAL,
    bind_join,
    by_form,
    faced,
    faces,
    holding_params,
    holds_tensor,
    joined,
    missing,
    numbers,
    operand,
    plain_types,
    required_inputs,
    tensor_types,
    untracked,
    weak,
)
from autograd.engine.outputs import hung, is_the_users, large, outside, owned, traced, wrap
from autograd.engine.row import Op
from autograd.engine.trail import note_exit
from autograd.engine.views import note_view
from autograd.errors import ArgumentTypeError, DTypeError
from autograd.kernels.parallel.elementwise import LARGE, in_blocks

__all__ = ["bind_tensor", "look_for_interceptors", "recorder", "watch"]

ndarray = np.ndarray
Tensor: Any = None  # set by tensor.py, which this module must not import
SINGLE = np.dtype(np.float32)  # that of most values: one look tells more than one at its kind
BOTH = (True, True, False)  # both inputs are saved, and not the output
NONE: dict[str, Any] = {}  # static parameters of a view that has none
watched = False  # whether a Watch that sees forwards is open, on any thread (see watch.py)
intercepted = False  # whether any thread traces or packs: one look at this is what it costs others


def bind_tensor(tensor: type, join_lists: Callable[[Any], Any]) -> None:
    """Tell the recorders which class to wrap results in, and what joins lists of Tensors."""
    global Tensor
    Tensor = tensor
    tensor_types.add(tensor)
    bind_join(join_lists)
    constants.bind_tensor(tensor)
    outputs.bind_tensor(tensor)


def watch(is_open: bool) -> None:
    """Whether to look for Watches before an op runs."""
    global watched
    watched = is_open


def seen(op: Op, run: Callable[..., Any]) -> Callable[..., Any]:
    """An op's forward as the Watches of this thread run it."""
    for watch in reversed(current_mode().watches):
        run = partial(watch.forward, op, run)
    return run


def look_for_interceptors() -> None:
    """Let ops ask, at every call, whether theirs is traced or packed, while any thread does."""
    global intercepted
    intercepted = bool(captures or packers)


def recorder(op: Op) -> Callable[..., Any]:
    """The public function of an op."""
    inputs = len(op.inputs)
    simple = not op.params and not op.variadic and not op.joint and op.outputs == 1
    if simple and not op.optional and len(op.rules) == inputs:
        if inputs == 1 and not callable(op.views) and f"{op.inputs[0]}_shape" not in op.named:
            return views_of(op, unary(op)) if op.views else unary(op)
        if inputs == 2 and not op.views:
            return binary(op)
    usual = inputs == 1 and len(op.rules) == 1 and op.params and op.outputs == 1
    if usual and not (
        op.variadic or op.joint or op.optional or op.counts or op.weighted or "needs" in op.named
    ):
        return parametric(op)
    return general(op)


def unary(op: Op) -> Callable[..., Any]:
    """Recorder of an op with one input and no static parameters."""
    forward = op.forward
    blocked = in_blocks(forward) if op.elementwise else forward
    keeps_x, keeps_out = op.inputs[0] in op.named, "out" in op.named
    saves = keeps_x or keeps_out
    new, number, get_mode, real_only = new_object, next_number, current_mode, op.real_only

    def record(x: Any, /) -> Any:
        if intercepted and (taker := interceptor()):
            return taker.call(record, op, (x,))
        if type(x) is not Tensor and type(x) not in tensor_types:
            return numbers(op, x) if type(x) in plain_types else untracked(op, (x,))
        value = x._value
        node = x._node
        if real_only and value.dtype is not SINGLE and type(value.dtype) in COMPLEX:
            refuse_complex(op.name, (value,))
        try:
            if type(value) is ndarray and value.size >= LARGE:
                out = seen(op, blocked)(value)
                extra = large()
            else:
                out = seen(op, forward)(value) if watched else forward(value)
                extra = None
        except (ValueError, TypeError) as error:
            raise diagnose(op, error, (x,)) from None
        tensor = new(faces.get(type(x), Tensor) if faces else Tensor)
        tensor._value = out
        tensor._name = None
        if node is not None and (mode := get_mode()).records:
            new_node = Node()
            new_node.op = op
            new_node.x = node
            new_node.y = new_node.many = None
            new_node.params = ()
            new_node.saved = (
                (value if keeps_x else None, out if keeps_out else None) if saves else ()
            )
            new_node.number = number()
            kind = type(out)
            new_node.spec = kind if kind is not ndarray else (out.shape, out.dtype)
            new_node.scope = mode.scope
            new_node.extra = traced(mode) if mode.traces else extra
            tensor._node = new_node
        else:
            tensor._node = None
            tensor._left = op.name if node is not None else x._left
            if node is not None and mode.traces:
                note_exit("no_grad", node, op.name)
        return tensor

    return record


def views_of(op: Op, record: Callable[..., Any]) -> Callable[..., Any]:
    """The recorder of an op whose results are views, which know what they show."""

    def marked(x: Any, /) -> Any:
        result = record(x)
        if type(result) in tensor_types and type(x) in tensor_types:
            note_view(result, x, op, NONE)
        return result

    return marked


def binary(op: Op) -> Callable[..., Any]:
    """Recorder of an op with two inputs and no static parameters."""
    forward = op.forward
    blocked = in_blocks(forward) if op.elementwise else forward
    of_x, of_y = (op.saves[name] for name in op.inputs)
    # whether to save (x, y, out), by which inputs need a gradient; None where nothing is named
    for_x, for_y, for_both = (
        tuple(name in named for name in (*op.inputs, "out")) if named else None
        for named in (of_x, of_y, of_x | of_y)
    )
    shapes_too = any(f"{name}_shape" in op.named for name in op.inputs)
    if for_both == BOTH and not shapes_too:
        for_both = BOTH  # as for products: one look tells
    new, number, get_mode = new_object, next_number, current_mode
    plain, real_only = plain_types, op.real_only

    def record(x: Any, y: Any, /) -> Any:
        if intercepted and (taker := interceptor()):
            return taker.call(record, op, (x, y))
        if type(x) is Tensor or type(x) in tensor_types:
            x_value = x._value
            x_node = x._node
            if type(y) is Tensor or type(y) in tensor_types:
                y_value = y._value
                y_node = y._node
            else:
                if type(y) in plain:
                    y_value = y
                elif (symbol := symbol_in(y)) is not None:
                    return symbol.__autograd_op__(op, (x, y), {})
                elif holds_tensor(y):
                    return record(x, joined(y))
                else:
                    y_value = operand(y, op)
                y_node = None
        elif type(y) in tensor_types:
            if type(x) in plain:
                x_value = x
            elif (symbol := symbol_in(x)) is not None:
                return symbol.__autograd_op__(op, (x, y), {})
            elif holds_tensor(x):
                return record(joined(x), y)
            else:
                x_value = operand(x, op)
            x_node = None
            y_value = y._value
            y_node = y._node
        else:
            both = type(x) in plain and type(y) in plain
            return numbers(op, x, y) if both else untracked(op, (x, y))
        if real_only:
            for value in (x_value, y_value):
                kind = type(value)
                if (type(value.dtype) in COMPLEX) if kind is ndarray else kind not in REAL:
                    refuse_complex(op.name, (value,))
        try:
            # one look costs least: a small array before a large one is left whole
            value = x_value if type(x_value) is ndarray else y_value
            if type(value) is ndarray and value.size >= LARGE:
                out = seen(op, blocked)(x_value, y_value)
                extra = large()
            else:
                out = (seen(op, forward) if watched else forward)(x_value, y_value)
                extra = None
        except (ValueError, TypeError) as error:
            raise diagnose(op, error, (x, y)) from None
        tensor = new((faces.get(type(x)) or faces.get(type(y), Tensor)) if faces else Tensor)
        tensor._value = out
        tensor._name = None
        if x_node is None and y_node is None:
            tensor._node = None
            x_left = x._left if type(x) in tensor_types else None
            y_left = y._left if type(y) in tensor_types else None
            tensor._left = x_left or y_left
            return tensor
        mode = get_mode()
        if not mode.records:
            tensor._node = None
            tensor._left = op.name
            if mode.traces:
                note_exit("no_grad", y_node if x_node is None else x_node, op.name)
            return tensor
        node = Node()
        node.op = op
        node.params = ()
        node.many = None
        node.extra = traced(mode) if mode.traces else extra
        if y_node is None:
            name = None
            if type(y) is Tensor:
                name = y._name
                if y._left is not None:
                    node.more().choice = y._left
                if shared and is_shared(y_value):
                    y_value = kept(y_value)
            elif type(y) is ndarray:
                y_value = kept(y)
            elif type(y) not in plain:
                name = getattr(y, "_name", None)
                if (left := getattr(y, "_left", None)) is not None:
                    node.more().choice = left
                if is_the_users(y, y_value):
                    y_value = kept(y_value)
            node.x = x_node
            node.y = Constant(y_value, name) if name else y_value
            saves = for_x
        elif x_node is None:
            name = None
            if type(x) is Tensor:
                name = x._name
                if x._left is not None:
                    node.more().choice = x._left
                if shared and is_shared(x_value):
                    x_value = kept(x_value)
            elif type(x) is ndarray:
                x_value = kept(x)
            elif type(x) not in plain:
                name = getattr(x, "_name", None)
                if (left := getattr(x, "_left", None)) is not None:
                    node.more().choice = left
                if is_the_users(x, x_value):
                    x_value = kept(x_value)
            node.x = Constant(x_value, name) if name else x_value
            node.y = y_node
            saves = for_y
        else:
            node.x = x_node
            node.y = y_node
            saves = for_both
        if saves is None:
            node.saved = ()
        elif saves is BOTH:
            node.saved = (x_value, y_value, None)
        else:
            x_too, y_too, out_too = saves
            node.saved = (
                x_value if x_too else None,
                y_value if y_too else None,
                out if out_too else None,
            )
            if shapes_too:
                shapes = (getattr(x_value, "shape", ()), getattr(y_value, "shape", ()))
                node.saved += (*shapes, None)
        node.number = number()
        kind = type(out)
        node.spec = kind if kind is not ndarray else (out.shape, out.dtype)
        node.scope = mode.scope
        tensor._node = node
        return tensor

    return record


def general(op: Op) -> Callable[..., Any]:
    """Recorder of an op with static parameters, several outputs, or any number of inputs."""
    forward, bind = op.narrow, op.bind
    careful = in_single(forward) if op.wide else forward
    blocked = in_blocks(careful) if op.elementwise else careful
    # what few values are, of which one look at a dtype tells: refused, or computed more widely
    rare = (COMPLEX if op.real_only else frozenset()) | (HALVES if op.wide else frozenset())
    elementwise = op.elementwise
    # a call with the inputs alone is sorted already
    alone = -1 if op.variadic or len(op.defaults) < len(op.params) else len(op.inputs)
    defaults, get_mode, plain, views = op.defaults, current_mode, plain_types, op.views
    required, real_only, counts = required_inputs(op), op.real_only, op.counts
    holding, weighted = holding_params(op), op.weighted

    def record(*args: Any, **kwargs: Any) -> Any:
        if intercepted and (taker := interceptor()):
            try:
                if op.learns and any(map(is_learned, (*args[len(op.inputs) :], *kwargs.values()))):
                    raise ArgumentTypeError(f"{op.name}: a parameter is a Tensor, and is no number")
                bound = bind(args, kwargs)
            except (ArgumentTypeError, DTypeError) as error:
                return by_form(op, error, args, kwargs)
            return taker.call(record, op, *bound)
        inputs: Any
        if kwargs or len(args) != alone:
            try:
                inputs, params = bind(args, kwargs)
            except (ArgumentTypeError, DTypeError) as error:
                return by_form(op, error, args, kwargs)
            for name in holding:
                value = params[name]
                if type(value) in KNOWN:
                    continue
                for part in value if type(value) is tuple else (value,):
                    if type(part) not in KNOWN and (symbol := symbol_in(part)) is not None:
                        return symbol.__autograd_op__(op, tuple(inputs), params)
        else:
            inputs, params = args, defaults
        values: list[Any] = []
        nodes: list[Any] = []
        tracked = is_rare = False
        for x in inputs:
            if type(x) in tensor_types:
                tracked = True
                values.append(x._value)
                nodes.append(x._node)
                if rare and x._value.dtype is not SINGLE and type(x._value.dtype) in rare:
                    is_rare = True
                continue
            if type(x) is ndarray:
                if x.dtype is not SINGLE:
                    if type(x.dtype) in rare:
                        is_rare = True
                    elif type(x.dtype) in NO_NUMBERS:
                        operand(x, op)
            elif type(x) is complex:
                is_rare = True
            elif type(x) not in plain:
                if x is None:
                    if len(nodes) < required:
                        raise missing(op, len(nodes))
                elif (symbol := symbol_in(x)) is not None:
                    return symbol.__autograd_op__(op, tuple(inputs), params)
                elif holds_tensor(x):
                    return record(*map(joined, inputs), **params)
                else:
                    x, is_rare = operand(x, op), True  # it may be
            values.append(x)
            nodes.append(None)
        run = forward
        if is_rare:
            if real_only:
                refuse_complex(op.name, (*values, *params.values()))
            run = careful
        is_large = elementwise and tracked and any(map(_is_large, values))
        if is_large:
            run = blocked
        if watched:
            run = seen(op, run)
        try:
            out = run(*values, **params) if params else run(*values)
        except FAULTS as error:
            raise diagnose(op, error, inputs, params) from None
        if weighted and out.dtype is not SINGLE and (floats := like_weights(values)) is not values:
            values = floats
            out = run(*values, **params) if params else run(*values)
        if not tracked:  # raw arrays, as in the rule of another op
            return weak(out, values) if type(out) is np.float64 or op.variadic else out
        mode = get_mode()
        if mode.records or mode.traces:
            result = hung(op, inputs, values, nodes, params, out, is_large, mode)
        elif nodes and nodes[-1] is not None and type(out) is not tuple and not counts:
            result = wrap(out)  # as of a layer, whose last input is a parameter
            result._left = op.name
        else:
            result = outside(op, inputs, nodes, out)
        if faces:
            faced(inputs, result)
        if not views or not (views is True or views(*values, **params)):
            return result
        if type(result) is not tuple:
            note_view(result, inputs[0], op, params)
            return result
        for number, tensor in enumerate(result):
            note_view(tensor, inputs[0], op, params, number)
        return result

    return record


def parametric(op: Op) -> Callable[..., Any]:
    """Recorder of an op with one input and static parameters: of its usual calls on Tensors.

    All others take `general`: in half precision, complex, large, watched, traced.
    """
    rest, forward, bind = general(op), op.narrow, op.bind
    rare = (COMPLEX if op.real_only else frozenset()) | (HALVES if op.wide else frozenset())
    most = LARGE if op.elementwise else np.inf
    views, holding, holders = op.views, holding_params(op), op.holders
    keeps_x, keeps_out, keeps_shape = (
        name in op.named for name in (op.inputs[0], "out", f"{op.inputs[0]}_shape")
    )
    new, number, get_mode, needs = new_object, next_number, current_mode, (True,)

    def record(*args: Any, **kwargs: Any) -> Any:
        x: Any = args[0] if args else None
        if type(x) not in tensor_types or watched or intercepted:
            return rest(*args, **kwargs)
        value, node, mode = x._value, x._node, get_mode()
        if value.dtype is not SINGLE and type(value.dtype) in rare:
            return rest(*args, **kwargs)
        if mode.traces or value.size >= most:
            return rest(*args, **kwargs)
        try:
            params = bind(args, kwargs)[1]
        except (ArgumentTypeError, DTypeError) as error:
            return by_form(op, error, args, kwargs)
        for name in holding:
            if type(params[name]) not in KNOWN and symbol_in(params[name]) is not None:
                return rest(*args, **kwargs)
        try:
            out = forward(value, **params)
        except FAULTS as error:
            raise diagnose(op, error, (x,), params) from None
        tensor = new(faces.get(type(x), Tensor) if faces else Tensor)
        tensor._value = out
        tensor._name = None
        if node is not None and mode.records:
            if out.dtype is not SINGLE and out.dtype.kind not in "fc":
                return rest(*args, **kwargs)  # such as sum(x, dtype="int64")
            new_node = Node()
            new_node.op = op
            new_node.x = node
            new_node.y = new_node.many = None
            held = owned(op, params) if holders else params
            new_node.params = tuple(held.values())
            new_node.saved = (
                value if keeps_x else None,
                out if keeps_out else None,
                *new_node.params,
                *((value.shape, needs) if keeps_shape else ()),
            )
            new_node.number = number()
            kind = type(out)
            new_node.spec = kind if kind is not ndarray else (out.shape, out.dtype)
            new_node.scope = mode.scope
            new_node.extra = None
            tensor._node = new_node
        else:
            tensor._node = None
            tensor._left = op.name if node is not None else x._left
        if views and (views is True or views(value, **params)):
            note_view(tensor, x, op, params)
        return tensor

    return record


def _is_large(value: Any) -> bool:
    return type(value) is ndarray and value.size >= LARGE
