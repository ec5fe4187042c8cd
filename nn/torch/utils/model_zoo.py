"""torch.utils.model_zoo: weights by their address, which are not fetched here."""

from __future__ import annotations

from typing import Any

from autograd.errors import UnsupportedError

__all__ = ["load_url"]


def load_url(url: str, *args: Any, **options: Any) -> Any:
    """Refused: weights that PyTorch pickled are not read."""
    raise UnsupportedError(
        f"load_url: {url} would be a pickle, which is not read here; leave out pretrained=True, or "
        "convert the file to safetensors where PyTorch is and load it with torch.load"
    )
