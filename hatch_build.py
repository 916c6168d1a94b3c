"""Puts the built page into the wheel, and refuses a wheel without it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Glue's bundle runs jobs only; its bytes must not depend on whether a page was built.
WITHOUT_PAGE = "METRICCARE_WITHOUT_PAGE"


class PageHook(BuildHookInterface[Any]):
    """Adds `src/metriccare/web/`, which git ignores."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the page to what is built; fails if it was not built from `web/` before."""
        if version == "editable" or os.environ.get(WITHOUT_PAGE):
            return
        page = Path(self.root) / "src" / "metriccare" / "web"
        if not (page / "index.html").is_file():
            raise RuntimeError(
                "The page of `metriccare serve` is missing. Run `make setup` (it needs Node 20.19"
                f" or newer), or set {WITHOUT_PAGE}=1 for a wheel without it."
            )
        inside = "metriccare/web" if self.target_name == "wheel" else "src/metriccare/web"
        build_data["force_include"][str(page)] = inside
