"""How good each table is: counted once per run, kept, and the same as if all was counted again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.errors import UsageError
from metriccare.incremental.context import RunContext
from metriccare.local.folder_store import FolderStore, LocalRawFiles
from metriccare.pipeline.publish.quality_scores import QualityScores
from metriccare.report.quality_scores import in_words, quality_scores
from metriccare.settings import Settings
from metriccare.tables import BY_NAME
from metriccare.tables.commit_note import CommitNote
from metriccare.upkeep.erasure_plan import Request
from metriccare.upkeep.replay import Window
from metriccare.wiring.local import run_local
from metriccare.wiring.local_upkeep import erase_local, replay_local, roll_back_local
from metriccare.wiring.queries import open_engine
from tests.pipeline.feed_lake import FeedLake, claim, claims
from tests.pipeline.resources import encounter, ndjson, patient

ARRIVAL, SCORE = BY_NAME["gold.data_quality_arrival"], BY_NAME["gold.data_quality_score"]
REMITS = "remit_id,claim_id,remit_date,paid,charge,allowed,claim_status_code,updated_at"


def today() -> date:
    """Today for the tenant."""
    return datetime.now(ZoneInfo(Settings().time_zone(""))).date()


class Lake(FeedLake):
    """A lake that is run as of today, when its rows arrive."""

    def run(self, as_of: date | None = None) -> Any:
        return run_local(self.here, as_of or today(), lambda _: None)

    def engine(self) -> DuckDbEngine:
        return DuckDbEngine(FolderStore(self.here.lake.folder), lambda: None)

    def scores(self, table: str, layer: str = "gold") -> list[dict[str, Any]]:
        """Return the scores of a table, run by run."""
        name = f"{layer}.data_quality_score"
        with self.engine() as engine:
            rows = engine.rows(engine.read(BY_NAME[name]))
        found = [dict(row) for row in rows if row["table_name"] == table]
        return sorted(found, key=lambda row: row["run_id"])

    def newest(self, table: str) -> dict[str, Any]:
        return self.scores(table)[-1]

    def commits(self, name: str) -> int:
        with self.engine() as engine:
            return len(engine.commits(BY_NAME[name]))

    def is_as_counted_again(self) -> bool:
        """Return True if counting every table again changes no row that is kept."""
        before = self.commits(ARRIVAL.full_name)
        now = datetime.now(UTC)
        context = RunContext(
            f"run-999999-{before}", self.here.lake, now, now.date(), LocalRawFiles(), Settings()
        )
        with self.engine() as engine:
            QualityScores(engine, context).recount(CommitNote(context.run_id, "again"))
        return self.commits(ARRIVAL.full_name) == before


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_the_components_of_a_feed(lake: Lake):
    good = [claim(f"C{n}", updated_at=f"2024-01-09T0{n}:00:00Z") for n in range(6)]
    # Of the ten rows one is rejected, one flagged, one sent twice, one another row of its version.
    more = [
        claim("C6", charge="much", updated_at="2024-01-09T00:00:00Z"),
        claim("C7", charge="1.005", updated_at="2024-01-09T00:00:00Z"),
        good[0],
        claim("C1", charge="7.00", updated_at="2024-01-09T01:00:00Z"),
    ]
    lake.receive("claims.csv", claims(*good, *more))
    lake.run()
    (row,) = lake.scores("feed_claims")
    assert (row["layer"], row["feed"], row["rows"]) == ("silver", "claims", 10)
    # Eight columns are required and three expected, of which the rows have none.
    assert row["completeness"] == pytest.approx(8 / 11, abs=1e-6)
    assert row["validity"] == 0.8
    assert row["consistency"] is None
    assert row["uniqueness"] == 0.875
    assert row["timeliness"] == 1.0
    expected = 100 * (0.35 * 8 / 11 + 0.3 * 0.8 + 0.1 * 0.875 + 0.1) / 0.85
    assert row["score"] == pytest.approx(expected, abs=0.05)


def test_references_count_once_the_feed_they_name_has_been_sent(lake: Lake):
    remits = "\n".join(
        (REMITS, *(f"R{n},C{n},2024-02-01,1,1,1,1,2024-02-02T00:00:00Z" for n in range(4)), "")
    )
    lake.receive("remits.csv", remits.encode())
    lake.run()
    assert lake.newest("feed_remits")["consistency"] is None
    lake.receive("claims.csv", claims(claim("C0"), claim("C1"), claim("C2")))
    lake.run()
    assert lake.newest("feed_remits")["consistency"] == 0.75
    lake.receive("more/claims.csv", claims(claim("C3")))
    lake.run()
    assert lake.newest("feed_remits")["consistency"] == 1.0
    assert lake.is_as_counted_again()


def test_resources_whose_patient_is_missing_are_inconsistent_until_it_arrives(lake: Lake):
    lake.receive("e.ndjson", ndjson([encounter("e1"), encounter("e2")]))
    lake.run()
    first = lake.newest("encounter")
    assert first["consistency"] is not None
    assert first["consistency"] < 1
    assert first["validity"] == 0
    lake.receive("p.ndjson", ndjson([patient()]))
    lake.run()
    now = lake.newest("encounter")
    assert now["consistency"] > first["consistency"]
    assert now["validity"] == 1
    assert lake.is_as_counted_again()


def test_one_row_of_each_run_is_kept_and_a_run_without_news_counts_nothing(lake: Lake):
    lake.receive("p.ndjson", ndjson([patient()]))
    lake.run()
    commits = lake.commits(ARRIVAL.full_name)
    lake.receive("payers.csv", b"payer_id,name\nP1,one\n", tenant="other")
    lake.run()
    patients = lake.scores("patient")
    assert len(patients) == 2
    assert len({row["run_id"] for row in patients}) == 2
    assert [row["rows"] for row in patients] == [1, 1]
    assert lake.commits(ARRIVAL.full_name) == commits + 1
    assert lake.is_as_counted_again()


def test_rows_received_after_as_of_have_no_score(lake: Lake):
    lake.receive("p.ndjson", ndjson([patient()]))
    lake.run(date(2024, 6, 30))
    row = lake.newest("patient")
    assert (row["as_of"], row["rows"], row["score"]) == (date(2024, 6, 30), 0, None)
    # The rows are there as soon as as_of reaches the day on which they arrived.
    lake.run()
    assert lake.newest("patient")["rows"] == 1
    assert lake.is_as_counted_again()


def test_rows_older_than_the_window_are_not_kept(lake: Lake):
    lake.receive("p.ndjson", ndjson([patient()]))
    lake.run()
    assert lake.newest("patient")["rows"] == 1
    later = today() + timedelta(days=40)
    lake.run(later)
    row = lake.newest("patient")
    assert (row["as_of"], row["rows"], row["score"]) == (later, 0, None)
    # A run of an earlier day has them again.
    lake.run()
    assert lake.newest("patient")["rows"] == 1


def test_what_arrives_changes_and_is_sent_again_is_counted_as_if_at_once(lake: Lake):
    first = [claim(f"C{n}", updated_at="2024-01-09T00:00:00Z") for n in range(3)]
    lake.receive("claims.csv", claims(*first))
    lake.receive("p.ndjson", ndjson([patient(), encounter("e1")]))
    lake.run()
    changed = claim("C1", charge="5.00", updated_at="2024-01-10T00:00:00Z")
    gone = claim("C2", updated_at="2024-01-11T00:00:00Z", op="delete")
    lake.receive("again/claims.csv", claims(first[0], changed, gone))
    lake.receive(
        "q.ndjson", ndjson([encounter("e1", status="done", updated="2024-02-02T00:00:00Z")])
    )
    lake.run()
    assert lake.is_as_counted_again()
    assert lake.newest("feed_claims")["rows"] == 6


def test_a_replay_a_rollback_and_an_erasure_leave_the_counts_right(lake: Lake):
    lake.receive("p.ndjson", ndjson([patient(), patient("p2"), encounter("e1")]))
    lake.receive("claims.csv", claims(claim("C1"), claim("C2")))
    lake.run()
    lake.receive("q.ndjson", ndjson([patient("p3")]))
    second = lake.run()
    history = lake.scores("patient")
    assert [row["rows"] for row in history] == [2, 3]
    roll_back_local(lake.here, second.run_id, lambda _: None)
    assert [row["rows"] for row in lake.scores("patient")] == [2]
    lake.run()
    assert lake.newest("patient")["rows"] == 3
    assert lake.is_as_counted_again()
    erase_local(lake.here, Request("default", "p2", "asked"), lambda _: None)
    assert lake.is_as_counted_again()
    lake.run()
    assert lake.newest("patient")["rows"] == 2
    every_day = Window(date(2000, 1, 1), date(2100, 1, 1))
    replay_local(lake.here, every_day, today(), lambda _: None)
    assert lake.newest("patient")["rows"] == 2
    assert lake.is_as_counted_again()


def test_what_a_small_count_gives_away_is_hidden(lake: Lake):
    lake.receive("p.ndjson", ndjson([patient(f"p{n}") for n in range(11)]))
    few = [encounter(f"e{n}") for n in range(3)]
    lake.receive("e.ndjson", ndjson([*few, {"resourceType": "Organization", "id": "o"}]))
    rows = [claim(f"C{n}") for n in range(20)]
    lake.receive("claims.csv", claims(*rows, claim("C99", charge="much")))
    lake.run()
    (shown,) = lake.scores("patient", "publish")
    assert (shown["suppressed"], shown["rows"], shown["validity"]) == (False, 11, 1.0)
    (hidden,) = lake.scores("encounter", "publish")
    assert hidden["suppressed"]
    assert {hidden[name] for name in ("rows", "score", "validity", "timeliness")} == {None}
    (one_fault,) = lake.scores("feed_claims", "publish")
    # Every row has no `updated_at`, so that all are flagged: no good row is left to count.
    assert lake.newest("feed_claims")["validity"] == 0
    assert not one_fault["suppressed"]
    (place,) = lake.scores("organization", "publish")
    assert (place["suppressed"], place["rows"]) == (False, 1)


def test_a_few_rows_with_a_fault_hide_validity_and_what_it_follows_from(lake: Lake):
    good = [claim(f"C{n}", updated_at="2024-01-09T00:00:00Z") for n in range(20)]
    lake.receive("claims.csv", claims(*good, claim("C99", charge="much")))
    lake.run()
    (shown,) = lake.scores("feed_claims", "publish")
    assert shown["suppressed"]
    assert (shown["rows"], shown["validity"], shown["completeness"]) == (21, None, None)
    assert shown["score"] is not None


def test_scores_are_printed_and_drawn(lake: Lake):
    lake.receive("p.ndjson", ndjson([patient(f"p{n}") for n in range(11)]))
    lake.run()
    engine = open_engine(lake.here.lake)
    (words,) = map(in_words, quality_scores(engine).records())
    assert words[0] == "patient"
    assert words[4:] == ("11", "50.0 %", "100.0 %", "-", "100.0 %", "100.0 %")
    lake.run()
    assert len(quality_scores(engine, "silver.patient").rows) == 2
    with pytest.raises(UsageError, match="There is no table 'people'"):
        quality_scores(engine, "people")


@pytest.mark.spark
def test_both_engines_count_the_same(lake: Lake, spark):
    from metriccare.engine.spark.engine import SparkEngine

    good = [claim(f"C{n}", updated_at="2024-01-09T00:00:00Z") for n in range(3)]
    lake.receive("claims.csv", claims(*good, good[0], claim("C9", charge="much")))
    lake.receive("remits.csv", "\n".join((REMITS, "R1,C7,2024-02-01,1,1,1,1,", "")).encode())
    sent = [patient(), patient(), encounter("e1"), encounter("e2", status="done")]
    lake.receive("p.ndjson", ndjson([*sent, encounter("e3", "Patient/p9")]))
    lake.run()
    now = datetime.now(UTC)
    context = RunContext("run-999999", lake.here.lake, now, today(), LocalRawFiles(), Settings())
    with lake.engine() as engine:
        by_duckdb = QualityScores(engine, context)
        counts = _in_order(engine.rows(by_duckdb.counts()))
        scores = _in_order(row for c in by_duckdb.changes()[1:] for row in engine.rows(c.rows))
    on_spark = SparkEngine(spark, lake.here.lake, lambda: None)
    by_spark = QualityScores(on_spark, context)
    assert _in_order(on_spark.rows(by_spark.counts())) == counts
    assert _in_order(row for c in by_spark.changes()[1:] for row in on_spark.rows(c.rows)) == scores
    assert {row["table_name"] for row in counts} >= {"patient", "encounter", "feed_remits"}


def _in_order(rows: Any) -> list[dict[str, Any]]:
    return sorted((dict(row) for row in rows), key=str)
