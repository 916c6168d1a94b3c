"""docs/revenue.md: every KPI of the revenue cycle in words, written from their declarations.

`python -m metriccare.report.kpi_page` writes it; with `--check` it only compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from metriccare.marts.revenue.definition import Kpi
from metriccare.marts.revenue.kpis import KPIS
from metriccare.report.written_page import write_or_check
from metriccare.settings import RevenueSettings

PAGE = Path("docs", "revenue.md")
_DEFAULTS = RevenueSettings()
_INTRODUCTION = f"""\
# Revenue cycle KPIs

For people who read or use the figures of the revenue cycle. Each KPI says what it asks, what it
counts, what it leaves out and where that is written. Written from the declarations by
`python -m metriccare.report.kpi_page`.

```sql
-- metriccare query "..."
select month_year, total_charges, net_collection_rate, days_in_ar, denial_rate
from revenue_cycle_kpis where facility_id = 'all' order by month_year
```

- Rates are from 0 to 1. Amounts of different currencies are never added.
- A stock (receivables) is taken on the evening of a period's last day, or at as_of in the period
  that holds it; then it is provisional.
- A cohort is judged {_DEFAULTS.run_out_days} days after its date, and provisional until then.
- HFMA and MGMA are named as sources; no compliance with their programmes is claimed.
- Before they are published, gates check that everything adds up to the cent, and ask about answers
  without their claim, large credits, closed months that changed and accounts out of balance
  ([rules](rules.md)). Flags of claims and answers are there too.

Settings (`metriccare.toml`), with what holds without them:

```toml
[revenue]
small_cells = "{_DEFAULTS.small_cells}"       # or "internal": rows of 1 to 10 persons are shown
run_out_days = {_DEFAULTS.run_out_days}
late_charge_days = {_DEFAULTS.late_charge_days}
```

Rows with 1 to 10 persons behind them are hidden, amounts too, and so is what would give them away.
`internal` is for the covered entity's own operations only.

`metriccare close 2024-03` keeps the figures of March as they are known on its last day. A closed
month is never changed; `--reopen REASON` adds a second close beside it (`kpi_close_history`).
A deployed lake does so too, or on a day of each month ([deploy](deploy.md), *Closing months*).
"""  # noqa: S608 - the query is shown, not run


def page() -> str:
    """Return the whole page."""
    return "\n".join((_INTRODUCTION, *(_section(kpi) for kpi in KPIS), _reasons()))


def _section(kpi: Kpi) -> str:
    return "\n".join((f"## {kpi.title} (`{kpi.id}`)\n", f"{kpi.question}\n", *_facts(kpi), ""))


def _facts(kpi: Kpi) -> Iterator[str]:
    yield f"- Numerator: {kpi.numerator_words}"
    yield f"- Denominator: {kpi.denominator_words}"
    words = ", ".join(f"`{reason.word}`" for reason in kpi.reasons)
    yield f"- Left out: {words or 'nothing'}"
    yield f"- Period: {kpi.placed_words}; unit {kpi.unit}"
    yield f"- Strata: {', '.join(f'`{name}`' for name in kpi.stratum_types)}"
    yield f"- Source: {kpi.source}"
    if kpi.caveats:
        yield f"- Beware: {kpi.caveats}"


def _reasons() -> str:
    meanings = {reason.word: reason.meaning for kpi in KPIS for reason in kpi.reasons}
    lines = (f"- `{word}`: {meaning}" for word, meaning in sorted(meanings.items()))
    return "\n".join(("## Why an account is left out\n", *lines, ""))


def main() -> int:
    """Write the page, or with --check compare it; exit code 1 when it is out of date."""
    return write_or_check(PAGE, page(), "metriccare.report.kpi_page")


if __name__ == "__main__":
    sys.exit(main())
