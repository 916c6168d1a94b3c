"""Benchmarks: whole commands, timed as a person meets them."""
