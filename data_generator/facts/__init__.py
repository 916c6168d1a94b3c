"""Declared tables: the hospitals, diseases, codes and rates that the simulation draws from."""
