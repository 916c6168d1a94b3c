"""Bronze: the exact records received, and those that were rejected."""
