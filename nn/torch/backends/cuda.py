"""torch.backends.cuda: switches without effect."""

from nn.torch.backends.switches import Switches, flags, is_available, is_built

__all__ = ["flags", "is_available", "is_built"]

matmul = Switches(allow_tf32=False, allow_fp16_reduced_precision_reduction=False)


def enable_flash_sdp(enabled: bool) -> None:
    """Nothing: attention has one way here."""


enable_math_sdp = enable_mem_efficient_sdp = enable_cudnn_sdp = enable_flash_sdp
sdp_kernel = flags
