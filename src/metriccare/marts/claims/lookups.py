"""What the rules of claims look up, by tenant: providers, insurers, contract rates.

Few enough for every process: they grow with the hospital's staff and contracts, not with claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from metriccare.engine.protocol import Engine, RelationT, Row
from metriccare.marts.claims.fees import FeeSchedule
from metriccare.marts.claims.from_feeds_paid import fee_schedule_of
from metriccare.marts.claims.identity import (
    FEED,
    FHIR,
    ORGANIZATION,
    PERSON,
    ProviderFacts,
    ProviderRef,
    Providers,
    providers,
)
from metriccare.tables import silver as tables
from metriccare.tables.feeds import BY_FEED

_EachT = TypeVar("_EachT")
_NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"
_PRACTITIONERS = "select tenant, id, npi from practitioner where not deleted"
_ROLES = (
    "select tenant, id, practitioner_id, organization_id, specialty_codings from practitioner_role"
    " where not deleted"
)
_ORGANIZATIONS = "select tenant, id, name, identifiers from organization where not deleted"
_FEED_PROVIDERS = (
    "select tenant, provider_id, npi, entity_type, taxonomy_codes from feed_providers"
    " where not deleted"
)
_FEED_PAYERS = "select tenant, payer_id, name, payer_group from feed_payers where not deleted"
_FEES = (
    "select tenant, rate_id, payer_id, plan, procedure_code, modifier, drg, facility_id, rate_type,"
    " rate, lesser_of, valid_from, valid_to from feed_fee_schedule where not deleted"
)


@dataclass(frozen=True)
class TenantLookups:
    """What one tenant's claims are resolved by; `payers` are words by the insurer's id."""

    providers: Providers = field(default_factory=Providers)
    fees: FeeSchedule = field(default_factory=FeeSchedule)
    payers: Mapping[str, str | None] = field(default_factory=dict)
    currency: str = "USD"


def lookups_by_tenant(engine: Engine[RelationT]) -> Mapping[str, TenantLookups]:
    """Return the lookups of every tenant that sent any."""
    facts = _grouped(_provider_facts(engine))
    rates = _by_tenant(engine, _FEES, feed_fee_schedule=engine.read(BY_FEED["fee_schedule"]))
    payers = _by_tenant(engine, _FEED_PAYERS, feed_payers=engine.read(BY_FEED["payers"]))
    return {
        tenant: TenantLookups(
            providers(facts.get(tenant, ())),
            fee_schedule_of(rates.get(tenant, ())),
            {row["payer_id"]: row["payer_group"] for row in payers.get(tenant, ())},
        )
        for tenant in sorted(facts.keys() | rates.keys() | payers.keys())
    }


def _by_tenant(
    engine: Engine[RelationT], sql: str, **relations: RelationT
) -> Mapping[str, list[Row]]:
    rows = engine.rows(engine.sql(sql, None, **relations))
    return _grouped((row["tenant"], row) for row in rows)


def _grouped(pairs: Iterable[tuple[str, _EachT]]) -> dict[str, list[_EachT]]:
    grouped: dict[str, list[_EachT]] = {}
    for tenant, each in pairs:
        grouped.setdefault(tenant, []).append(each)
    return grouped


def _provider_facts(engine: Engine[RelationT]) -> Iterator[tuple[str, ProviderFacts]]:
    """Yield each tenant's providers, with every way in which a claim may name them."""
    read = tables.BY_RESOURCE
    roles = _by_tenant(engine, _ROLES, practitioner_role=engine.read(read["PractitionerRole"]))
    people = _by_tenant(engine, _PRACTITIONERS, practitioner=engine.read(read["Practitioner"]))
    for tenant in people.keys() | roles.keys():
        for facts in _people(people.get(tenant, ()), roles.get(tenant, ())):
            yield tenant, facts
    units = _by_tenant(engine, _ORGANIZATIONS, organization=engine.read(read["Organization"]))
    for tenant, rows in units.items():
        for row in rows:
            ref = ProviderRef(FHIR, row["id"], "Organization")
            yield tenant, ProviderFacts((ref,), _npi(row["identifiers"]), ORGANIZATION)
    sent = _by_tenant(engine, _FEED_PROVIDERS, feed_providers=engine.read(BY_FEED["providers"]))
    for tenant, rows in sent.items():
        for row in rows:
            yield tenant, _of_feed(row)


def _people(people: Iterable[Row], roles: Iterable[Row]) -> Iterator[ProviderFacts]:
    """Yield practitioners with their roles; the first specialty of the lowest role counts."""
    held: dict[str, list[Row]] = {}
    for role in sorted(roles, key=lambda r: r["id"]):
        held.setdefault(role["practitioner_id"] or "", []).append(role)
    for person in people:
        own = held.pop(person["id"], [])
        refs = (
            ProviderRef(FHIR, person["id"], "Practitioner"),
            *(ProviderRef(FHIR, role["id"], "PractitionerRole") for role in own),
        )
        yield ProviderFacts(refs, person["npi"], PERSON, _specialty(own))
    for role in (role for orphans in held.values() for role in orphans):
        ref = ProviderRef(FHIR, role["id"], "PractitionerRole")
        yield ProviderFacts((ref,), None, PERSON, _specialty([role]))


def _specialty(roles: Iterable[Row]) -> str | None:
    codes = (c["code"] for role in roles for c in role["specialty_codings"] or () if c is not None)
    return next((code for code in codes if code), None)


def _npi(identifiers: Iterable[Row | None] | None) -> str | None:
    values = (i["value"] for i in identifiers or () if i is not None and i["system"] == _NPI_SYSTEM)
    return next(values, None)


def _of_feed(row: Row) -> ProviderFacts:
    codes = [code for code in row["taxonomy_codes"] or () if code]
    kind = int(row["entity_type"]) if row["entity_type"] else None
    ref = ProviderRef(FEED, row["provider_id"])
    return ProviderFacts((ref,), row["npi"], kind, codes[0] if codes else None)
