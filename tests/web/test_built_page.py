"""The built page: small enough to open quickly, and nothing inline that the policy would refuse."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import metriccare

PAGE = Path(metriccare.__file__).parent / "web"
pytestmark = pytest.mark.skipif(
    not (PAGE / "manifest.json").exists(), reason="the page is not built; `make setup` builds it"
)

# Serving specification, section 8: kilobytes over the wire.
MOST_SCRIPT, MOST_STYLE, MOST_FONT, MOST_CHUNK = 170, 15, 60, 40
ENTRY = "index.html"


def manifest() -> dict[str, Any]:
    return json.loads((PAGE / "manifest.json").read_text(encoding="utf-8"))


def with_imports(chunks: Mapping[str, Any], name: str) -> set[str]:
    """Return a chunk and everything it needs before it runs."""
    needed, waiting = set(), [name]
    while waiting:
        chunk = waiting.pop()
        if chunk not in needed:
            needed.add(chunk)
            waiting += chunks[chunk].get("imports", [])
    return needed


def kilobytes(file: str) -> float:
    return len(gzip.compress((PAGE / file).read_bytes(), 6)) / 1000


def pages(chunks: Mapping[str, Any]) -> Iterator[str]:
    yield from (name for name, chunk in chunks.items() if chunk.get("isDynamicEntry"))


def test_the_first_page_opens_with_little_script_and_style() -> None:
    chunks = manifest()
    first = with_imports(chunks, ENTRY)
    overview = with_imports(chunks, "pages/overview/page.tsx") | first
    script = sum(kilobytes(chunks[name]["file"]) for name in overview)
    style = sum(kilobytes(css) for name in overview for css in chunks[name].get("css", []))
    assert script <= MOST_SCRIPT
    assert style <= MOST_STYLE


def test_each_page_adds_little_of_its_own() -> None:
    chunks = manifest()
    needed = {page: with_imports(chunks, page) for page in pages(chunks)}
    users = Counter(chunk for own in needed.values() for chunk in own)
    for page, own in needed.items():
        alone = [chunk for chunk in own if users[chunk] == 1]
        assert sum(kilobytes(chunks[name]["file"]) for name in alone) <= MOST_CHUNK, page


def test_no_page_needs_more_than_the_first_and_one_more_chunk() -> None:
    chunks = manifest()
    first = with_imports(chunks, ENTRY)
    for page in pages(chunks):
        whole = first | with_imports(chunks, page)
        script = sum(kilobytes(chunks[name]["file"]) for name in whole)
        assert script <= MOST_SCRIPT + MOST_CHUNK, page


def test_fonts_are_ours_and_small() -> None:
    fonts = list((PAGE / "assets").glob("*.woff2"))
    assert fonts
    assert sum(font.stat().st_size for font in fonts) / 1000 <= MOST_FONT
    assert (PAGE / "assets" / "source-sans-3.LICENSE.txt").exists()


def test_the_page_has_nothing_inline_and_asks_nobody_else() -> None:
    html = (PAGE / ENTRY).read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", html)


def test_examples_of_the_design_page_are_not_shipped() -> None:
    scripts = [file.read_text(encoding="utf-8") for file in (PAGE / "assets").glob("*.js")]
    assert scripts
    assert not any("Castlewood Regional" in script for script in scripts)
