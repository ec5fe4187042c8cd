"""Module of the face: what is set as its attribute becomes the face's, in place."""

from __future__ import annotations

from typing import Any

import nn
from nn.torch.nn.parameter import adopt

__all__ = ["FACES", "Module", "face_of"]

FACES: dict[type, type] = {}  # of each class of modules of nn, the face's


class Module(nn.Module):
    """Base of all modules: one of `nn` whose Parameters are PyTorch's."""

    def _register(self, registry: str, name: str, value: Any) -> None:
        super()._register(registry, name, _adopted(value))


FACES[nn.Module] = Module


def face_of(layer: type[nn.Module], **attributes: Any) -> Any:
    """The class of a layer's face: the layer itself, registering as `Module` does."""
    name = layer.__name__
    where = {"__module__": "nn.torch.nn", "__qualname__": name, "__doc__": layer.__doc__}
    FACES[layer] = type(name, (layer, Module), where | attributes)
    return FACES[layer]


def _adopted(value: Any) -> Any:
    """A Tensor in its face; a module with all that it holds, as layers hold layers of nn."""
    if not isinstance(value, nn.Module):
        return adopt(value)
    if type(value) in FACES:
        value.__class__ = FACES[type(value)]
        for held in (value._parameters, value._buffers, value._modules):
            for part in held.values():
                _adopted(part)
    return value
