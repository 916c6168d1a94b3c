"""Output files: resources by type, bundles and the answer key, published all or nothing."""
