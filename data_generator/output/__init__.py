"""Files: resources by type, the answer key, all or nothing."""
