"""docs/rules.md, written from the row rules and the gates.

`python -m metriccare.report.rules_page` writes it; with `--check` it only compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from metriccare.marts.claims import flags as claims_flags
from metriccare.quality.feed_rules import REJECT_RULES, WARN_RULES
from metriccare.quality.gates import GATES, Gate
from metriccare.quality.rules import (
    LOOKED_UP_RULES,
    PERSON_NOT_COMPUTED,
    RECEPTION_RULES,
    REJECT,
    RULES,
    Rule,
)
from metriccare.quality.score import WEIGHTS
from metriccare.report.written_page import write_or_check
from metriccare.settings import GateLimits, QualitySettings

PAGE = Path("docs") / "rules.md"


def rules_page() -> str:
    """Return the whole page as Markdown."""
    return (
        "\n".join(
            [
                *_head(),
                *_reception(),
                *_rows(),
                *_feeds(),
                *_claims(),
                *_scores(),
                *_quarantine(),
                *_persons(),
                *_gates(),
            ]
        )
        + "\n"
    )


def _head() -> Iterator[str]:
    yield "# Rules and gates"
    yield ""
    yield "Written from the declarations by `python -m metriccare.report.rules_page`; do not edit."
    yield "A record that breaks a `reject` rule goes to `bronze.quarantine` under the first one it"
    yield "breaks, with its exact text; a `warn` rule puts its id into `dq_flags` of the row, which"
    yield "is loaded."


def _reception() -> Iterator[str]:
    yield from ("", "## On reception", "", "Is it a resource at all? Every one of these rejects.")
    yield from ("", "| rule | what it means | how to fix it |", "|---|---|---|")
    for rule in RECEPTION_RULES:
        yield f"| `{rule.id}` | {rule.sentence} | {rule.fix} |"


def _claims() -> Iterator[str]:
    yield from ("", "## Claims", "")
    yield "Found when gold is computed, because they need more than one row: the claim and its"
    yield "lines, an answer and its claim, two claims. They flag the row of `gold.claim` or"
    yield "`gold.remit`, and of its account; `data_quality_summary` counts them."
    yield from ("", "| rule | what it means |", "|---|---|")
    for flag, meaning in claims_flags.MEANING.items():
        yield f"| `{flag}` | {meaning} |"


_OF_COMPONENTS = {
    "completeness": "values that are there, of required and expected columns",
    "validity": "rows that are neither rejected nor trip a rule, of all received",
    "consistency": "references whose target is there",
    "uniqueness": "keys and versions, of rows loaded; what is sent again to the byte is left out",
    "timeliness": "1 up to `sla_hours` after the newest arrival, 0 from three times as many",
}


def _scores() -> Iterator[str]:
    defaults = QualitySettings()
    yield from ("", "## Data quality score", "")
    yield "`data_quality_score` of a row of silver is 100 x (1 - weight of the rules it trips /"
    yield "weight of the rules that apply to its type or feed). Deleted rows have none."
    yield ""
    yield "Each run scores every table, over the rows received in the days that end with as_of, and"
    yield "keeps the score in `gold.data_quality_score`; `metriccare quality` and the view"
    yield "`data_quality_scores` show it. Score = 100 x the sum of weight x value / the weights"
    yield "that apply, one decimal."
    yield from ("", "| component | weight | share of |", "|---|---|---|")
    for name, weight in WEIGHTS.items():
        yield f"| `{name}` | {float(weight):.2f} | {_OF_COMPONENTS[name]} |"
    yield ""
    yield "- Without a row in these days the score is null. So it is when as_of lies before the day"
    yield "  on which the rows arrived."
    yield "- A component with nothing to judge does not apply: rows without references, or that"
    yield "  name a feed of which nothing has been sent."
    yield "- Values, flags and references are of the newest row of each key; rows received and"
    yield "  versions are of every row."
    yield "- `gold.data_quality_arrival` keeps the counts of each run's rows, so that a run counts"
    yield "  only tables that it may have changed."
    yield from ("", "```toml", "[quality]")
    yield f"window_days = {defaults.window_days}"
    yield f"sla_hours = {defaults.sla_hours}"
    yield "# sla_hours_by_feed = { acme_claims = 168, claim = 48 }   # a contract, feed or table"
    yield "```"


def _rows() -> Iterator[str]:
    yield from ("", "## Rows", "", "In this order, on the newest parsed rows of each type.", "")
    yield "| rule | severity | weight | resources | what it means | how to fix it |"
    yield "|---|---|---|---|---|---|"
    for rule, types in _grouped((*RULES, *LOOKED_UP_RULES)):
        columns = (f"`{rule.id}`", rule.severity, rule.weight, types, rule.sentence, rule.fix)
        yield f"| {' | '.join(map(str, columns))} |"


def _feeds() -> Iterator[str]:
    yield from ("", "## Feeds", "")
    yield "Rows of CSV and JSON lines ([feeds](feeds.md)). A row that breaks one of these is"
    yield "rejected, with its column. A row whose text is in another encoding, is not JSON, or is"
    yield "too large is rejected like a record above."
    yield from ("", "| rule | what it means | how to fix it |", "|---|---|---|")
    for rule in REJECT_RULES:
        yield f"| `{rule.id}` | {rule.sentence} | {rule.fix} |"
    yield from ("", "These only flag the row. The weight counts in its `data_quality_score`.", "")
    yield "| rule | weight | what it means | how to fix it |"
    yield "|---|---|---|---|"
    for warn in WARN_RULES.values():
        yield f"| `{warn.id}` | {warn.weight} | {warn.sentence} | {warn.fix} |"


def _grouped(rules: Iterable[Rule]) -> Iterator[tuple[Rule, str]]:
    """Yield each rule once, with the types it applies to."""
    by_id: dict[str, list[Rule]] = {}
    for rule in rules:
        by_id.setdefault(rule.id, []).append(rule)
    for same in by_id.values():
        yield same[0], ", ".join(rule.resource_type or "all" for rule in same)


def _quarantine() -> Iterator[str]:
    rejecting = next(rule.id for rule in RULES if rule.severity == REJECT)
    yield from ("", "## What becomes of a rejected record", "")
    yield "- `metriccare quarantine list` says file, line, rule and reason of every open one;"
    yield "  `metriccare quarantine show FILE LINE` prints one in full, a health record."
    yield "- Send a correction: a version of the resource that arrives later and is loaded"
    yield "  supersedes the rejected one by itself, and `list` leaves that out (`--all` shows it)."
    yield f"- After a rule or a mapping changed: `metriccare quarantine redrive --rule {rejecting}`"
    yield "  (or `--run RUN`) sends the files of the records through again. A record that is loaded"
    yield "  keeps its line in quarantine with `redriven_run_id`; one that is rejected stays open."
    yield "  Doing it twice changes nothing."
    yield "- All three take `--lake s3://...`: `list` and `show` read the lake, `redrive` has the"
    yield "  stack's upkeep job do it (`docs/runbook.md`, *Upkeep of a deployed lake*)."


def _persons() -> Iterator[str]:
    rule = PERSON_NOT_COMPUTED
    yield from ("", "## Persons", "", f"### {rule.id} ({rule.severity})", "", rule.sentence)
    yield f"{rule.fix}"
    yield ""
    yield "They are rows of `gold.person_not_computed`: key, class of the error, its place in our"
    yield "code, the first run. Too many of them, or one with a death or an infection, are a doubt"
    yield "of their tenant's gate `persons_computed`, below."


def _gates() -> Iterator[str]:
    limits = GateLimits()
    yield from ("", "## Gates before publication", "")
    yield "Judged in this order, tenant by tenant, on what was computed and before anything of it"
    yield "is written. A tenant that a gate refuses keeps results and evidence as they were, and"
    yield "its files wait for the next run; all other tenants are published. The run exits 3 and"
    yield "says wanted and found; its state is `partly_refused`, or `refused` when no tenant is"
    yield "left."
    for gate in GATES:
        yield from _gate(gate)
    yield from ("", "Limits, in `metriccare.toml`, with their defaults:", "", "```toml", "[gates]")
    yield f"drop_share = {limits.drop_share}   # share of a base that may vanish at once"
    yield f"drop_base = {limits.drop_base}    # smaller bases are not judged"
    yield "# stale_days = 7    # oldest newest arrival, in days before as_of; unset: no limit"
    yield f"orphan_share = {limits.orphan_share}        # answers without their claim"
    yield f"credit_share = {limits.credit_share}        # credit balances, of open receivables"
    yield f"restated_share = {limits.restated_share}      # what changed of a closed month"
    yield f"out_of_balance_share = {limits.out_of_balance_share}    # accounts out of balance"
    yield f"share_base = {limits.share_base}    # fewer answers or accounts are not judged"
    yield '# accept = "run-000012-20240503T041500Z"   # a refused run that is right as it is'
    yield "```"
    yield ""
    yield "A doubt is accepted by naming the refused run, with `metriccare run --accept RUN` or"
    yield "`accept` in the settings. It holds for the tenants that run refused, until a run has"
    yield "published them, and for no other refusal. A share of revenue that was published is"
    yield "doubted again only when it has grown by its limit."


def _gate(gate: Gate) -> Iterator[str]:
    kind = "a doubt: can be accepted" if gate.doubt else "a fault: cannot be accepted"
    yield from ("", f"### {gate.id} ({kind})", "", gate.sentence, "")
    yield f"- measured: {gate.measures}"
    yield f"- when it refuses: {gate.fix}"


def main() -> int:
    """Write the page, or with --check compare it; exit code 1 when it is out of date."""
    return write_or_check(PAGE, rules_page(), "metriccare.report.rules_page")


if __name__ == "__main__":
    sys.exit(main())
