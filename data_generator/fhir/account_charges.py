"""ChargeItem: the charges of finished care that no claim has been sent for."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.clock import at, day_text
from data_generator.fhir.account_view import AccountView, service
from data_generator.fhir.chart import meta
from data_generator.fhir.codes import Resource, dollars, reference
from data_generator.ids import Kind
from data_generator.revenue.account import ChargeLine


def open_charges(view: AccountView) -> Iterator[tuple[str, ChargeLine, int]]:
    """Yield id, line and day of posting of the charges on record, if nothing is billed yet."""
    claims, as_of = view.account.claims, view.chart.as_of
    if claims[0].sent <= as_of or view.account.care.last > as_of:
        return
    for number, line in enumerate(claims[0].lines, 1):
        posted = line.last if line.posted is None else line.posted
        if posted <= as_of:
            id_ = view.chart.id(Kind.CHARGE, view.account.care.number, claims[0].part(number))
            yield id_, line, posted


def charge_items(view: AccountView) -> Iterator[Resource]:
    """Yield the open charges of an account; they are deleted when a claim is sent."""
    for id_, line, posted in open_charges(view):
        yield _charge_item(view, id_, line, posted)


def _charge_item(view: AccountView, id_: str, line: ChargeLine, posted: int) -> Resource:
    care = view.account.care
    resource: Resource = {
        "resourceType": "ChargeItem",
        "id": id_,
        "meta": meta(care.hospital, at(posted, 18)),
        "status": "billable",
        "code": service(line),
        "subject": view.chart.subject,
        "context": view.encounters[0],
        "occurrenceDateTime": day_text(line.first),
        "performer": [{"actor": reference("Practitioner", care.attending)}],
        "performingOrganization": view.provider,
        "quantity": {"value": line.quantity},
        "priceOverride": dollars(line.charge),
        "enteredDate": day_text(posted),
    }
    return resource
