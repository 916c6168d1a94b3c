"""The rows that all persons share: contracts, costs, providers, payers."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.clock import at, day_text, first_day_of_month, month_index
from data_generator.facts.collections import monthly_cost
from data_generator.facts.contracts import RATES
from data_generator.facts.people import PAYERS, TAXONOMY
from data_generator.feeds.text import Row, money
from data_generator.fhir.region import facility_npi, facility_tax_id, taxonomy_of
from data_generator.world import World

_CONTRACTS_FROM = "2000-01-01"  # before any service


def region_rows(world: World, first: int, last: int, *, whole: bool) -> Iterator[Row]:
    """Yield the rows known on the day ``last`` and not before ``first``."""
    if first == world.start_day:
        yield from _standing(world, whole=whole)
    for month in range(month_index(world.start_day), month_index(last) + 1):
        end = first_day_of_month(month + 1) - 1
        if first <= end <= last:
            yield from _costs(world, month, end)


def _standing(world: World, *, whole: bool) -> Iterator[Row]:
    updated = world.hospitals[0].zone.utc_instant(at(world.start_day, 5))
    for rate in RATES:
        values = (
            rate.id, f"payer-{rate.payer}", "", rate.code, "", rate.drg, rate.facility,
            str(rate.type), rate.text, "true", _CONTRACTS_FROM, "",
        )  # fmt: skip
        yield Row("fee_schedule", values, updated)
    if not whole:
        return
    for payer in PAYERS:
        yield Row("payers", (payer.id, payer.name, str(payer.kind)), updated)
    yield from (Row("providers", provider, updated) for provider in _providers(world))


def _providers(world: World) -> Iterator[tuple[str, ...]]:
    for number, hospital in enumerate(world.facilities):
        facts = hospital.facts
        id_ = hospital.organization_id
        yield (
            id_, facility_npi(number), facility_tax_id(number), facts.name, "2",
            taxonomy_of(hospital), id_, facts.postal_code, "", "", "",
        )  # fmt: skip
        for clinician in world.staff(hospital):
            yield (
                clinician.id, clinician.npi, facility_tax_id(number),
                f"Dr. {clinician.given} {clinician.family}", "1", TAXONOMY[clinician.specialty],
                id_, facts.postal_code, "1.0", "", "",
            )  # fmt: skip


def _costs(world: World, month: int, end: int) -> Iterator[Row]:
    """Yield the month's cost of the billing office, known on its last day."""
    for hospital in world.facilities:
        cost = money(monthly_cost(hospital.facts.key, world.people))
        values = (day_text(end)[:7] + "-01", hospital.organization_id, cost)
        yield Row("revenue_cycle_cost", values, hospital.zone.utc_instant(at(end, 20)))
