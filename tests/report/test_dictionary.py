"""docs/data-dictionary.md is written from the declarations."""

from pathlib import Path

from metriccare.report.dictionary import PAGE, dictionary
from metriccare.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == dictionary(), (
        "run python -m metriccare.report.dictionary"
    )


def test_every_table_has_its_heading() -> None:
    page = dictionary()
    assert [t.full_name for t in TABLES if f"### {t.full_name}\n" not in page] == []


def test_no_publish_column_could_name_a_person() -> None:
    published = [table for table in TABLES if table.layer == "publish"]
    assert [c.name for table in published for c in table.columns if c.identifying] == []
