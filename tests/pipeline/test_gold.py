"""Gold on real tables: evidence, results, increments that equal a full rebuild."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from metriccare.engine.protocol import Changes
from metriccare.errors import GateRefused
from metriccare.pipeline import runs
from metriccare.pipeline.gold import stage as gold
from metriccare.pipeline.gold.outcome import Outcome, no_gates
from metriccare.settings import Lake, Settings, TenantSettings
from metriccare.tables import BY_NAME
from metriccare.tables.commit_note import CommitNote
from metriccare.upkeep import stages
from tests.loader import NOW, Loader, encounter, patient

NUBC = "https://www.nubc.org/CodeSystem/PatDischargeStatus"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
REFUTED = {"coding": [{"code": "refuted"}]}
STAMPS = {"run_id", "ordering", "record_key", "published_at"}
GOLD = ("stay", "episode", "measure_stay", "infection_event", "patient_day", "stay_day")
TABLES = (*(f"gold.{name}" for name in GOLD), "gold.measure_result", "publish.measure")
AS_OF = date(2024, 6, 1)


class Hospital(Loader):
    """A loader that takes batches on through gold and publication."""

    def publish(self, *batches: list[dict[str, Any]], as_of: date = AS_OF, gates=no_gates):
        for batch in batches:
            self.receive(batch)
        run = self.begin(Settings(tenants={"default": TenantSettings()}), as_of)
        with self.engine(run) as engine:
            run = stages.run_silver(engine, stages.run_bronze(engine, run))
            gold.run(engine, run.context(), gates)
        runs.end(run, NOW)

    def contents(self, *, stamped: bool = False) -> dict[str, list[tuple]]:
        """Return the tables' rows without what a run stamps on them."""
        stamps = frozenset() if stamped else STAMPS
        return {table: self.content(BY_NAME[table], stamps) for table in TABLES}

    def counts(self, measure: str, stratum: str = "overall", value: str = "all"):
        rows = self.rows(
            "gold.measure_result",
            *("measure_id", "grain", "stratum_type", "stratum_value"),
            *("numerator", "denominator", "excluded"),
        )
        return next(r[4:] for r in rows if r[:4] == (measure, "all", stratum, value))


def new(kind: str, folder: Path) -> Hospital:
    folder.mkdir()
    return Hospital(kind, Lake(str(folder / "lake")), folder)


@pytest.fixture
def hospital(engine_kind: str, tmp_path: Path) -> Hospital:
    return new(engine_kind, tmp_path / "one")


def organization(id_: str = "H1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Organization",
        "id": id_,
        "meta": {"lastUpdated": "2024-01-01T00:00:00Z"},
        "name": f"Hospital {id_}",
        **more,
    }


def stay(
    id_: str, subject: str, start: str, end: str | None, to: str = "01", **more: Any
) -> dict[str, Any]:
    return encounter(
        id_,
        f"Patient/{subject}",
        status="finished" if end else "in-progress",
        period={"start": start} | ({"end": end} if end else {}),
        serviceProvider={"reference": f"Organization/{more.pop('at', 'H1')}"},
        hospitalization={"dischargeDisposition": {"coding": [{"system": NUBC, "code": to}]}},
        meta={"lastUpdated": more.pop("updated", "2024-03-01T00:00:00Z")},
        **more,
    )


def infection(id_: str, subject: str, in_: str, onset: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": id_,
        "meta": {"lastUpdated": "2024-03-01T00:00:00Z"},
        "code": {"coding": [{"system": ICD, "code": "T83.511A"}]},
        "subject": {"reference": f"Patient/{subject}"},
        "encounter": {"reference": f"Encounter/{in_}"},
        "onsetDateTime": onset,
        **more,
    }


def merged(id_: str, into: str | None, updated: str) -> dict[str, Any]:
    link = [{"type": "replaced-by", "other": {"reference": f"Patient/{into}"}}] if into else []
    return patient(id_, updated, **({"link": link} if link else {}))


WORLD = [organization("H1"), organization("H2"), patient("p1"), patient("p2"), patient("p3")]


def test_evidence_and_results_follow_from_the_stays(hospital: Hospital) -> None:
    hospital.publish(
        [
            *WORLD,
            stay("e1", "p1", "2024-01-01", "2024-01-05"),
            stay("e2", "p1", "2024-01-20", "2024-01-22"),
            stay("e3", "p2", "2024-02-01", "2024-02-04", to="20", at="H2"),
            stay("e4", "p3", "2024-05-30", None),
            infection("c1", "p1", "e1", "2024-01-03"),
        ]
    )
    assert hospital.counts("readmission_30d") == (1, 2, 2)
    assert hospital.counts("readmission_30d", "hospital", "H2") == (0, 0, 1)
    assert hospital.counts("mortality_in_hospital") == (1, 3, 1)
    assert hospital.counts("alos") == (9, 3, 1)
    assert hospital.counts("infection_hospital_acquired") == (1, 4 + 2 + 3 + 3, 0)
    assert hospital.counts("infection_hospital_acquired", "infection_type", "cauti") == (1, 12, 0)
    assert hospital.counts("infection_stay_share", "infection_type", "ssi") == (0, 3, 1)
    evidence = hospital.rows(
        "gold.measure_stay",
        "measure_id",
        "stay_id",
        "numerator",
        "exclusion_reasons",
        "outcome_stay_id",
    )
    assert ("readmission_30d", "e1", 1, [], "e2") in evidence
    assert ("readmission_30d", "e3", None, ["died"], None) in evidence
    candidates = len(hospital.rows("gold.stay", "stay_id"))
    for measure in ("readmission_30d", "mortality_30d", "alos", "infection_stay_share"):
        _, denominator, excluded = hospital.counts(measure)
        assert denominator + excluded == candidates


