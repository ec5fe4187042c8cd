"""torch.backends.cudnn: switches without effect."""

from nn.torch.backends.switches import flags, is_available, is_built

__all__ = ["flags", "is_available", "is_built"]

enabled = benchmark = deterministic = allow_tf32 = False


def version() -> None:
    """The version of cuDNN: there is none."""
