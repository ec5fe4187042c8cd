"""Checks of arguments that several families of layers share."""

from __future__ import annotations

from autograd.diagnose import check_choice

__all__ = ["check_choice"]
