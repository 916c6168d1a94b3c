"""Published marts about the runs themselves: what each run took in, and what needs a person.

Their rows come from the tracking store at the end of each run, also of one that published no
figures, so they have a pointer of their own. No row holds a count that figures hide: sentences are
ours, a value is one that is published elsewhere. Source: publishing specification, 2.3.
"""

from __future__ import annotations

from metriccare.query.published.marts import Mart
from metriccare.tables import Column
from metriccare.tables.declaration import TENANT

# Beside the marts: the alerts as they are kept from run to run.
LEDGER = "alerts.json"

RUN = Mart(
    name="run",
    meaning="the runs of the lake, each with what it took in of the tenant",
    columns=(
        TENANT,
        Column("run_id", "string", "the run"),
        Column("state", "string", "how it ended: succeeded, partly_refused, refused, failed"),
        Column("stage", "string", "the last layer it completed"),
        Column("data_as_of", "date", "the date it was given; null for the day it began"),
        Column("started_at", "timestamp", "when it began (UTC)"),
        Column("ended_at", "timestamp", "when it ended (UTC)"),
        Column("files", "bigint", "files of the tenant it took in"),
        Column("rows_received", "bigint", "records in these files; null when suppressed"),
        Column("rows_loaded", "bigint", "records loaded; null when suppressed"),
        Column("rows_quarantined", "bigint", "records rejected; null when suppressed"),
        Column("suppressed", "boolean", "hidden because a count could identify people"),
        Column("refused_gate", "string", "the gate that did not publish the tenant"),
        Column("refused_because", "string", "what that gate demands, without counts"),
    ),
    order=("tenant", "started_at", "run_id"),
)
ALERT = Mart(
    name="alert",
    meaning="what needs a person: raised by a run, closed by the first run that no longer finds it",
    columns=(
        TENANT,
        Column("alert_id", "string", "the alert"),
        Column("rule", "string", "the rule that raised it"),
        Column("subject", "string", "what it is about: a gate, a feed, a table"),
        Column("severity", "string", "failure or warning"),
        Column("state", "string", "open or closed"),
        Column("meaning", "string", "what happened, in words and without counts"),
        Column("next_step", "string", "what a person can do"),
        Column("page", "string", "the page that shows more"),
        Column("raised_at", "timestamp", "when a run found it first (UTC)"),
        Column("closed_at", "timestamp", "when a run no longer found it (UTC); null while open"),
        Column("value", "bigint", "what was found; null when hidden or no number"),
        Column("allowed", "bigint", "what is allowed; null where there is no number"),
        Column("unit", "string", "of value and allowed: hours or rows"),
        Column("suppressed", "boolean", "hidden because a count could identify people"),
        Column("raised_sequence", "bigint", "the publication of operations that raised it"),
        Column("closed_sequence", "bigint", "the one that closed it"),
    ),
    order=("tenant", "raised_at", "alert_id"),
)
OPERATIONS_MARTS = (RUN, ALERT)
OPERATIONS_NAMES = frozenset(mart.name for mart in OPERATIONS_MARTS)
