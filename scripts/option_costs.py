"""What a month of each option of the stack costs, for docs/cost.md (scripts/cost_tables.py)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
NETWORK = REPOSITORY / "terraform" / "network.tf"
_HOURS_IN_A_MONTH = 730
# terraform/modules/private_network makes two subnets, and a given price is for each of them.
_SUBNETS = 2


def interface_services(text: str) -> int:
    """Return how many interface endpoints the text of terraform/network.tf asks for."""
    listed = re.search(r"interface_services = toset\(concat\(\[(.*?)\]", text)
    if listed is None:
        raise SystemExit(f"{NETWORK} lists no interface_services; correct scripts/option_costs.py.")
    return len(listed[1].split(","))


def private_network(prices: Mapping[str, float]) -> float:
    """Return dollars for the endpoints of a network; what they carry is below a dollar."""
    endpoints = interface_services(NETWORK.read_text(encoding="utf-8")) * _SUBNETS
    return endpoints * _HOURS_IN_A_MONTH * prices["interface_endpoint_hour"]
