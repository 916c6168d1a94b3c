"""Which way a change of a figure is good."""

LOWER, HIGHER = "lower", "higher"
