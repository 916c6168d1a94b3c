"""Every row rule has a row that trips it, and good rows trip none."""

from __future__ import annotations

import pytest

from metriccare.quality.rules import REJECT, RULES
from metriccare.settings import Lake
from metriccare.sources.fhir.resources import BY_TYPE
from tests.loader import Loader
from tests.pipeline.rule_cases import FAILING, GOOD, NO_DAY

NAMES = [(rule.id, rule.resource_type) for rule in RULES]
# Rule and reason of a row that is rejected, and flags of one that is kept.
Judgement = tuple[str | None, str | None, list[str]]


def numbered(rows: list[dict]) -> list[dict]:
    return [{**row, "id": f"r{number}"} for number, row in enumerate(rows)]


@pytest.fixture(scope="module")
def judged(engine_kind: str, tmp_path_factory) -> dict[tuple[str, str], Judgement]:
    """Return the judgement of every row by tenant and id: one row trips each rule, some none."""
    folder = tmp_path_factory.mktemp("rules")
    loader = Loader(engine_kind, Lake(str(folder / "lake")), folder)
    loader.receive(numbered([*FAILING.values()]), "tripping.ndjson", "tripping")
    loader.receive(numbered(GOOD), "good.ndjson", "good")
    loader.run()
    found: dict[tuple[str, str], Judgement] = {}
    columns = ("tenant", "resource_id", "rule_id", "reason")
    for tenant, id_, rule, reason in loader.rows("bronze.quarantine", *columns):
        assert (tenant, id_) not in found
        found[tenant, id_] = (rule, reason, [])
    for kind in {row["resourceType"] for row in [*FAILING.values(), *GOOD]}:
        table = f"silver.{BY_TYPE[kind].table}"
        for tenant, id_, flags in loader.rows(table, "tenant", "id", "dq_flags"):
            assert (tenant, id_) not in found
            found[tenant, id_] = (None, None, flags)
    return found


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_every_rule_has_a_row_that_breaks_it(judged, name):
    rule = next(r for r in RULES if (r.id, r.resource_type) == name)
    rule_id, reason, flags = judged["tripping", f"r{list(FAILING).index(name)}"]
    if rule.severity == REJECT:
        assert rule_id == rule.id
        assert reason.startswith(rule.sentence)
    else:
        assert (rule_id, rule.id in flags) == (None, True)


def test_no_row_is_kept_for_a_rule_that_is_gone():
    assert FAILING.keys() == set(NAMES)


def test_good_rows_break_no_rule(judged):
    of_good = [judgement for (tenant, _), judgement in judged.items() if tenant == "good"]
    assert len(of_good) == len(GOOD)
    # The rows refer to nobody, which is said when references are resolved.
    assert {(rule, *flags) for rule, _, flags in of_good} <= {(None,), (None, "reference_dangling")}


def test_a_reason_names_the_dates_and_shows_none_of_them(judged):
    number = list(FAILING).index(("date_invalid", "Patient"))
    _, reason, _ = judged["tripping", f"r{number}"]
    assert reason.endswith("Found in: deceased_date.")
    assert NO_DAY not in reason
