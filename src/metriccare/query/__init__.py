"""SQL over a lake: views, checks, read-only statements, translation; one room per engine."""
