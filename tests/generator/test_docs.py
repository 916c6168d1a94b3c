from __future__ import annotations

from pathlib import Path

from data_generator.defects import DEFECTS
from data_generator.describe import TARGETS
from data_generator.facts.hospitals import ACUTE_HOSPITALS, SKILLED_NURSING

PAGE = (Path(__file__).parents[2] / "docs" / "generator.md").read_text()


def test_the_page_lists_every_defect_with_its_rule() -> None:
    for d in DEFECTS:
        assert f"| `{d.kind}` | {d.resource_type} | `{d.rule_id}` | {d.severity} |" in PAGE


def test_the_page_gives_a_figure_for_every_target() -> None:
    for target in TARGETS:
        unit = f", {target.unit}" if target.unit else ""
        assert f"| {target.name}{unit} | {target.value:g} | {target.tolerance:g} |" in PAGE


def test_the_page_describes_every_facility() -> None:
    assert all(f"`org-{f.key}`" in PAGE for f in (*ACUTE_HOSPITALS, SKILLED_NURSING))
