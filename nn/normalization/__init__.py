"""Batch, layer, group, instance and response normalisation: ops, functions, layers."""
