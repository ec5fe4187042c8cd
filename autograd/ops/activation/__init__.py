"""Activation functions: piecewise, smooth, and along an axis."""
