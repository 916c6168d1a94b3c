"""First on the path of a process, it makes that process one without numpy."""

raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
