"""The same elements in another arrangement: shape, axes, rank, joins, diagonals."""
