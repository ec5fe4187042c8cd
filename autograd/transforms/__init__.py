"""Functions made from functions: forward mode."""
