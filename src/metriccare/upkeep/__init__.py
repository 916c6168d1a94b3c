"""Upkeep of a lake: erase, replay, rebuild, redrive, roll back, set aside."""
