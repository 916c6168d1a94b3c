"""Lines of claims and what payers decided of them. Source: FHIR R4 financial module.

Claim, ClaimResponse and ExplanationOfBenefit have the same columns for lines. Their readers need
not know which type a row came from; what a type does not send is null.
"""

from __future__ import annotations

from metriccare.sources.fhir.codings import CODINGS, codings_of, one_coding
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_MONEY,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    Field,
)
from metriccare.sources.fhir.reference_elements import reference_id, reference_text
from metriccare.sources.fhir.structs import (
    Part,
    Struct,
    decimal_number,
    nested,
    structs,
    whole_number,
    words,
)

_CATEGORY_SYSTEM = "http://terminology.hl7.org/CodeSystem/adjudication"
_SYSTEM_AND_CODE = "struct<system:string,code:string>"
_QUANTITY = "STRUCT<value:NUMBER>"
# Words of codes that nobody reads are not parsed: an answer has hundreds of them.
_CODES = "STRUCT<coding:ARRAY<STRUCT<system:STRING,code:STRING>>>"
_ADJUDICATION_SHAPE = (
    f"ARRAY<STRUCT<category:{_CODES},reason:{_CODES},amount:{SHAPE_MONEY},value:NUMBER>>"
)
_TOTAL_SHAPE = f"ARRAY<STRUCT<category:{_CODES},amount:{SHAPE_MONEY}>>"
_LINE_SHAPE = (
    f"productOrService:{SHAPE_CONCEPT},modifier:ARRAY<{_CODES}>,revenue:{_CODES},"
    f"servicedDate:STRING,servicedPeriod:{SHAPE_PERIOD},locationCodeableConcept:{_CODES},"
    f"quantity:{_QUANTITY},unitPrice:{SHAPE_MONEY},factor:NUMBER,net:{SHAPE_MONEY},"
    f"encounter:ARRAY<{SHAPE_REFERENCE}>,careTeamSequence:ARRAY<INT>,"
    f"diagnosisSequence:ARRAY<INT>,noteNumber:ARRAY<INT>,adjudication:{_ADJUDICATION_SHAPE}"
)
# A claim numbers its lines with `sequence`; an answer names them with `itemSequence`.
ITEM_SHAPE = f"item ARRAY<STRUCT<sequence:INT,itemSequence:INT,{_LINE_SHAPE}>>"
ADDED_ITEM_SHAPE = f"addItem ARRAY<STRUCT<itemSequence:ARRAY<INT>,{_LINE_SHAPE}>>"
HEADER_SHAPE = f"adjudication {_ADJUDICATION_SHAPE}, total {_TOTAL_SHAPE}"
PAYMENT_SHAPE = f"payment STRUCT<amount:{SHAPE_MONEY},date:STRING,identifier:STRUCT<value:STRING>>"
# Remark codes stand in the reasons of adjudications; payers without codes write them into notes.
NOTE_SHAPE = "processNote ARRAY<STRUCT<number:INT,text:STRING>>"
ERROR_SHAPE = f"error ARRAY<STRUCT<itemSequence:INT,code:{SHAPE_CONCEPT}>>"


def code_of(concept: str, system: str | None = None) -> str:
    """Return the code of a concept's one coding: that of a system, else the first with a code."""
    return f"{one_coding(f'{concept}.coding', system)}.code"


def _money(variable: str, element: str, name: str) -> tuple[Part, Part]:
    """Return an amount as decimal and as the digits sent."""
    value = f"{variable}.{element}.value"
    return decimal_number(name, value), words(f"{name}_text", value)


# The code alone says what an amount is. Its system, repeated for every amount, would be half of the
# table.
_OF_CATEGORY = (words("category", code_of("a.category", _CATEGORY_SYSTEM)),)
_AMOUNT = (*_money("a", "amount", "amount"), words("currency", "a.amount.currency"))
ADJUDICATION = Struct(
    "a",
    (
        *_OF_CATEGORY,
        Part("reason_codes", f"array<{_SYSTEM_AND_CODE}>", "a.reason.coding"),
        *_AMOUNT,
        decimal_number("value", "a.value"),
    ),
)
TOTAL = Struct("a", (*_OF_CATEGORY, *_AMOUNT))
_LINE = (
    words("revenue_code", code_of("i.revenue")),
    Part("procedure_codings", CODINGS, "i.productOrService.coding"),
    Part(
        "modifiers",
        "array<string>",
        f"array_compact(transform({codings_of('i.modifier')}, c -> c.code))",
    ),
    words("place_of_service", code_of("i.locationCodeableConcept")),
    words("serviced_start", "coalesce(i.servicedDate, i.servicedPeriod.start)"),
    words("serviced_end", "coalesce(i.servicedDate, i.servicedPeriod.end)"),
    decimal_number("quantity", "i.quantity.value"),
    decimal_number("unit_price", "i.unitPrice.value"),
    decimal_number("factor", "i.factor"),
    *_money("i", "net", "net"),
    words("currency", "coalesce(i.net.currency, i.unitPrice.currency)"),
    Part(
        "encounter_ids",
        "array<string>",
        f"array_compact(transform(i.encounter, e -> {reference_id('e', 'Encounter')}))",
    ),
    Part("care_team_sequences", "array<int>", "transform(i.careTeamSequence, n -> cast(n as int))"),
    Part(
        "diagnosis_sequences", "array<int>", "transform(i.diagnosisSequence, n -> cast(n as int))"
    ),
    nested("adjudications", ADJUDICATION, "i.adjudication"),
    Part("note_numbers", "array<int>", "transform(i.noteNumber, n -> cast(n as int))"),
    # An urn or an identifier gives no id here; the column `encounters` has what it resolves to.
    Part(
        "encounter_references",
        "array<string>",
        f"array_compact(transform(i.encounter, e -> {reference_text('e', 'Encounter')}))",
    ),
)
_ITEM = Struct("i", (whole_number("sequence", "coalesce(i.sequence, i.itemSequence)"), *_LINE))
_ADDED_ITEM = Struct(
    "i",
    (
        Part("item_sequences", "array<int>", "transform(i.itemSequence, n -> cast(n as int))"),
        *_LINE,
    ),
)
_NOTE = Struct("n", (whole_number("number", "n.number"), words("text", "n.text")))
_ERROR = Struct(
    "e",
    (
        whole_number("item_sequence", "e.itemSequence"),
        Part("codings", CODINGS, "e.code.coding"),
    ),
)


def items() -> tuple[Field, ...]:
    """Return the lines of a claim, or of an answer with what was decided of each."""
    return structs(
        "items", _ITEM, "r.item", "lines: service, amounts, FHIR dates as text, adjudications"
    )


def added_items() -> tuple[Field, ...]:
    """Return the lines that a payer put in the place of lines of the claim."""
    return structs(
        "added_items",
        _ADDED_ITEM,
        "r.addItem",
        "lines the payer added, for which lines of the claim",
    )


def header_adjudications() -> tuple[Field, ...]:
    """Return what was decided of the claim as a whole, and the totals by category."""
    return (
        *structs("adjudications", ADJUDICATION, "r.adjudication", "decided of the whole claim"),
        *structs("totals", TOTAL, "r.total", "sums by category of amount, as sent"),
    )


def notes() -> tuple[Field, ...]:
    """Return the payer's notes; the lines and adjudications refer to their numbers."""
    return structs("notes", _NOTE, "r.processNote", "notes of the payer", identifying=True)


def errors() -> tuple[Field, ...]:
    """Return why a claim was not processed."""
    return structs("errors", _ERROR, "r.error", "faults found in the claim, by line")
