"""torch.cuda.amp: mixed precision under its older name."""

from nn.torch.amp import GradScaler, autocast, custom_bwd, custom_fwd

__all__ = ["GradScaler", "autocast", "custom_bwd", "custom_fwd"]
