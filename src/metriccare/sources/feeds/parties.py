"""Feeds of the parties and of reference data: providers, members, payers, rates, costs.

Source: the claims model, sections 1.2, 2.6 and 2.8.
"""

from metriccare.sources.feeds.declarations import Feed, FeedColumn, Kind

PROVIDERS = Feed(
    "providers",
    "one provider, a person or an organisation",
    ("provider_id",),
    (
        FeedColumn("provider_id", Kind.TEXT, "the provider", required=True),
        FeedColumn("npi", Kind.TEXT, "national provider identifier", expected=True),
        FeedColumn("tax_id", Kind.TEXT, "tax number", identifying=True),
        FeedColumn("name", Kind.TEXT, "name", expected=True, identifying=True),
        FeedColumn("entity_type", Kind.TEXT, "1 person, 2 organisation", words=("1", "2")),
        FeedColumn("taxonomy_codes", Kind.LIST, "NUCC taxonomy codes, primary first"),
        FeedColumn("facility_id", Kind.TEXT, "where the provider works"),
        FeedColumn("zip", Kind.TEXT, "postal code"),
        FeedColumn("fte", Kind.NUMBER, "full-time equivalents"),
        FeedColumn("active_from", Kind.DATE, "first day"),
        FeedColumn("active_to", Kind.DATE, "last day"),
    ),
)

MEMBERS = Feed(
    "members",
    "one span of a person's cover",
    ("member_id", "payer_id", "coverage_from"),
    (
        FeedColumn(
            "member_id", Kind.TEXT, "the insured", required=True, names="member", identifying=True
        ),
        FeedColumn("payer_id", Kind.TEXT, "the payer", required=True, refers="payers"),
        FeedColumn("coverage_from", Kind.DATE, "first day of cover", required=True),
        FeedColumn(
            "patient_id",
            Kind.TEXT,
            "the patient record of the same person",
            names="Patient",
            identifying=True,
        ),
        FeedColumn("birth_date", Kind.DATE, "date of birth", expected=True, identifying=True),
        FeedColumn("sex", Kind.TEXT, "administrative sex", expected=True),
        FeedColumn("death_date", Kind.DATE, "date of death", identifying=True),
        FeedColumn("zip", Kind.TEXT, "postal code", identifying=True),
        FeedColumn("plan", Kind.TEXT, "the plan"),
        FeedColumn("coverage_to", Kind.DATE, "last day of cover"),
        FeedColumn("sequence", Kind.TEXT, "order of the payer: P, S or T; or 1, 2, 3"),
    ),
)

PAYERS = Feed(
    "payers",
    "one payer",
    ("payer_id",),
    (
        FeedColumn("payer_id", Kind.TEXT, "the payer", required=True),
        FeedColumn("name", Kind.TEXT, "name", expected=True),
        FeedColumn(
            "payer_group",
            Kind.TEXT,
            "kind of payer",
            expected=True,
            words=("medicare", "medicaid", "commercial", "self_pay", "other"),
        ),
    ),
)

FEE_SCHEDULE = Feed(
    "fee_schedule",
    "one contracted rate",
    ("rate_id",),
    (
        FeedColumn("rate_id", Kind.TEXT, "the rate", required=True),
        FeedColumn("payer_id", Kind.TEXT, "whose rate", required=True, refers="payers"),
        FeedColumn("plan", Kind.TEXT, "only for this plan"),
        FeedColumn("procedure_code", Kind.TEXT, "only for this procedure"),
        FeedColumn("modifier", Kind.TEXT, "only with this modifier"),
        FeedColumn("drg", Kind.TEXT, "only for this diagnosis related group"),
        FeedColumn("facility_id", Kind.TEXT, "only at this facility"),
        FeedColumn(
            "rate_type",
            Kind.TEXT,
            "what the rate is applied to",
            required=True,
            words=("per_unit", "percent_of_charge", "per_diem", "case"),
        ),
        FeedColumn("rate", Kind.MONEY, "amount or percentage", required=True),
        FeedColumn("lesser_of", Kind.BOOLEAN, "never above the charge; true where it is empty"),
        FeedColumn("valid_from", Kind.DATE, "first day", required=True),
        FeedColumn("valid_to", Kind.DATE, "last day, included"),
    ),
)

REVENUE_CYCLE_COST = Feed(
    "revenue_cycle_cost",
    "what collecting cost in a month",
    ("month", "facility_id"),
    (
        FeedColumn("month", Kind.MONTH, "first day of the month", required=True),
        FeedColumn("facility_id", Kind.TEXT, "facility; empty means all"),
        FeedColumn("amount", Kind.MONEY, "cost", required=True),
    ),
)
