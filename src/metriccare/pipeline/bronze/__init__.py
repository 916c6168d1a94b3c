"""Bronze: what was received, exactly, and what was rejected."""
