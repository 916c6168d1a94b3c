"""pandas hidden from libraries that import it where they find it: half a second, and 40 MB.

pyarrow does so for the first array made from a list, DuckDB for every value bound to a statement.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _NoPandas:
    """An import finder that reports pandas as not installed."""

    def find_spec(self, name: str, *_: Any) -> None:
        """Raise ModuleNotFoundError for pandas; other finders answer for other names."""
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError("No module named 'pandas'", name=name)


@contextmanager
def hidden_pandas() -> Iterator[None]:
    """Hide pandas during the block, unless it is imported already."""
    if "pandas" in sys.modules:
        yield
        return
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
