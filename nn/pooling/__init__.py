"""Pooling and its partial inverse: functions and layers."""
