"""Dropout: functions and layers."""
