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
  /** The runs that have ended, each with what it took in; refusals in words, not counts. */
  runs: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** the run */
    run_id: string;
    /** how it ended: succeeded, partly_refused, refused, failed */
    state: string | null;
    /** the last layer it completed */
    stage: string | null;
    /** the date it was given; null for the day it began */
    data_as_of: string | null;
    /** when it began (UTC) */
    started_at: string | null;
    /** when it ended (UTC) */
    ended_at: string | null;
    /** files of the tenant it took in */
    files: number | null;
    /** records in these files; null when suppressed */
    rows_received: number | null;
    /** records loaded; null when suppressed */
    rows_loaded: number | null;
    /** records rejected; null when suppressed */
    rows_quarantined: number | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
    /** the gate that did not publish the tenant */
    refused_gate: string | null;
    /** what that gate demands, without counts */
    refused_because: string | null;
  };
  /** What needs a person, with limits and next steps; small counts are hidden. */
  alerts: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** the alert */
    alert_id: string;
    /** the rule that raised it */
    rule: string | null;
    /** what it is about: a gate, a feed, a table */
    subject: string | null;
    /** failure or warning */
    severity: string | null;
    /** open or closed */
    state: string | null;
    /** what happened, in words and without counts */
    meaning: string | null;
    /** the page that shows more */
    page: string | null;
    /** when a run found it first (UTC) */
    raised_at: string | null;
    /** when a run no longer found it (UTC); null while open */
    closed_at: string | null;
    /** what a person can do */
    next_step: string | null;
    /** what was found; null when hidden or no number */
    value: number | null;
    /** what is allowed; null where there is no number */
    allowed: number | null;
    /** of value and allowed: hours or rows */
    unit: string | null;
    /** hidden because a count could identify people */
    suppressed: boolean;
  };
  /** What needs a person, in words only: for everybody who reads figures. */
  alert_headlines: {
    /** whose data this is; the partition of every table */
    tenant: string | null;
    /** the alert */
    alert_id: string;
    /** the rule that raised it */
    rule: string | null;
    /** what it is about: a gate, a feed, a table */
    subject: string | null;
    /** failure or warning */
    severity: string | null;
    /** open or closed */
    state: string | null;
    /** what happened, in words and without counts */
    meaning: string | null;
    /** the page that shows more */
    page: string | null;
    /** when a run found it first (UTC) */
    raised_at: string | null;
    /** when a run no longer found it (UTC); null while open */
    closed_at: string | null;
    /** the publication of operations that raised it */
    raised_sequence: number | null;
    /** the one that closed it */
    closed_sequence: number | null;
  };
}

export type OneOrMany<Value extends string> = Value | readonly Value[];
/** A column to sort by, with `-` for falling; more may follow after commas. */
export type Sorts<Column extends string> = Column | `-${Column}` | `${Column},${string}` | `-${Column},${string}`;

