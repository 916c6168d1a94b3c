"""Whose the members and claims are that rows of feeds name.

A member is the patient that the feed of members or a patient's identifier says, else the patient of
the FHIR claim that a feed repeats, else a person of its own (`member/<id>`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.marts.claims.flags import DUPLICATE_CLAIM_NUMBER
from metriccare.marts.persons import replaced_records
from metriccare.tables import silver as tables
from metriccare.tables.claims import CLAIM
from metriccare.tables.feeds import BY_FEED

# How the patient record of a feed's row is found: by the claim, transaction or member it names.
_BY_CLAIM = "join claim_name n on t.tenant = n.tenant and n.name = t.claim_id"
_BY_TRANSACTION = (
    "join claim_name n on t.tenant = n.tenant"
    " and n.name = coalesce(t.claim_id, concat('account/', t.account_number))"
)
_BY_MEMBER = "join member_record n on t.tenant = n.tenant and n.member_id = t.member_id"
# The feeds whose rows are of a person, and how its patient record is found.
FEEDS: Mapping[str, str] = {
    "claims": _BY_MEMBER,
    "members": _BY_MEMBER,
    "claim_lines": _BY_CLAIM,
    "remits": _BY_CLAIM,
    "remit_adjustments": _BY_CLAIM,
    "transactions": _BY_TRANSACTION,
    "charges": _BY_MEMBER,
}


@dataclass(frozen=True)
class Names(Generic[RelationT]):
    """The patient records of members, and of the names by which rows refer to claims.

    Each is computed once, when it is first asked for: the marts of a run share them.
    """

    engine: Engine[RelationT]

    @cached_property
    def member_record(self) -> RelationT:
        """Return the patient record of each member that a feed names."""
        read = self.engine.read
        return self._computed(
            "member_record",
            feed_members=read(BY_FEED["members"]),
            feed_claims=read(BY_FEED["claims"]),
            feed_charges=read(BY_FEED["charges"]),
            patient=read(tables.BY_RESOURCE["Patient"]),
            claim=read(tables.BY_RESOURCE["Claim"]),
        )

    @cached_property
    def claim_name(self) -> RelationT:
        """Return the names by which rows refer to claims, and whose claims they are."""
        return self._computed("claim_name", **self._claims())

    @cached_property
    def shared_numbers(self) -> RelationT:
        """Return the numbers that claims of several persons have: tenant, number, whose it is."""
        survivor = replaced_records(self.engine)
        numbers = self._computed("claim_number", survivor=survivor, **self._claims())
        return self._computed("shared_numbers", claim_number=numbers)

    def for_join(self, join: str) -> Mapping[str, RelationT]:
        """Return the relation that a join of FEEDS reads."""
        if join == _BY_MEMBER:
            return {"member_record": self.member_record}
        return {"claim_name": self.claim_name}

    def _claims(self) -> Mapping[str, RelationT]:
        return {
            "claim": self.engine.read(tables.BY_RESOURCE["Claim"]),
            "feed_claims": self.engine.read(BY_FEED["claims"]),
            "member_record": self.member_record,
        }

    def _computed(self, name: str, **relations: RelationT) -> RelationT:
        return self.engine.materialize(self.engine.sql(model(__package__, name), None, **relations))


def with_patients(
    engine: Engine[RelationT], names: Names[RelationT], join: str, rows: RelationT
) -> RelationT:
    """Return tenant and patient_id of the persons that rows of a feed are of, or were before.

    Until the feed of members names a patient, a member is a person of its own.
    """
    before = (
        " union all select tenant, concat('member/', member_id) from rows_of_feed"
        " where member_id is not null"
    )
    return engine.sql(
        f"select t.tenant, n.patient_id from rows_of_feed t {join}"
        f"{before if join == _BY_MEMBER else ''}",
        None,
        rows_of_feed=rows,
        **names.for_join(join),
    )


def members_of_patients(
    engine: Engine[RelationT], names: Names[RelationT], patients: RelationT
) -> RelationT:
    """Return tenant and patient_id of the members whose patient these rows of patients may name.

    Before such a patient arrived, the member was a person of its own.
    """
    return engine.sql(
        "select m.tenant, concat('member/', m.member_id) as patient_id from member_record m"
        " join (select tenant, explode(identifiers) as identifier from patients) p"
        " on p.tenant = m.tenant and p.identifier.value = m.member_id",
        None,
        member_record=names.member_record,
        patients=patients,
    )


def sharing_patients(engine: Engine[RelationT], names: Names[RelationT]) -> RelationT:
    """Return tenant and patient_id of persons whose claims share a number, now or as stored.

    What another person's claim is called decides whether a stored claim is flagged.
    """
    return engine.sql(
        "select tenant, patient_id from shared union all select tenant, person_id from stored"
        f" where array_contains(dq_flags, '{DUPLICATE_CLAIM_NUMBER}')",
        shared=names.shared_numbers,
        stored=engine.read(CLAIM),
    )


def members_of_claims(engine: Engine[RelationT], claims: RelationT) -> RelationT:
    """Return tenant and patient_id of the persons that members were before these claims of FHIR.

    A claim that a feed repeats says which patient a member is.
    """
    return engine.sql(
        model(__package__, "members_of_claims"),
        claim=claims,
        feed_claims=engine.read(BY_FEED["claims"]),
    )


def named_patients(
    engine: Engine[RelationT], names: Names[RelationT], released: RelationT
) -> RelationT:
    """Return tenant and patient_id of the persons that names mean (rows of released_name)."""
    return engine.sql(
        model(__package__, "named_patients"),
        released_name=released,
        member_record=names.member_record,
        claim_name=names.claim_name,
    )
