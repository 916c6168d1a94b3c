"""Finds all rows of feeds of one person: the rows that an erasure removes.

A person has members, members have claims, and claims have lines, answers and payments. What
several persons share - a policy's number, an account of two families - names nobody. A row that is
the person's today goes with all its versions; of others only the versions that name the person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from metriccare.engine.protocol import Engine, RelationT
from metriccare.sources.feeds.blanking import RowPlace, place_of
from metriccare.sources.feeds.csv_fields import fields_of
from metriccare.sources.feeds.persons import ACCOUNT, CLAIM, MEMBER, PATIENT, value_names
from metriccare.sources.feeds.registry import FEEDS
from metriccare.tables.bronze import FEED_LAYOUT, QUARANTINE, RECORD
from metriccare.tables.feeds import BY_FEED
from metriccare.upkeep.erasure_plan import FeedHoldings, Person

ENCOUNTER, FHIR_CLAIM = "Encounter", "Claim"
# What a column is the name of; a column means the same in every feed.
_KINDS = {column.name: str(column.names) for feed in FEEDS for column in feed.person_columns}
_SHAPE = ",".join(f"{name}:STRING" for name in _KINDS)
_NAMES = ", ".join(
    f"if(f.{column} is null, null, '{kind}/' || f.{column})" for column, kind in _KINDS.items()
)
_WHOLE = [RECORD.column("record_type"), RECORD.column("record_id")]
_NAMED_ROWS = (
    f"with read as (select record_key, record_type, record_id,"
    f" from_json(fields, 'STRUCT<{_SHAPE}>') as f from bronze)"
    f" select record_key, record_type, record_id, explode(array_compact(array({_NAMES}))) as name"
    " from read"
)


@dataclass(frozen=True)
class FeedSearch(Generic[RelationT]):
    """Searches a tenant's rows of feeds."""

    engine: Engine[RelationT]
    tenant: str

    def patient_of(self, word: str) -> str:
        """Return the patient record of a member that was named instead; else the word itself."""
        word = word.removeprefix(f"{MEMBER}/")
        rows = self._rows(
            "select distinct patient_id from members where member_id = :word"
            " and patient_id is not null",
            {"word": word},
            members=self._silver("members"),
        )
        return str(rows[0]["patient_id"]) if len(rows) == 1 else word

    def holdings(self, person: Person, resources: Collection[tuple[str, str]]) -> FeedHoldings:
        """Return the person's rows; `resources` are the resources of FHIR that are the person's."""
        if not self.engine.commits(RECORD) and not self.engine.commits(FEED_LAYOUT):
            return FeedHoldings()
        encounters = {id_ for type_, id_ in resources if type_ == ENCOUNTER}
        claims = {id_ for type_, id_ in resources if type_ == FHIR_CLAIM}
        members = self._members(person)
        claims |= self._claims(members, encounters)
        own = {f"{MEMBER}/{id_}" for id_ in members}
        own |= {name for id_ in claims for name in value_names(CLAIM, id_)}
        own |= {f"{ACCOUNT}/{number}" for number in self._accounts(claims)}
        names = own | {f"{ENCOUNTER}/{id_}" for id_ in encounters}
        names |= {f"{PATIENT}/{id_}" for id_ in person.patient_ids}
        silver = self._silver_keys(names)
        records, rejected = self._records(names, silver), self._rejected(names)
        places: dict[str, set[RowPlace]] = {}
        for row in (*records, *rejected):
            place = place_of(row["source_line"], row["raw"])
            places.setdefault(row["file_id"], set()).add(place)
        return FeedHoldings(
            tuple(sorted(own)),
            tuple(sorted({row["record_key"] for row in records})),
            {feed: tuple(sorted(keys)) for feed, keys in silver.items() if keys},
            tuple(sorted(row["record_key"] for row in rejected)),
            {file_id: tuple(sorted(some)) for file_id, some in places.items()},
        )

    def _members(self, person: Person) -> set[str]:
        """Return the member ids that are only this person's."""
        identifiers = {
            name.partition("identifier=")[2].rpartition("|")[2]
            for name in person.names
            if "identifier=" in name
        }
        known = self._rows(
            "select distinct member_id, patient_id from members",
            {},
            members=self._silver("members"),
        )
        ids = set(person.patient_ids)
        own = {row["member_id"] for row in known if row["patient_id"] in ids}
        others = {row["member_id"] for row in known if row["patient_id"] not in {*ids, None}}
        return (own | identifiers | ids) - others

    def _claims(self, members: Collection[str], encounters: Collection[str]) -> set[str]:
        rows = self._rows(
            "select claim_id from claims where array_contains(:members, member_id)"
            " or array_contains(:encounters, encounter_id)",
            {"members": sorted(members), "encounters": sorted(encounters)},
            claims=self._silver("claims"),
        )
        return {row["claim_id"] for row in rows}

    def _accounts(self, claims: Collection[str]) -> set[str]:
        """Return the account numbers that only these claims have."""
        rows = self._rows(
            "select account_number from claims where account_number is not null"
            " group by account_number"
            " having count(*) = count_if(array_contains(:claims, claim_id))",
            {"claims": sorted(claims)},
            claims=self._silver("claims"),
        )
        return {row["account_number"] for row in rows}

    def _silver_keys(self, names: Collection[str]) -> dict[str, set[str]]:
        """Return the record keys of the person's current rows, by feed."""
        found = {}
        for feed in FEEDS:
            if not feed.person_columns or not self.engine.commits(BY_FEED[feed.name]):
                continue
            tests = " or ".join(
                f"array_contains(:names, '{column.names}/' || {column.name})"
                for column in feed.person_columns
            )
            rows = self._rows(
                f"select record_key from stored where {tests}",
                {"names": sorted(names)},
                stored=self._silver(feed.name),
            )
            found[feed.name] = {row["record_key"] for row in rows}
        return found

    def _records(self, names: Collection[str], silver: Mapping[str, Collection[str]]) -> list[Any]:
        """Return the person's rows in bronze: record key, file, line and text."""
        whole = [
            (feed, key.partition("|")[2]) for feed, keys in silver.items() for key in sorted(keys)
        ]
        bronze = self.engine.read(RECORD, [self.tenant])
        return self._rows(
            "select record_key, file_id, source_line, raw from bronze b"
            " where exists (select 1 from named n where n.record_key = b.record_key)"
            " or exists (select 1 from whole w where w.record_type = b.record_type"
            " and w.record_id = b.record_id)",
            {},
            bronze=bronze,
            named=self.engine.sql(
                "select distinct record_key from named_rows where array_contains(:names, name)",
                {"names": sorted(names)},
                named_rows=self.engine.sql(_NAMED_ROWS, bronze=bronze),
            ),
            whole=self.engine.from_rows(_WHOLE, whole),
        )

    def _rejected(self, names: Collection[str]) -> list[Any]:
        """Return the rejected rows that name the person: record key, file, line and text."""
        values = {name.partition("/")[2] for name in names}
        rows = self._rows(
            "select q.record_key, q.file_id, q.source_line, q.raw, l.columns, l.delimiter"
            " from quarantine q join layouts l on l.file_id = q.file_id"
            " where q.record_type is not null and exists(:texts, text -> contains(q.raw, text))",
            {"texts": sorted(values)},
            quarantine=self.engine.read(QUARANTINE, [self.tenant]),
            layouts=self.engine.read(FEED_LAYOUT, [self.tenant]),
        )
        return [row for row in rows if not names_of_reject(row).isdisjoint(names)]

    def _silver(self, feed: str) -> RelationT:
        return self.engine.read(BY_FEED[feed], [self.tenant])

    def _rows(self, model: str, parameters: Mapping[str, Any], **relations: RelationT) -> list[Any]:
        return self.engine.rows(self.engine.sql(model, parameters, **relations))


def names_of_reject(row: Mapping[str, Any]) -> set[str]:
    """Return the names that a rejected row may have, by the layout of its file.

    A row that cannot be split by it may have any cell in any column.
    """
    delimiter = row["delimiter"]
    if delimiter is None:
        parts = [part for text in row["raw"].split('"') for part in (text, *text.split(":"))]
        cells = [part.strip(" \t,}{[]\\") for part in parts]
        return {f"{kind}/{cell}" for cell in cells for kind in _KINDS.values()}
    cells = [cell.strip() for cell in fields_of(row["raw"], delimiter)]
    columns = list(row["columns"])
    if len(cells) != len(columns):
        return {f"{kind}/{cell.strip(chr(34))}" for cell in cells for kind in _KINDS.values()}
    return {
        f"{_KINDS[column]}/{cell}"
        for column, cell in zip(columns, cells, strict=True)
        if column in _KINDS
    }
