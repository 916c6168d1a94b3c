"""docs/cost.md prices the workspaces that terraform/locals.tf declares."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from scripts import cost_tables, option_costs
from scripts.cost_tables import SIZES, Workspace, cost_of_a_run, month, runs_of, workspaces

PRICES = json.loads(cost_tables.PRICES.read_text(encoding="utf-8"))
PROD = Workspace("prod", 4, "STANDARD", "layers", 30, 3, 2192)
SMALL, MEDIUM, LARGE = SIZES


def test_the_document_has_what_is_computed():
    assert cost_tables.main(["--check"]) == 0, "run: python scripts/cost_tables.py"


def test_both_workspaces_are_priced_with_their_own_workers_and_class():
    found = {each.name: each for each in workspaces(cost_tables.LOCALS.read_text(encoding="utf-8"))}
    assert found["prod"] == PROD
    assert (found["dev"].workers, found["dev"].execution_class) == (2, "FLEX")


def test_a_run_of_prod_costs_22_cents_and_one_of_two_flexible_workers_7():
    assert cost_of_a_run(PROD, PRICES) == pytest.approx(0.22)
    flexible = replace(PROD, workers=2, execution_class="FLEX")
    assert cost_of_a_run(flexible, PRICES) == pytest.approx(0.0725)


def test_the_brake_bounds_the_runs_of_a_month():
    assert runs_of(PROD, LARGE) == 1440
    assert runs_of(replace(PROD, min_minutes_between_runs=0), LARGE) == 2880
    assert runs_of(PROD, SMALL) == 60


def test_old_versions_cost_by_the_days_they_stay():
    three, thirty = (month(replace(PROD, lake_noncurrent_days=d), MEDIUM, PRICES) for d in (3, 30))
    assert thirty["S3: old versions"] == pytest.approx(10 * three["S3: old versions"])
    # 90 GB of lake, 5 % of it written again by each of 24 runs a day.
    assert three["S3: old versions"] == pytest.approx(90 * 0.05 * 24 * 3 * 0.023)


def test_prices_say_where_they_come_from_and_when_they_were_read():
    assert PRICES["source"]
    assert PRICES["read_on"]


def test_a_network_is_priced_by_the_endpoints_it_has():
    assert option_costs.interface_services('interface_services = toset(concat(["a", "b"], [])') == 2
    prices = {"interface_endpoint_hour": 0.01}
    endpoints = option_costs.interface_services(option_costs.NETWORK.read_text(encoding="utf-8"))
    assert option_costs.private_network(prices) == pytest.approx(endpoints * 2 * 7.3)


def test_events_are_paid_when_they_come_and_while_they_are_kept():
    prices = {"data_events_100k": 0.1, "s3_gb_month": 0.02}
    once = option_costs.data_events(100, 0, prices)
    assert once == pytest.approx(0.5)
    assert option_costs.data_events(100, 12, prices) > once


def test_copies_are_paid_for_their_way_their_place_and_their_key():
    prices = {"between_regions_gb": 2.0, "s3_infrequent_gb_month": 3.0, "kms_key_month": 1.0}
    assert option_costs.second_region(5, 60, prices) == 5 * 2 + 60 * 3 + 1
