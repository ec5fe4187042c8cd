"""Losses: functions and layers, and the distances that some are made of."""
