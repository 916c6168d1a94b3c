"""Strata and persons of accounts as numbers, by which sums are grouped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.tables import Column
from metriccare.tables.declaration import TENANT
from metriccare.tables.strata import OVERALL, WHOLE

# The column of an account that holds each stratum.
ACCOUNT_COLUMNS = {
    "facility": "facility_id",
    "payer": "payer",
    "payer_id": "payer_id",
    "provider": "provider_id",
    "specialty": "specialty",
    "claim_type": "claim_type",
}


class Stratum(NamedTuple):
    """One stratum of a tenant and currency."""

    tenant: str
    currency: str
    stratum_type: str
    stratum_value: str


@dataclass(frozen=True)
class Members(Generic[RelationT]):
    """The relation `members`, and what each stratum's number means."""

    relation: RelationT
    strata: Sequence[Stratum]


_COLUMNS = (
    TENANT,
    Column("currency", "string", "currency"),
    Column("stratum_type", "string", "type"),
    Column("stratum_value", "string", "value"),
    Column("stratum_no", "int", "its number"),
)


_HOLDER = ("tenant", "person_id", "currency", *ACCOUNT_COLUMNS.values())
# Care that no claim names yet has no claim type.
_OF_CARE = ", ".join("cast(null as string)" if c == "claim_type" else c for c in _HOLDER)
_HOLDERS = f"""
select account_id, {", ".join(_HOLDER)} from account
union all
select distinct care_id, {_OF_CARE} from unbilled_care
"""


def holders_of(engine: Engine[RelationT], tables: Mapping[str, RelationT]) -> RelationT:
    """Return what figures are about: accounts, and stays and visits before their first claim."""
    if "unbilled_care" not in tables:
        return tables["account"]
    account, care = tables["account"], tables["unbilled_care"]
    return engine.sql(_HOLDERS, account=account, unbilled_care=care)


def members_of(engine: Engine[RelationT], account: RelationT) -> Members[RelationT]:
    """Return the members: one row per account or stay or visit that waits for a claim."""
    values = engine.sql(_values_model(), account=account)
    strata = sorted(
        Stratum(*(row[name] for name in Stratum._fields)) for row in engine.rows(values)
    )
    numbered = ((*stratum, number) for number, stratum in enumerate(strata))
    relation = engine.sql(
        model(__package__, "members"), account=account, strata=engine.from_rows(_COLUMNS, numbered)
    )
    return Members(engine.materialize(relation), strata)


def _values_model() -> str:
    values = {OVERALL: f"'{WHOLE}'"}
    values |= {name: f"coalesce({column}, 'unknown')" for name, column in ACCOUNT_COLUMNS.items()}
    return "\nunion all\n".join(
        f"select distinct tenant, currency, '{name}' as stratum_type, {value} as stratum_value"
        " from account"
        for name, value in values.items()
    )
