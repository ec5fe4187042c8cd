"""Reductions, statistics, order, and what runs along an axis."""
