"""Trino's SQL in DuckDB's words by allow list: what is not shown equal is refused by name."""
