"""What follows from a declared shape: the type parsed, nulls left out, numbers that do not fit."""

from __future__ import annotations

import json
import re

import pytest

from metriccare.sources.fhir.declarations import declared_shape
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.sources.fhir.shape_faults import shape_faults
from metriccare.sources.fhir.shapes import (
    Shape,
    has_misfit,
    number_pattern,
    shape_of,
    without_nulls,
)

NESTED = shape_of("a STRING, `order` INT, list ARRAY<STRUCT<code:STRING,more:ARRAY<STRING>>>")

PRICED = shape_of("price NUMBER, value NUMBER, more ARRAY<STRUCT<value:NUMBER>>")


def lists_in(shape: Shape) -> int:
    below = [member for _, member in shape.members] + ([shape.element] if shape.element else [])
    return (shape.element is not None) + sum(lists_in(one) for one in below)


def test_a_column_list_is_read_as_a_tree():
    assert [name for name, _ in NESTED.members] == ["a", "order", "list"]
    inside = dict(NESTED.members)["list"].element
    assert [name for name, _ in inside.members] == ["code", "more"]


def test_an_integer_is_parsed_as_a_decimal_for_json_may_write_it_as_1_0():
    assert "`order`:DECIMAL(38,12)" in NESTED.spark_type


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.type)
def test_every_list_of_a_declaration_loses_its_null_elements(resource):
    shape = declared_shape(resource)
    assert without_nulls("r", shape).count(" is not null)") == lists_in(shape) > 0


def test_integers_and_exact_numbers_are_looked_at_for_what_does_not_fit():
    assert "r.`order` <> floor(r.`order`)" in has_misfit("r", NESTED)
    assert "r.`value` is not null and not" in has_misfit("r", PRICED)
    assert has_misfit("r", shape_of("a STRING")) == "coalesce(false, false)"


@pytest.mark.parametrize(
    ("sent", "quoted"),
    [
        ('{"value":1.50,"price":-2e5}', '{"value":"1.50","price":"-2e5"}'),
        ('{"more":[{"value" : 0}, {"value": null}]}', '{"more":[{"value":"0"}, {"value": null}]}'),
        ('{"value":"1.50","other":1}', '{"value":"1.50","other":1}'),
        (r'{"note":"\"value\": 5"}', r'{"note":"\"value\": 5"}'),
    ],
)
def test_numbers_whose_digits_are_kept_are_put_in_quotes(sent, quoted):
    assert re.sub(number_pattern(PRICED), r'"\1":"\2"', sent) == quoted
    assert number_pattern(NESTED) is None


WHOLE = "a whole number between -2147483648 and 2147483647"
MISFITS = {
    ("Claim", '{"diagnosis": [{"sequence": 1.5}]}'): (
        f"diagnosis.sequence (wanted {WHOLE}, found another number)"
    ),
    ("Claim", '{"diagnosis": [{"sequence": 99999999999}]}'): (
        f"diagnosis.sequence (wanted {WHOLE}, found another number)"
    ),
    ("Claim", '{"total": {"value": 1e40}}'): (
        "total.value (wanted a number of at most 26 digits before the point, found another number)"
    ),
    ("Encounter", '{"type": {"coding": []}}'): "type (wanted a list, found an object)",
    ("Encounter", '{"type": [{"coding": ["IMP"]}]}'): "type.coding (wanted an object, found text)",
    ("Encounter", '{"period": [true]}'): "period (wanted an object, found a list)",
    ("Patient", '{"deceasedBoolean": "yes"}'): (
        "deceasedBoolean (wanted true or false, found text)"
    ),
    ("Patient", '{"link": [{"other": 5}], "name": 6}'): (
        "name (wanted a list, found a number); link.other (wanted an object, found a number)"
    ),
}


@pytest.mark.parametrize("case", MISFITS, ids=lambda case: case[1])
def test_a_misfit_names_the_element_what_was_wanted_and_what_was_found(case):
    assert shape_faults(*case) == f"Found in: {MISFITS[case]}."


@pytest.mark.parametrize("number", ["1", "1.0", "1e0", "null"])
def test_what_fits_is_not_named(number):
    assert shape_faults("Claim", f'{{"diagnosis": [{{"sequence": {number}}}, null]}}') == ""


def test_content_is_never_named_and_many_misfits_are_cut_short():
    secret = {"name": "Ada Secret", "link": "Ada", "address": "Secret", "deceasedBoolean": "Ada"}
    found = shape_faults("Patient", json.dumps({**secret, "identifier": 1, "contained": 2}))
    assert "Ada" not in found
    assert found.count("wanted") == 5


@pytest.mark.parametrize("raw", ["[" * 5000, "{", "[]", '"text"'])
def test_what_cannot_be_parsed_gives_no_words_and_no_error(raw):
    assert "Patient" not in shape_faults("Patient", raw)
