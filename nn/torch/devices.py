"""Devices: there is the CPU alone, and others may be named so that they can be refused."""

from __future__ import annotations

from typing import Any

from autograd.errors import ArgumentError, UnsupportedError

__all__ = ["CPU", "check_cpu", "device"]

_KINDS = ("cpu", "cuda", "mps", "xpu", "xla", "meta", "mkldnn", "hip", "mtia", "ipu", "hpu")


class device:
    """A device by its kind and number, as `device("cpu")` or `device("cuda", 0)`.

    It can be named and asked whatever it is; a Tensor can be on the CPU alone.

    >>> import nn.torch as torch
    >>> torch.device("cuda:0").index, torch.device("cpu")
    (0, device(type='cpu'))
    """

    __slots__ = ("index", "type")

    def __init__(self, type: Any, index: Any = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        if isinstance(type, int):
            type, index = "cuda", type
        kind, _, number = str(type).partition(":")
        if kind not in _KINDS or (number and not number.isdigit()):
            raise ArgumentError(f"device: {type!r} names no device; there is 'cpu' here")
        self.type = kind
        self.index = int(number) if number else index

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, device):
            return False
        return (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{index})"

    def __reduce__(self) -> Any:
        return (device, (self.type, self.index))

    def __enter__(self) -> device:
        check_cpu(self)
        return self

    def __exit__(self, *error: object) -> None:
        return None


CPU = device("cpu")


def check_cpu(wanted: Any) -> None:
    """Refuse every device but the CPU; None asks for none."""
    if wanted is not None and (wanted := device(wanted)).type != "cpu":
        raise UnsupportedError(
            f"there is no device {str(wanted)!r} here: all is computed on the CPU; write "
            'torch.device("cuda" if torch.cuda.is_available() else "cpu"), or leave it out'
        )
