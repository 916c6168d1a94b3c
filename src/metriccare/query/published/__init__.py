"""Published marts as readers see them: one publication of one tenant, declared datasets over it."""
