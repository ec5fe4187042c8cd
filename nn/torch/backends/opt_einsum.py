"""torch.backends.opt_einsum: switches without effect."""

from nn.torch.backends.switches import flags, is_available, is_built

__all__ = ["flags", "is_available", "is_built"]

enabled = False
