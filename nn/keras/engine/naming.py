"""Names that layers get."""

from nn.keras.naming import reset_names, snake, unique_name

__all__ = ["reset_names", "snake", "unique_name"]
