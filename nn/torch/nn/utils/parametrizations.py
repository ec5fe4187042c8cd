"""nn.torch.nn.utils.parametrizations: weights of norm 1, of spectral norm 1, orthogonal ones."""

from __future__ import annotations

from nn.torch.nn.utils.adapted import adapted
from nn.utils import parametrizations as own

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]

orthogonal = adapted(own.orthogonal)
spectral_norm = adapted(own.spectral_norm)
weight_norm = adapted(own.weight_norm)
