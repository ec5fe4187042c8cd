"""The columns of the table: which library, in which Python, with which switch; and its ink."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Column:
    title: str
    library: str  # as `worker.py` calls it
    packages: tuple[str, ...]  # without these in its Python there is no such column
    home: str = "own"  # whose Python: this one ("own"), that of --torch or of --jax
    switch: dict[str, str] = field(default_factory=dict)  # environment variables
    ink: str = "#52607a"
    mark: str = "o"


# glibc's allocator set as `autograd.system.memory` sets it. Plain NumPy by hand gets the same, so
# that the two differ by the engine alone.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(512 << 20)}
CACHE = str(Path("out/inductor").absolute())  # of what torch.compile has compiled before
# Of compiled programs, and empty where a first call is measured. JAX keeps none; Numba keeps loops
# of chaingrad's own, which are no part of a program, as PyTorch's wheel has its kernels.
CACHES = ("TORCHINDUCTOR_CACHE_DIR", "CHAINGRAD_CACHE_DIR")
REFERENCE = "torch"  # the column by which ratios divide
COMPILED = "compiled"  # that which is set beside the best of these
PEERS = ("numpy", "torch", "compile", "jax")

COLUMNS = {
    "fast": Column("chaingrad fast", "chaingrad", ("chaingrad", "numba"), ink="#1d4ed8"),
    "chaingrad": Column(
        "chaingrad", "chaingrad", ("chaingrad", "numpy"), switch={"CHAINGRAD_FAST": "0"},
        ink="#7aa2f7", mark="D",
    ),
    "compiled": Column(
        "chaingrad compiled", "compiled", ("chaingrad", "numba"), ink="#7c3aed", mark="v"
    ),
    "numpy": Column(
        "NumPy by hand", "numpy", ("numpy",), switch=KEEP_MEMORY, ink="#115e59", mark="P"
    ),
    "torch": Column("PyTorch", "torch", ("torch",), "torch", ink="#0f172a"),
    "compile": Column(
        "PyTorch compile", "compile", ("torch",), "torch",
        {"TORCHINDUCTOR_CACHE_DIR": CACHE}, "#c2410c", "s",
    ),
    "jax": Column("JAX jit", "jax", ("jax",), "jax", ink="#94a3b8", mark="^"),
    "jax-eager": Column(
        "JAX", "jax-eager", ("jax",), "jax", {"JAX_EAGER": "1"}, ink="#cbd5e1", mark="<"
    ),
}  # fmt: skip
