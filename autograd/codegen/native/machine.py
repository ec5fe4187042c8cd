"""LLVM's text as functions of this process, by llvmlite, for the processor that it runs on."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from autograd.codegen.native.body import Module, text_of
from autograd.system.caches import kept
from autograd.system.forks import forkable

__all__ = [
    "CALLS",
    "Code",
    "Function",
    "forget",
    "functions_of",
    "has_llvm",
    "has_scaling",
    "once",
    "register_bytes",
]

P = ParamSpec("P")
R = TypeVar("R")

_lock = forkable(threading.RLock())
_LEAST = 17  # LLVM's version, from which on pointers have no types
_FORM = 1  # of the settings with which code is made
_NONE: Mapping[str, int] = {}


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
    features = _features()
    return 64 if features.get("avx512f") else 32 if features.get("avx2") else 16


@cache
def has_scaling() -> bool:
    """Whether this processor multiplies by powers of 2 in one step; LLVM ends a process else."""
    return bool(_features().get("avx512f"))


def _features() -> Mapping[str, bool]:
    llvm = _binding()
    return llvm.get_host_cpu_features() if llvm else {}


LOOPS = 1  # LLVM's effort: the text has lanes already; more takes longer, and gains a twentieth
CALLS = 0  # for what calls what takes longer than itself: a fourth of the time to compile


def _machine(effort: int = LOOPS) -> Any:
    """What makes code for this processor; an engine takes it for itself."""
    llvm, (cpu, features) = _binding(), _processor()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=cpu, features=features, jit=True, opt=effort
    )


@cache
def _processor() -> tuple[str, str]:
    llvm = _binding()
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def _name_of(text: str, effort: int = LOOPS) -> str:
    """All that machine code follows from."""
    llvm = _binding()
    parts = (text, _FORM, effort, llvm.get_default_triple(), *_processor(), *llvm.llvm_version_info)
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=20).hexdigest()


def _object_code(text: str, effort: int = LOOPS) -> bytes:
    module = _binding().parse_assembly(text)
    module.verify()
    return bytes(_machine(effort).emit_object(module))


def once(make: Callable[P, R]) -> Callable[P, R]:
    """A function that makes code once for its arguments, also where two threads ask for it.

    Each would have a module of its own else, and one of them would be gone, with its addresses.
    """
    known = cache(make)

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> R:
        with _lock:
            return known(*args, **kwargs)  # type: ignore[arg-type]

    return made


class Code:
    """A module in machine code, which lives as long as this does.

    It may call what has an address by a name in `symbols`, so that its text and its machine code
    are the same in each process: an earlier one has kept that on disk.
    """

    def __init__(self, text: str, symbols: Mapping[str, int] = _NONE, effort: int = LOOPS) -> None:
        with _lock:
            llvm = _binding()
            for name, address in symbols.items():
                llvm.add_symbol(name, address)
            name = _name_of(text, effort)
            self._object = kept("code", name, lambda: _object_code(text, effort))
            self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine())
            self._engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(self._object))
            self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Where one of its functions is."""
        return int(self._engine.get_function_address(name))


class Function:
    """A native function: where it is, and what it lives in."""

    __slots__ = ("__weakref__", "address", "code")

    def __init__(self, code: Code, name: str) -> None:
        self.address, self.code = code.address(name), code


_OWN = re.compile(r"@(loop|part\d+)\b")  # names that other modules have too
_alive: weakref.WeakValueDictionary[str, Function] = weakref.WeakValueDictionary()
_recent: OrderedDict[str, Function] = OrderedDict()
_KEPT = 2048


def forget() -> None:
    """Compile everything anew, for who measures that."""
    with _lock:
        _alive.clear()
        _recent.clear()


def functions_of(modules: Sequence[Module]) -> list[Function]:
    """The functions `loop` of modules; those that are new are compiled together.

    Equal texts are compiled once in a process, and kept as long as a function is held, or used
    lately.
    """
    with _lock:
        keys = [module.key for module in modules]
        new = {k: m for k, m in zip(keys, modules, strict=True) if k not in _alive}
        made = _together(new) if new else {}
        found = [made.get(key) or _alive[key] for key in keys]
        for key, function in zip(keys, found, strict=True):
            _alive[key] = _recent[key] = function
            _recent.move_to_end(key)
        while len(_recent) > _KEPT:
            _recent.popitem(last=False)
        return found


def _together(modules: dict[str, Module]) -> dict[str, Function]:
    declared: set[str] = set()
    functions: dict[str, list[str]] = {}
    for key, module in modules.items():
        declared |= module.declared
        for name, lines in module.functions.items():
            own = _OWN.fullmatch(name) is not None
            whole = f"{name}_{key}" if own else name
            if whole not in functions:
                functions[whole] = [
                    _OWN.sub(rf"@\1_{key}", line) if "@" in line else line for line in lines
                ]
    code = Code(text_of(declared, functions.values()))
    return {key: Function(code, f"loop_{key}") for key in modules}
