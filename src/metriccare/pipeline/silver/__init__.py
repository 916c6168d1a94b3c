"""Silver: the newest good version of every resource, typed, its references resolved."""
