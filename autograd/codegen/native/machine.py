"""LLVM's text as functions of this process, by llvmlite, for the processor that it runs on."""

from __future__ import annotations

import ctypes
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from autograd.system.forks import forkable

__all__ = ["Code", "Compiled", "compiled", "compiled_all", "has_llvm", "register_bytes"]

_Function = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p
)  # lets go of the interpreter's lock
_lock = forkable(threading.RLock())
_LEAST = 17  # LLVM's version, from which on pointers have no types


@lru_cache(maxsize=1)
def _binding() -> Any:
    """llvmlite's binding, ready for this processor; None where it is not, or too old."""
    if os.environ.get("CHAINGRAD_FAST", "1") == "0":  # as for the twins of kernels
        return None
    try:
        import llvmlite.binding as llvm
    except (ImportError, OSError):
        return None
    if llvm.llvm_version_info[0] < _LEAST:
        return None
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def has_llvm() -> bool:
    """Whether native code can be made here."""
    with _lock:
        return _binding() is not None


@cache
def register_bytes() -> int:
    """How long the vector registers of this processor are."""
    features = _binding().get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx2") else 16


class Code:
    """A module in machine code, which lives as long as this does."""

    def __init__(self, text: str) -> None:
        with _lock:
            llvm = _binding()
            module = llvm.parse_assembly(text)
            module.verify()
            machine = llvm.Target.from_default_triple().create_target_machine(
                cpu=llvm.get_host_cpu_name(),
                features=llvm.get_host_cpu_features().flatten(),
                opt=1,  # the text has lanes already: more takes longer, and gains a twentieth
            )
            self._engine = llvm.create_mcjit_compiler(module, machine)
            self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Where one of its functions is."""
        return int(self._engine.get_function_address(name))


class Compiled:
    """A function of a module in machine code: the `loop` of one text."""

    def __init__(self, code: Code, name: str) -> None:
        self.code = code
        self.address = code.address(name)
        self.run = _Function(self.address)


_KEPT = 2048  # texts
_known: OrderedDict[str, Compiled] = OrderedDict()


def compiled(text: str) -> Compiled:
    """The machine code of a module; the same for the same text."""
    return compiled_all([text])[0]


def compiled_all(texts: Sequence[str]) -> list[Compiled]:
    """The same for several, of which those that are new are one module: that takes half as long."""
    with _lock:
        new = [text for text in dict.fromkeys(texts) if text not in _known]
        if new:
            code = Code(new[0] if len(new) == 1 else _joined(new))
            for k, text in enumerate(new):
                _known[text] = Compiled(code, "loop" if len(new) == 1 else f"loop.{k}")
        found = [_known[text] for text in texts]
        for text in texts:
            _known.move_to_end(text)
        while len(_known) > _KEPT:
            _known.popitem(last=False)
        return found


def _joined(texts: Sequence[str]) -> str:
    """Modules as one: what each defines gets the module's number behind its name."""
    declared: dict[str, None] = {}
    bodies = []
    for k, text in enumerate(texts):
        own = set(_DEFINED.findall(text))
        lines = _NAME.sub(lambda m, k=k, own=own: f"{m[0]}.{k}" if m[0] in own else m[0], text)
        for line in lines.splitlines():
            if line.startswith("declare"):
                declared[line] = None
            else:
                bodies.append(line)
    return "\n".join((*declared, *bodies)) + "\n"


_DEFINED = re.compile(r"^define [^@]*(@[\w.]+)\(", re.MULTILINE)
_NAME = re.compile(r"@[\w.]+")
