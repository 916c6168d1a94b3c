// Written from generated/datasets.json by `npm run types`; do not edit.
export interface Datasets {
  /** One row for each measure, period and stratum, as published; small counts are hidden. */
  measure_results: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** the measure */
    measure_id: string;
    /** the measure's honest name, by that method */
    measure_title: string | null;
    /** all, year, quarter or month */
    grain: string;
    /** first day; null for grain all */
    period_start: string | null;
    /** the day after the last */
    period_end: string | null;
    /** overall, hospital, department, age_band, sex, payer or infection_type */
    stratum_type: string;
    /** id or code; `all` for overall */
    stratum_value: string;
    /** the stratum in words */
    stratum_label: string | null;
    /** null when suppressed */
    numerator: number | null;
    /** null when suppressed */
    denominator: number | null;
    /** null when suppressed or without a denominator */
    value: number | null;
    /** 95 % interval, low end */
    ci_low: number | null;
    /** 95 % interval, high end */
    ci_high: number | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** predicted events; null when suppressed or not given */
    predicted: number | null;
    /** events / predicted, where at least 1 is predicted */
    sir: number | null;
    /** of means: the median, null when suppressed */
    median: number | null;
    /** of means: the 90th percentile */
    percentile_90: number | null;
    /** of means: the geometric mean */
    geometric_mean: number | null;
    /** how it was decided, such as the planned-admission method */
    method: string | null;
    /** wilson, poisson_exact, byar ... */
    ci_method: string | null;
    /** version of the definition */
    measure_version: string | null;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
  /** Hospital-acquired infection events by code; small counts are hidden. */
  infections_by_code: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** code system */
    code_system: string;
    /** code */
    code: string;
    /** words */
    display: string | null;
    /** clabsi, cauti, ssi, vap, hap, cdi, mrsa, other */
    infection_type: string | null;
    /** events; null when suppressed */
    events: number | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
  /** How many candidate stays a measure leaves out, by reason; small counts are hidden. */
  exclusions: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** the measure */
    measure_id: string;
    /** why a stay does not count; a stay may have several reasons */
    reason: string;
    /** stays with the reason, over all time; null when suppressed */
    stays: number | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
  /** One row for each KPI, period and stratum, as published; small counts are hidden. */
  kpi_results: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** the KPI */
    kpi_id: string;
    /** month, quarter, year or all */
    grain: string;
    /** first day; null for grain all */
    period_start: string | null;
    /** the day after the last */
    period_end: string | null;
    /** overall, facility, payer, payer_id, provider, specialty, claim_type, category, carc or bucket */
    stratum_type: string;
    /** id or code; `all` for overall */
    stratum_value: string;
    /** the stratum in words */
    stratum_label: string | null;
    /** currency of the amounts (ISO 4217) */
    currency: string;
    /** numerator */
    numerator: string | null;
    /** denominator; null for money and counts */
    denominator: string | null;
    /** the figure; null when the denominator is 0 */
    value: string | null;
    /** money, proportion, days or count */
    unit: string | null;
    /** 95 % interval, low end */
    ci_low: string | null;
    /** 95 % interval, high end */
    ci_high: string | null;
    /** median, of lags */
    median: string | null;
    /** 90th percentile, of lags */
    percentile_90: string | null;
    /** it can still change because time has not passed */
    provisional: boolean;
    /** what to know about it: short_history, no_transactions ... */
    note: string | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the payer word of a payer_id; null of other strata */
    payer: string | null;
    /** version of the definition */
    kpi_version: string | null;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
  /** The eight headline figures of each month and facility; small counts are hidden. */
  headline_kpis: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** first day of the month */
    month_year: string | null;
    /** the organisation's id; `all` for everything */
    facility_id: string;
    /** the organisation in words */
    facility_name: string | null;
    /** charges, with their corrections and voids */
    total_charges: string;
    /** payments of payers and patients, less refunds and takebacks */
    total_collections: string;
    /** share of what was contractually owed that was collected */
    net_collection_rate: string;
    /** days of billing that are still owed */
    days_in_ar: string;
    /** share of what is owed that is older than 90 days */
    ar_over_90: string;
    /** share of first answers that refuse the claim */
    denial_rate: string;
    /** share of claims that pass every edit untouched */
    clean_claim_rate: string;
    /** share of claims settled without a second try */
    first_pass_success_rate: string;
    /** it can still change because time has not passed */
    provisional: boolean;
    /** the month has been closed */
    closed: boolean;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
  /** All headline KPIs of each month and facility in one row; small counts are hidden. */
  revenue_months: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** first day of the month */
    month_year: string | null;
    /** the organisation's id; `all` for everything */
    facility_id: string;
    /** the organisation in words */
    facility_name: string | null;
    /** charges, with their corrections and voids */
    total_charges: string;
    /** payments of payers and patients, less refunds and takebacks */
    total_collections: string;
    /** share of what was contractually owed that was collected */
    net_collection_rate: string;
    /** days of billing that are still owed */
    days_in_ar: string;
    /** share of what is owed that is older than 90 days */
    ar_over_90: string;
    /** share of first answers that refuse the claim */
    denial_rate: string;
    /** share of claims that pass every edit untouched */
    clean_claim_rate: string;
    /** share of claims settled without a second try */
    first_pass_success_rate: string;
    /** it can still change because time has not passed */
    provisional: boolean;
    /** the month has been closed */
    closed: boolean;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
    /** the same, of what was posted in the month */
    net_collection_rate_post: string | null;
    /** share of what was billed that was collected */
    gross_collection_rate: string | null;
  };
  /** How each payer decides and pays, by month; small counts are hidden. */
  payers: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** first day of the month */
    month_year: string | null;
    /** the payer word of a payer_id; null of other strata */
    payer: string | null;
    /** the payer's id */
    payer_id: string;
    /** the payer in words */
    payer_name: string | null;
    /** first answers of the payer */
    claims: number | null;
    /** share of first answers that refuse the claim */
    denial_rate: string;
    /** days from first bill to first payment, median */
    payment_lag_median: number | null;
    /** days from first bill to first payment, 90th percentile */
    payment_lag_p90: number | null;
    /** expected less allowed, of underpaid lines */
    underpayment_amount: string;
    /** share of what was contractually owed that was collected */
    net_collection_rate: string;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
  /** Figures of closed months as they were closed, beside the restated ones. */
  closes: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** the KPI */
    kpi_id: string;
    /** month, quarter, year or all */
    grain: string;
    /** first day; null for grain all */
    period_start: string | null;
    /** the day after the last */
    period_end: string | null;
    /** overall, facility, payer, payer_id, provider, specialty, claim_type, category, carc or bucket */
    stratum_type: string;
    /** id or code; `all` for overall */
    stratum_value: string;
    /** currency of the amounts (ISO 4217) */
    currency: string;
    /** 1, and one more each time the month is reopened */
    close_version: number | null;
    /** the figure as it was closed */
    closed_value: string | null;
    /** the figure as it is known now */
    restated_value: string | null;
    /** restated - closed */
    difference: string | null;
    /** sum of the differences over all closed months; null of stocks and rates */
    prior_period_adjustment: string | null;
    /** when it was closed (UTC) */
    closed_at: string | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
  /** Initial denials by month, facility, payer and reason; small counts are hidden. */
  denials: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** first day of the month */
    denial_month: string | null;
    /** the organisation's id */
    facility_id: string;
    /** medicare, medicaid, commercial, self_pay ... */
    payer: string;
    /** category of the reason, in our words */
    category: string | null;
    /** CO, PR, OA or PI */
    group_code: string;
    /** claim adjustment reason code */
    carc: string;
    /** currency of the amounts (ISO 4217) */
    currency: string;
    /** claims whose leading reason this is */
    total_denials: number | null;
    /** first remits of the month, facility and payer */
    total_claims: number | null;
    /** what was denied */
    total_denied_amount: string | null;
    /** paid after it was overturned */
    recovered_amount: string | null;
    /** not settled */
    open_amount: string | null;
    /** denials settled */
    resolved: number | null;
    /** sum of their days */
    resolution_days: number | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
  /** What is still owed at the end of each month, by age; small counts are hidden. */
  ar_aging: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** the evening */
    stock_date: string | null;
    /** bill, service or payer: where age is counted from */
    anchor: string;
    /** the organisation's id */
    facility_id: string;
    /** medicare, medicaid, commercial, self_pay ... */
    payer: string;
    /** 0-30, 31-60, 61-90, 91-120 or 121+ days */
    bucket: string;
    /** currency of the amounts (ISO 4217) */
    currency: string;
    /** sum of positive balances */
    balance: string | null;
    /** of the balances of its date, anchor, facility and payer */
    share: string | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
  /** Rows received, loaded, rejected and flagged, by table and rule. */
  data_quality: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** bronze, silver or gold */
    layer: string;
    /** the table or resource type */
    table_name: string;
    /** the rule; `rows` is the count of all */
    rule_id: string;
    /** info, warn or reject */
    severity: string | null;
    /** the rule in one sentence */
    meaning: string | null;
    /** rows; null when suppressed */
    row_count: number | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
  /** How good each table and feed is, by run: a score from 0 to 100, parts from 0 to 1. */
  data_quality_scores: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** silver */
    layer: string;
    /** the silver table */
    table_name: string;
    /** the contract a file of rows was read with; null for FHIR */
    feed: string;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
    /** 0 to 100, one decimal; null without rows */
    score: number | null;
    /** 0 to 1: values of required and expected columns */
    completeness: number | null;
    /** 0 to 1: rows that are loaded and trip no rule */
    validity: number | null;
    /** 0 to 1: references whose target is there */
    consistency: number | null;
    /** 0 to 1: keys and versions, of the rows loaded */
    uniqueness: number | null;
    /** 0 to 1: by the hours since the newest arrival */
    timeliness: number | null;
    /** rows received in the 30 days ending at as_of */
    rows: number | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the run that wrote the row */
    run_id: string;
  };
  /** How old the data behind the results is, by resource type; instants are in UTC. */
  freshness: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** FHIR resource type */
    resource_type: string;
    /** newest `meta.lastUpdated` (UTC) */
    last_updated: string | null;
    /** newest ingestion (UTC) */
    last_ingested_at: string | null;
    /** when these results were published (UTC) */
    published_at: string | null;
    /** the date up to which the data is taken as complete */
    as_of: string | null;
  };
}