def test_small_counts_are_not_published(hospital: Hospital) -> None:
    people = [patient(f"p{n}") for n in range(30)]
    stays = [stay(f"e{n}", f"p{n}", "2024-01-01", "2024-01-05") for n in range(30)]
    stays[0] = stay("e0", "p0", "2024-01-01", "2024-01-05", to="20")
    hospital.publish([organization(), *people, *stays])
    rows = hospital.rows(
        "publish.measure",
        *("measure_id", "grain", "stratum_type", "numerator", "denominator", "suppressed"),
    )
    assert ("alos", "all", "overall", 120, 30, False) in rows
    assert ("mortality_in_hospital", "all", "overall", None, None, True) in rows
    # Its 29 beside the 30 stays would give the one death away.
    assert ("readmission_30d", "all", "overall", None, None, True) in rows


STEPS: list[list[dict[str, Any]]] = [
    [
        *WORLD,
        stay("e1", "p1", "2024-01-01", "2024-01-05"),
        stay("e2", "p2", "2024-01-20", "2024-01-22"),
        stay("e3", "p3", "2024-02-01", "2024-02-04"),
    ],
    # A merge: the second stay is now the same person's, and a readmission. A late infection.
    [merged("p2", "p1", "2024-03-02T00:00:00Z"), infection("c1", "p3", "e3", "2024-02-03")],
    # The merge undone; a stay moved to another person; a stay that turns out to be no stay.
    [
        merged("p2", None, "2024-03-03T00:00:00Z"),
        stay("e3", "p1", "2024-01-08", "2024-01-10", updated="2024-03-03T00:00:00Z"),
        stay("e4", "p2", "2024-03-01", "2024-03-02"),
    ],
    # A stay that is deleted.
    [
        {
            "resourceType": "Bundle",
            "timestamp": "2024-03-04T00:00:00Z",
            "entry": [{"request": {"method": "DELETE", "url": "Encounter/e4"}}],
        }
    ],
    # The time zone of a hospital arrives: everybody's dates may change.
    [
        organization(
            "H1",
            extension=[
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/timezone",
                    "valueCode": "America/Los_Angeles",
                }
            ],
            meta={"lastUpdated": "2024-03-04T00:00:00Z"},
        ),
        stay("e5", "p3", "2024-03-02T03:00:00Z", "2024-03-05T15:00:00Z"),
    ],
]


def test_steps_end_where_a_full_rebuild_ends(
    engine_kind: str, hospital: Hospital, tmp_path: Path
) -> None:
    for batch in STEPS:
        hospital.publish(batch)
    whole = new(engine_kind, tmp_path / "two")
    whole.publish(*STEPS)
    assert hospital.contents() == whole.contents()
    assert hospital.counts("readmission_30d") == (1, 4, 0)


def test_a_run_without_news_writes_nothing(hospital: Hospital) -> None:
    hospital.publish(STEPS[0])
    before = hospital.contents(stamped=True)
    hospital.publish([patient("p9")])
    assert hospital.contents(stamped=True) == before


def test_a_record_that_changes_no_stay_changes_only_its_arrival(hospital: Hospital) -> None:
    hospital.publish(STEPS[0])
    before = hospital.contents(stamped=True)
    hospital.publish([infection("c9", "p1", "e1", "2024-01-02", verificationStatus=REFUTED)])
    assert hospital.contents(stamped=True) == before
    arrived = dict(hospital.rows("publish.freshness", "resource_type", "run_id"))
    assert arrived.keys() == {"Organization", "Patient", "Encounter", "Condition"}
    assert arrived["Condition"].startswith("run-000002")
    counted = hospital.rows("publish.data_quality", "table_name", "rule_id", "suppressed")
    assert ("Condition", "rows", True) in counted


def fail_commits_into(broken: pytest.MonkeyPatch, loader: Loader, table: str) -> None:
    """Let the engine's commits into a table fail."""
    with loader.engine() as engine:
        kind = type(engine)
    commit = kind.commit

    def commit_or_fail(engine: Any, changes: Changes[Any], note: CommitNote) -> None:
        if changes.table.name == table:
            raise OSError("no space left")
        commit(engine, changes, note)

    broken.setattr(kind, "commit", commit_or_fail)


def test_the_next_run_sums_up_what_a_failed_run_did_not(
    engine_kind: str, hospital: Hospital, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hospital.publish(STEPS[0])
    with monkeypatch.context() as broken:
        fail_commits_into(broken, hospital, "measure_result")
        with pytest.raises(OSError, match="no space left"):
            hospital.publish(STEPS[1])
    hospital.publish([patient("p9")])
    whole = new(engine_kind, tmp_path / "two")
    whole.publish(STEPS[0], STEPS[1])
    assert hospital.contents() == whole.contents()


def test_a_later_as_of_lets_censored_discharges_count(hospital: Hospital) -> None:
    hospital.publish(STEPS[0], as_of=date(2024, 2, 10))
    assert hospital.counts("readmission_30d") == (0, 1, 2)
    hospital.publish([], as_of=date(2024, 6, 1))
    assert hospital.counts("readmission_30d") == (0, 3, 0)


def test_a_gate_refuses_before_anything_is_written(hospital: Hospital) -> None:
    def refuse(outcome: Outcome) -> None:
        raise GateRefused("no")

    with pytest.raises(GateRefused):
        hospital.publish(STEPS[0], gates=refuse)
    assert hospital.rows("gold.stay", "stay_id") == []
