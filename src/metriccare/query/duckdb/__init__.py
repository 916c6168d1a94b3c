"""DuckDB behind the query layer: it reads the files that hudi-rs names, and nothing else."""
