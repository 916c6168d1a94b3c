"""The texts of models: one SELECT per file, in Spark's SQL, beside the stage that runs it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def model(package: str, name: str) -> str:
    """Return the text of a package's model: `model(__package__, "newest_versions")`."""
    return files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")
