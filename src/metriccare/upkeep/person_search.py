"""Finds all rows of one person in a lake: the rows that an erasure removes.

A resource with a current row of the person is removed with all its versions. Of other resources
only the versions that name the person are removed. A record that names no patient but refers to a
resource of the person belongs to the person too. Source: docs/adr/0032-erasure.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.errors import UsageError
from metriccare.marts.stays.identity import REPLACED_BY, survivors
from metriccare.sources.fhir.patient_references import is_about, searches
from metriccare.tables import Column
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import silver as tables
from metriccare.tables.keys import rejected_record
from metriccare.upkeep.erasure_plan import Holdings, Person
from metriccare.upkeep.feed_search import FeedSearch

# Resources that list many people: a reference to one says nothing about a single person.
_LISTS = ("Group", "List")
_REFERENCE = r'"reference"\s*:\s*"(?:[^"]*/)?([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})'
# 3 steps: what refers to a report that refers to an observation of the person is still found.
_STEPS = 3
# Type and id.
Resource = tuple[str, str]


def holdings(engine: Engine[RelationT], tenant: str, patient_id: str) -> Holdings:
    """Return all data of the person; UsageError if the tenant has no such patient or member."""
    of_feeds = FeedSearch(engine, tenant)
    patient_id = of_feeds.patient_of(patient_id)
    search = _Search(engine, engine.read(bronze_tables.RESOURCE, [tenant]), tenant)
    person = search.person(patient_id)
    named = search.naming_rows(person)
    whole = search.current(person) | {
        (type_, id_) for _, type_, id_ in named if type_ not in tables.BY_RESOURCE
    }
    rows = search.rows_of(whole) | {key for key, _, _ in named}
    whole, rows = search.with_referring(whole, rows)
    feeds = of_feeds.holdings(person, whole)
    if not rows and not feeds.records and not feeds.quarantine:
        raise UsageError("There is no such patient in this tenant; nothing was changed.")
    quarantine = search.quarantined(person, rows)
    return Holdings(
        person, tuple(sorted(whole)), tuple(sorted(rows)), tuple(sorted(quarantine)), feeds
    )


@dataclass(frozen=True)
class _Search(Generic[RelationT]):
    """Searches a tenant's rows; `bronze` are the resources received."""

    engine: Engine[RelationT]
    bronze: RelationT
    tenant: str

    def person(self, patient_id: str) -> Person:
        """Return the patient records that are merged with this one, and their names."""
        patients = self.engine.read(tables.BY_RESOURCE["Patient"], [self.tenant])
        links = self.engine.sql(
            "select id, link.patient_id as other_id"
            " from (select id, explode(links) as link from patients)"
            " where link.type = :replaced_by and link.patient_id is not null",
            {"replaced_by": REPLACED_BY},
            patients=patients,
        )
        replaced = survivors((row["id"], row["other_id"]) for row in self.engine.rows(links))
        survivor = replaced.get(patient_id, patient_id)
        ids = {patient_id, survivor} | {id_ for id_, last in replaced.items() if last == survivor}
        names = {f"Patient/{id_}" for id_ in ids} | self._searches(patients, ids) | self._urns(ids)
        return Person(self.tenant, tuple(sorted(ids)), tuple(sorted(names)))

    def _searches(self, patients: RelationT, ids: Collection[str]) -> set[str]:
        """Return the searches by identifier that mean only this person."""
        shared = self.engine.sql(
            model(__package__, "shared_identifiers"), {"ids": sorted(ids)}, patients=patients
        )
        by_owner: Mapping[bool, set[str]] = {True: set(), False: set()}
        for row in self.engine.rows(shared):
            by_owner[row["is_own"]].update(searches(row["system"], row["value"]))
        return by_owner[True] - by_owner[False]

    def _urns(self, ids: Collection[str]) -> set[str]:
        urns = self.engine.sql(
            "select distinct full_url from bronze where resource_type = 'Patient'"
            " and array_contains(:ids, resource_id) and full_url like 'urn:%'",
            {"ids": sorted(ids)},
            bronze=self.bronze,
        )
        return {row["full_url"] for row in self.engine.rows(urns)}

    def naming_rows(self, person: Person) -> set[tuple[str, str, str]]:
        """Return record key, type and id of the rows that name the person."""
        mentioning = self.engine.sql(
            "select record_key, resource_type, resource_id, raw from bronze"
            f" where {_MENTIONS} and resource_type <> 'Patient' and not coalesce(deleted, false)",
            {"texts": _texts_of(person)},
            bronze=self.bronze,
        )
        names = set(person.names)
        return {
            (row["record_key"], row["resource_type"], row["resource_id"])
            for row in self.engine.rows(mentioning)
            if is_about(row["raw"].encode(), names)
        }

    def current(self, person: Person) -> set[Resource]:
        """Return the resources with a current row of the person, and the patient records."""
        silver = {
            type_: table
            for type_, table in tables.BY_RESOURCE.items()
            if "patient_id" in table.column_names
        }
        selects = (
            f"select '{type_}' as resource_type, id from {table.name}"
            " where array_contains(:ids, patient_id)"
            for type_, table in silver.items()
        )
        rows = self.engine.sql(
            " union all ".join(selects),
            {"ids": person.patient_ids},
            **{table.name: self.engine.read(table, [self.tenant]) for table in silver.values()},
        )
        own = {("Patient", id_) for id_ in person.patient_ids}
        return own | {(row["resource_type"], row["id"]) for row in self.engine.rows(rows)}

    def rows_of(self, resources: Iterable[Resource]) -> set[str]:
        """Return the record keys of every version of some resources."""
        rows = self.engine.sql(
            "select record_key from bronze b where exists (select 1 from keys k"
            " where k.resource_type = b.resource_type and k.resource_id = b.resource_id)",
            bronze=self.bronze,
            keys=self._texts(sorted(resources), "resource_type", "resource_id"),
        )
        return {row["record_key"] for row in self.engine.rows(rows)}

    def with_referring(
        self, whole: set[Resource], rows: set[str]
    ) -> tuple[set[Resource], set[str]]:
        """Return these and the resources that name no patient and refer to them, step by step."""
        all_resources, newest = set(whole), whole
        referring = self.engine.materialize(
            self.engine.sql(
                "select distinct resource_type, resource_id,"
                " explode(regexp_extract_all(raw, :reference, 1)) as target"
                " from bronze where not contains(raw, 'Patient')",
                {"reference": _REFERENCE},
                bronze=self.bronze,
            )
        )
        for _ in range(_STEPS):
            newest = self._referring_to(newest, referring) - all_resources
            if not newest:
                break
            all_resources |= newest
            rows = rows | self.rows_of(newest)
        self.engine.release(referring)
        return all_resources, rows

    def _referring_to(self, resources: Iterable[Resource], referring: RelationT) -> set[Resource]:
        names = [(f"{type_}/{id_}",) for type_, id_ in sorted(resources) if type_ not in _LISTS]
        rows = self.engine.sql(
            "select distinct resource_type, resource_id from referring r"
            " where exists (select 1 from keys k where k.target = r.target)",
            referring=referring,
            keys=self._texts(names, "target"),
        )
        return {(row["resource_type"], row["resource_id"]) for row in self.engine.rows(rows)}

    def quarantined(self, person: Person, rows: Collection[str]) -> set[str]:
        """Return the rejected records that name the person, or are rows of the person."""
        quarantine = self.engine.read(bronze_tables.QUARANTINE, [self.tenant])
        texts = [*_texts_of(person), *(f'"{id_}"' for id_ in person.patient_ids)]
        mentioning = self.engine.sql(
            f"select record_key, raw from quarantine where record_type is null and {_MENTIONS}",
            {"texts": texts},
            quarantine=quarantine,
        )
        names = set(person.names)
        about_person = {
            row["record_key"]
            for row in self.engine.rows(mentioning)
            if is_about(row["raw"].encode(), names)
        }
        keys = self.engine.rows(
            self.engine.sql("select record_key, rule_id from quarantine", quarantine=quarantine)
        )
        return about_person | {
            row["record_key"]
            for row in keys
            if rejected_record(row["record_key"], row["rule_id"]) in rows
        }

    def _texts(self, rows: Iterable[tuple[str, ...]], *names: str) -> RelationT:
        return self.engine.from_rows([Column(name, "string", "") for name in names], rows)


# True for a text that may name the person: a cheap test before the exact one.
_MENTIONS = "exists(:texts, text -> contains(raw, text))"


def _texts_of(person: Person) -> list[str]:
    """Return texts, of which a text that names the person contains at least one.

    An identifier's value may be apart from its system, and a search may be escaped.
    """
    return sorted({name.rpartition("identifier=")[2].rpartition("|")[2] for name in person.names})