/** What may be asked of a dataset's rows. */
export interface DatasetFilters {
  measure_results: {
    measure_id?: OneOrMany<"readmission_30d" | "mortality_in_hospital" | "mortality_30d" | "infection_hospital_acquired" | "infection_stay_share" | "infection_cdiff_labid" | "infection_mrsa_labid" | "alos" | "alos_episode"> | undefined;
    grain?: OneOrMany<"all" | "year" | "quarter" | "month"> | undefined;
    from?: string | undefined;
    to?: string | undefined;
    stratum_type?: OneOrMany<"overall" | "hospital" | "department" | "age_band" | "sex" | "payer" | "infection_type"> | undefined;
    stratum_value?: OneOrMany<string> | undefined;
    stratum_label?: OneOrMany<string> | undefined;
    stratum_label_contains?: string | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: measure_id, grain, period_start, stratum_type, stratum_value. */
    sort?: Sorts<"measure_id" | "period_start" | "stratum_label" | "value" | "denominator" | "numerator" | "grain" | "stratum_type" | "stratum_value"> | undefined;
  };
  infections_by_code: {
    code_system?: OneOrMany<string> | undefined;
    infection_type?: OneOrMany<string> | undefined;
    display?: OneOrMany<string> | undefined;
    display_contains?: string | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: -events. */
    sort?: Sorts<"events" | "display" | "infection_type" | "code_system" | "code"> | undefined;
  };
  exclusions: {
    measure_id?: OneOrMany<"readmission_30d" | "mortality_in_hospital" | "mortality_30d" | "infection_hospital_acquired" | "infection_stay_share" | "infection_cdiff_labid" | "infection_mrsa_labid" | "alos" | "alos_episode"> | undefined;
    reason?: OneOrMany<string> | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: measure_id, -stays. */
    sort?: Sorts<"measure_id" | "reason" | "stays"> | undefined;
  };
  kpi_results: {
    kpi_id?: OneOrMany<"gross_charges" | "total_collections" | "gross_collection_rate" | "net_collection_rate" | "net_collection_rate_post" | "gross_collection_rate_post" | "bad_debt_rate" | "charity_rate" | "denial_writeoff_rate" | "patient_collection_rate" | "point_of_service_rate" | "cost_to_collect" | "credit_balance" | "ar_open" | "days_in_ar" | "net_days_in_ar" | "ar_aging_bill" | "ar_aging_service" | "ar_aging_payer" | "ar_over_90" | "clean_claim_rate" | "first_pass_acceptance_rate" | "first_pass_resolution_rate" | "initial_denial_rate" | "initial_denial_rate_any" | "initial_denial_rate_lines" | "initial_denial_rate_amount" | "denial_appeal_rate" | "denial_overturn_rate" | "final_denial_rate" | "total_denied_amount" | "claims_processed" | "denial_days_to_resolution" | "charge_lag" | "late_charge_rate" | "bill_lag" | "dnfb_days" | "dnfb_count" | "payment_lag" | "underpayment_rate" | "underpayment_amount" | "overpayment_amount"> | undefined;
    grain?: OneOrMany<"all" | "year" | "quarter" | "month"> | undefined;
    from?: string | undefined;
    to?: string | undefined;
    stratum_type?: OneOrMany<"overall" | "facility" | "payer" | "payer_id" | "provider" | "specialty" | "claim_type" | "bucket" | "category" | "carc"> | undefined;
    stratum_value?: OneOrMany<string> | undefined;
    stratum_label?: OneOrMany<string> | undefined;
    stratum_label_contains?: string | undefined;
    currency?: OneOrMany<string> | undefined;
    provisional?: "true" | "false" | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: kpi_id, grain, period_start, stratum_type, stratum_value, currency. */
    sort?: Sorts<"kpi_id" | "period_start" | "stratum_label" | "value" | "denominator" | "numerator" | "grain" | "stratum_type" | "stratum_value" | "currency"> | undefined;
  };
  headline_kpis: {
    from?: string | undefined;
    to?: string | undefined;
    facility_id?: OneOrMany<string> | undefined;
    facility_name?: OneOrMany<string> | undefined;
    facility_name_contains?: string | undefined;
    closed?: "true" | "false" | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: -month_year, facility_id. */
    sort?: Sorts<"month_year" | "facility_name" | "facility_id" | "total_charges" | "total_collections" | "net_collection_rate" | "days_in_ar" | "ar_over_90" | "denial_rate" | "clean_claim_rate" | "first_pass_success_rate"> | undefined;
  };
  revenue_months: {
    from?: string | undefined;
    to?: string | undefined;
    facility_id?: OneOrMany<string> | undefined;
    facility_name?: OneOrMany<string> | undefined;
    facility_name_contains?: string | undefined;
    closed?: "true" | "false" | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: -month_year, facility_id. */
    sort?: Sorts<"month_year" | "facility_name" | "total_charges" | "total_collections" | "facility_id" | "net_collection_rate" | "days_in_ar" | "ar_over_90" | "denial_rate" | "clean_claim_rate" | "first_pass_success_rate"> | undefined;
  };
  payers: {
    from?: string | undefined;
    to?: string | undefined;
    payer?: OneOrMany<string> | undefined;
    payer_id?: OneOrMany<string> | undefined;
    payer_name?: OneOrMany<string> | undefined;
    payer_name_contains?: string | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: -month_year, payer_id. */
    sort?: Sorts<"month_year" | "payer_name" | "claims" | "denial_rate" | "underpayment_amount" | "payer_id" | "payment_lag_median" | "payment_lag_p90" | "net_collection_rate"> | undefined;
  };
  closes: {
    kpi_id?: OneOrMany<"gross_charges" | "total_collections" | "gross_collection_rate" | "net_collection_rate" | "net_collection_rate_post" | "gross_collection_rate_post" | "bad_debt_rate" | "charity_rate" | "denial_writeoff_rate" | "patient_collection_rate" | "point_of_service_rate" | "cost_to_collect" | "credit_balance" | "ar_open" | "days_in_ar" | "net_days_in_ar" | "ar_aging_bill" | "ar_aging_service" | "ar_aging_payer" | "ar_over_90" | "clean_claim_rate" | "first_pass_acceptance_rate" | "first_pass_resolution_rate" | "initial_denial_rate" | "initial_denial_rate_any" | "initial_denial_rate_lines" | "initial_denial_rate_amount" | "denial_appeal_rate" | "denial_overturn_rate" | "final_denial_rate" | "total_denied_amount" | "claims_processed" | "denial_days_to_resolution" | "charge_lag" | "late_charge_rate" | "bill_lag" | "dnfb_days" | "dnfb_count" | "payment_lag" | "underpayment_rate" | "underpayment_amount" | "overpayment_amount"> | undefined;
    from?: string | undefined;
    to?: string | undefined;
    stratum_type?: OneOrMany<"overall" | "facility" | "payer" | "payer_id" | "provider" | "specialty" | "claim_type" | "bucket" | "category" | "carc"> | undefined;
    stratum_value?: OneOrMany<string> | undefined;
    currency?: OneOrMany<string> | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: kpi_id, grain, period_start, stratum_type, stratum_value, currency, close_version. */
    sort?: Sorts<"period_start" | "kpi_id" | "difference" | "closed_at" | "grain" | "stratum_type" | "stratum_value" | "currency" | "close_version"> | undefined;
  };
  denials: {
    from?: string | undefined;
    to?: string | undefined;
    facility_id?: OneOrMany<string> | undefined;
    payer?: OneOrMany<string> | undefined;
    category?: OneOrMany<string> | undefined;
    group_code?: OneOrMany<"CO" | "PR" | "OA" | "PI"> | undefined;
    carc?: OneOrMany<string> | undefined;
    currency?: OneOrMany<string> | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: -denial_month, -total_denied_amount. */
    sort?: Sorts<"denial_month" | "total_denied_amount" | "open_amount" | "total_denials" | "facility_id" | "payer" | "group_code" | "carc" | "currency"> | undefined;
  };
  ar_aging: {
    stock_date?: string | undefined;
    from?: string | undefined;
    to?: string | undefined;
    anchor?: OneOrMany<"bill" | "service" | "payer"> | undefined;
    facility_id?: OneOrMany<string> | undefined;
    payer?: OneOrMany<string> | undefined;
    bucket?: OneOrMany<"0-30" | "31-60" | "61-90" | "91-120" | "121+"> | undefined;
    currency?: OneOrMany<string> | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: -stock_date, anchor, facility_id, payer, bucket. */
    sort?: Sorts<"stock_date" | "balance" | "share" | "anchor" | "facility_id" | "payer" | "bucket" | "currency"> | undefined;
  };
  data_quality: {
    layer?: OneOrMany<"bronze" | "silver" | "gold"> | undefined;
    table_name?: OneOrMany<string> | undefined;
    table_name_contains?: string | undefined;
    rule_id?: OneOrMany<string> | undefined;
    severity?: OneOrMany<"info" | "warn" | "reject"> | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: layer, table_name, rule_id. */
    sort?: Sorts<"layer" | "table_name" | "rule_id" | "severity" | "row_count"> | undefined;
  };
  data_quality_scores: {
    layer?: OneOrMany<string> | undefined;
    table_name?: OneOrMany<string> | undefined;
    table_name_contains?: string | undefined;
    feed?: OneOrMany<string> | undefined;
    as_of?: string | undefined;
    from?: string | undefined;
    to?: string | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: -as_of, layer, table_name. */
    sort?: Sorts<"as_of" | "layer" | "table_name" | "score" | "rows" | "feed" | "run_id"> | undefined;
  };
  freshness: {
    resource_type?: OneOrMany<string> | undefined;
    /** Default: resource_type. */
    sort?: Sorts<"resource_type" | "last_updated" | "last_ingested_at"> | undefined;
  };
  runs: {
    state?: OneOrMany<string> | undefined;
    from?: string | undefined;
    to?: string | undefined;
    refused_gate?: OneOrMany<string> | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: -started_at. */
    sort?: Sorts<"started_at" | "state" | "rows_received" | "rows_quarantined" | "run_id"> | undefined;
  };
  alerts: {
    alert_id?: OneOrMany<string> | undefined;
    rule?: OneOrMany<string> | undefined;
    severity?: OneOrMany<"failure" | "warning"> | undefined;
    state?: OneOrMany<"open" | "closed"> | undefined;
    from?: string | undefined;
    to?: string | undefined;
    suppressed?: "true" | "false" | undefined;
    /** Default: -raised_at. */
    sort?: Sorts<"raised_at" | "closed_at" | "severity" | "rule" | "alert_id"> | undefined;
  };
  alert_headlines: {
    alert_id?: OneOrMany<string> | undefined;
    rule?: OneOrMany<string> | undefined;
    severity?: OneOrMany<"failure" | "warning"> | undefined;
    state?: OneOrMany<"open" | "closed"> | undefined;
    from?: string | undefined;
    to?: string | undefined;
    /** Default: -raised_at. */
    sort?: Sorts<"raised_at" | "closed_at" | "severity" | "rule" | "alert_id"> | undefined;
  };
}
