"""What nodes save for backward, packed as it is saved, and unpacked where rules read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.engine.modes import ModeChange
from autograd.engine.mutation import check_saved
from autograd.engine.node import Node, next_number
from autograd.engine.operands import raw, tensor_types
from autograd.engine.outputs import wrap
from autograd.engine.row import OUTPUT, Op
from autograd.errors import ArgumentTypeError, StateError

__all__ = ["Packed", "Packer", "Parcel", "unpacked"]

_apart = ModeChange(records=False, capture=None, packer=None)  # what hooks do is no part of a graph


class Packer:
    """Two hooks: `pack` makes of a Tensor whatever is kept, `unpack` the Tensor of that again."""

    def __init__(
        self,
        what: str,
        pack: Callable[[Any], Any],
        unpack: Callable[[Any], Any],
        dress: Callable[[Any], Any] = lambda tensor: tensor,
    ) -> None:
        self.what, self.pack, self.unpack, self.dress = what, pack, unpack, dress

    def call(
        self, record: Any, op: Op, inputs: Any, params: Mapping[str, Any] | None = None
    ) -> Any:
        """The call of an op, whose new node keeps parcels."""
        start = next_number()
        with ModeChange(packer=None):
            result = record(*inputs, **params) if params else record(*inputs)
        first = result[0] if isinstance(result, (tuple, list)) and result else result
        node = first._node if type(first) in tensor_types else None
        if node is not None and node.op is OUTPUT:
            node = node.inputs[0]
        if node is not None and node.number > start and node.op is op and node.saved:
            self._pack_saved(node)
        return result

    def _pack_saved(self, node: Node) -> None:
        """The values of inputs and output are packed; static parameters stay."""
        count = 1 if node.op.variadic else len(node.op.inputs)
        values, rest = node.saved[: count + 1], node.saved[count + 1 :]
        try:
            node.saved = Packed((*map(self._packed, values), *rest))
        except Exception as error:
            error.add_note(f"{self.what}: in pack, for what {node.op.name} saves")
            raise

    def _packed(self, value: Any) -> Any:
        if type(value) is tuple:
            return Packed(map(self._packed, value))
        return Parcel(self, value) if isinstance(value, (np.ndarray, np.generic)) else value


def _read_only(value: Any) -> Any:
    """A view that hooks cannot write to: the memory is also that of inputs and outputs."""
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value


class Parcel:
    """What a hook made of an array or number, until a rule asks for it."""

    __slots__ = ("_held", "_is_number", "_packer", "dtype", "shape")

    def __init__(self, packer: Packer, value: Any) -> None:
        self._packer, self._is_number = packer, isinstance(value, np.generic)
        self.shape, self.dtype = value.shape, value.dtype
        with _apart:
            given = packer.dress(wrap(_read_only(value)))
            before = raw(given)
            self._held = packer.pack(given)
        if raw(given) is not before:
            raise StateError(
                f"{packer.what}: pack wrote into the Tensor that it was given; "
                "return another one, t * 2 instead of t *= 2"
            )

    def opened(self) -> Any:
        """The array or number again."""
        packer = self._packer
        with _apart:
            found = packer.unpack(self._held)
        value = raw(found)
        if type(found) not in tensor_types and not isinstance(found, (np.ndarray, np.generic)):
            raise ArgumentTypeError(
                f"{packer.what}: unpack returned {type(found).__name__}; return the Tensor that "
                "pack was given"
            )
        if (value.shape, value.dtype) != (self.shape, self.dtype):
            raise ArgumentTypeError(
                f"{packer.what}: unpack returned {value.dtype} of {value.shape}, and pack was "
                f"given {self.dtype} of {self.shape}; return that again, as by astype and reshape"
            )
        return value[()] if self._is_number else np.asarray(value)


class Packed(tuple[Any, ...]):
    """What a node saved, with Parcels in it."""

    __slots__ = ()

    def opened(self) -> tuple[Any, ...]:
        """The values as they were."""
        return tuple([v.opened() if type(v) in (Parcel, Packed) else v for v in self])


def unpacked(node: Node) -> tuple[Any, ...]:
    """What a node saved, whose hooks are called for it."""
    if type(node.saved) is not Packed:
        return node.saved  # type: ignore[no-any-return]
    try:
        saved = node.saved.opened()
    except Exception as error:
        error.add_note(f"in unpack, for what {node.op.name} saved")
        raise
    check_saved(node, saved)  # that a hook has kept the memory itself, and it was written to
    return saved
