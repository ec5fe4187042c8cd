"""Activations: functions and layers."""
