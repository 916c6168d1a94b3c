"""Published data quality scores: of the newest run, or of one table run by run."""

from __future__ import annotations

from metriccare.quality.score import WEIGHTS
from metriccare.query.engine import Rows, SqlEngine
from metriccare.report.figures import HIDDEN, HIDDEN_BESIDE, NONE, Record
from metriccare.report.published_metrics import choice
from metriccare.tables.feeds import BY_FEED
from metriccare.tables.silver import BY_RESOURCE

TABLE_NAMES = tuple(table.name for table in (*BY_RESOURCE.values(), *BY_FEED.values()))
COLUMNS = ("table", "feed", "as_of", "score", "rows", *WEIGHTS)
NEWEST = (
    "SELECT q.* FROM data_quality_scores q JOIN"
    " (SELECT tenant, max(run_id) AS newest FROM data_quality_scores GROUP BY tenant) n"
    " ON n.tenant = q.tenant AND n.newest = q.run_id"
    " ORDER BY q.tenant, q.table_name, q.feed"
)


def quality_scores(engine: SqlEngine, table: str | None = None) -> Rows:
    """Return the scores of all tables by the newest run, or of one table by every run.

    Raises UsageError for a table that is not scored.
    """
    if table is None:
        return engine.query(NEWEST)
    name = choice("table", table.removeprefix("silver."), TABLE_NAMES)
    # The word is a choice checked above, never what was typed.
    return engine.query(
        f"SELECT * FROM data_quality_scores WHERE table_name = '{name}'"  # noqa: S608
        " ORDER BY tenant, feed, run_id DESC"
    )


def in_words(record: Record) -> tuple[str, ...]:
    """Return a score as people read it, under COLUMNS."""
    return (
        record["table_name"],
        record["feed"] or "",
        str(record["as_of"]),
        score_text(record),
        rows_text(record),
        *(component_text(record, name) for name in WEIGHTS),
    )


def score_text(record: Record) -> str:
    """Return the score, such as `97.3`, or a dash where no row arrived."""
    if record["score"] is not None:
        return f"{record['score']:.1f}"
    return HIDDEN_BESIDE if record["suppressed"] else NONE


def rows_text(record: Record) -> str:
    """Return how many rows arrived; of 1 to 10 it says that they are hidden."""
    return HIDDEN if record["rows"] is None else f"{record['rows']:,}"


def component_text(record: Record, name: str) -> str:
    """Return a component in percent; a dash where there is nothing to judge."""
    value = record[name]
    if value is not None:
        return f"{value * 100:.1f} %"
    is_hidden = record["suppressed"] and (
        record["rows"] is None or name in ("validity", "completeness")
    )
    return HIDDEN_BESIDE if is_hidden else NONE
