"""What shows that the functions, casts and operators of `query` give Trino's values."""
