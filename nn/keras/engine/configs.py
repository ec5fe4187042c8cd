"""Configs of objects."""

from nn.keras.configs import CUSTOM, bound_options, made_from, plain, register, restored, written

__all__ = ["CUSTOM", "bound_options", "made_from", "plain", "register", "restored", "written"]
