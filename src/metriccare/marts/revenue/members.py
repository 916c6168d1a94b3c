"""Strata and persons of accounts as numbers, by which sums are grouped."""

from __future__ import annotations

from collections.abc import Sequence
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


def members_of(engine: Engine[RelationT], account: RelationT) -> Members[RelationT]:
    """Return the members: one row per account."""
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
