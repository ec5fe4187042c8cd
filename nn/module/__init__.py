"""Modules: what they hold, how they are called, hooked, saved and copied."""
