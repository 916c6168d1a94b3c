"""First on the path of a process, it makes that process one without pyarrow."""

raise ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")
