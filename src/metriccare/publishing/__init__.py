"""Published marts: each tenant's published rows as files, with a pointer to what is current."""
