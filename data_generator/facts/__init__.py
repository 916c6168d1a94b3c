"""Declared tables of facts: the places, diseases, codes and rates that the stories draw from."""
