"""torch.utils.hooks: what registering a hook gives."""

from nn.module.hooks import HookHandle as RemovableHandle

__all__ = ["RemovableHandle"]
