"""Declared datasets: everything readers may ask of the published marts, one file a subject."""
