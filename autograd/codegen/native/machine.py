"""LLVM's text as functions of this process, by llvmlite, for the processor that it runs on."""

from __future__ import annotations

import ctypes
import os
import threading
from functools import cache, lru_cache
from typing import Any

from autograd.system.forks import forkable

__all__ = ["Compiled", "compiled", "has_llvm", "register_bytes"]

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


class Compiled:
    """A function `loop` in machine code, which lives as long as this does."""

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
            self.run = _Function(self._engine.get_function_address("loop"))


@lru_cache(maxsize=1024)
def compiled(text: str) -> Compiled:
    """The machine code of a module; the same for the same text."""
    return Compiled(text)
