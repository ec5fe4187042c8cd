"""Matrices: dense products, triangles, gathered rows, ranks, sums."""
