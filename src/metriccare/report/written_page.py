"""Pages that are written from declarations: written anew, or with `--check` only compared."""

from __future__ import annotations

import sys
from pathlib import Path


def write_or_check(page: Path, text: str, module: str) -> int:
    """Write the page, or with --check compare it; exit code 1 when it is out of date."""
    if "--check" not in sys.argv[1:]:
        page.write_text(text, encoding="utf-8")
        return 0
    if page.is_file() and page.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{page} is out of date: python -m {module}\n")
    return 1
