"""Every feed, in the order in which the catalog lists them."""

from metriccare.sources.feeds import billed, paid, parties
from metriccare.sources.feeds.declarations import Feed

FEEDS: tuple[Feed, ...] = (
    billed.CLAIMS,
    billed.CLAIM_LINES,
    paid.REMITS,
    paid.REMIT_ADJUSTMENTS,
    paid.TRANSACTIONS,
    billed.CHARGES,
    parties.PROVIDERS,
    parties.MEMBERS,
    parties.PAYERS,
    parties.FEE_SCHEDULE,
    parties.REVENUE_CYCLE_COST,
)
BY_NAME = {feed.name: feed for feed in FEEDS}
