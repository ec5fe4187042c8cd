"""Images at another size: interpolation, grids, pixels."""
