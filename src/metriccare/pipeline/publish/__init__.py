"""Publication: gates before it, small cells hidden in it, and how good the data is."""
