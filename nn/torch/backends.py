"""torch.backends: the switches that programs set, which change nothing here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class _Switches(SimpleNamespace):
    """Attributes that may be read and set."""

    def is_available(self) -> bool:
        """Whether it is used: no."""
        return False

    is_built = is_available

    def flags(self, *args: Any, **kwargs: Any) -> Any:
        """A context manager that changes nothing."""
        from contextlib import nullcontext

        return nullcontext()


cudnn = _Switches(
    enabled=False, benchmark=False, deterministic=False, allow_tf32=False, version=lambda: None
)
cuda = _Switches(
    matmul=_Switches(allow_tf32=False, allow_fp16_reduced_precision_reduction=False),
    enable_flash_sdp=lambda enabled: None, enable_math_sdp=lambda enabled: None,
    enable_mem_efficient_sdp=lambda enabled: None, sdp_kernel=lambda *args, **kwargs: cudnn.flags(),
)  # fmt: skip
mps, mkl, mkldnn, openmp, opt_einsum, quantized = (_Switches() for _ in range(6))
