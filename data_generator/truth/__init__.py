"""The answer key: the result of every measure, from the decisions of the simulation."""
