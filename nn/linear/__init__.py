"""Linear maps, and layers that only rearrange."""
