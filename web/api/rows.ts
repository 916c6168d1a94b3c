/** Rows of the declared datasets. */
import { address, type Parameters } from "./client";
import { type Reading, type Rows, useReading } from "./reading";

export interface ResultRow {
  grain: string;
  period_start: string;
  period_end: string;
  stratum_type: string;
  stratum_value: string;
  stratum_label: string | null;
  numerator: number | string | null;
  denominator: number | string | null;
  value: number | string | null;
  ci_low: number | string | null;
  ci_high: number | string | null;
  suppressed: boolean;
  median?: number | string | null;
  percentile_90?: number | string | null;
}

export interface KpiRow extends ResultRow {
  kpi_id: string;
  currency: string | null;
  unit: string;
  provisional: boolean;
  note: string | null;
}

export interface MeasureRow extends ResultRow {
  measure_id: string;
  measure_title: string;
}

export interface HeadlineRow {
  month_year: string;
  facility_id: string;
  facility_name: string | null;
  total_charges: string | null;
  total_collections: string | null;
  net_collection_rate: number | string | null;
  days_in_ar: number | string | null;
  ar_over_90: number | string | null;
  denial_rate: number | string | null;
  clean_claim_rate: number | string | null;
  first_pass_success_rate: number | string | null;
  provisional: boolean;
  closed: boolean;
  suppressed: boolean;
}

export interface QualityRow {
  layer: string;
  table_name: string;
  rule_id: string;
  severity: string | null;
  meaning: string | null;
  row_count: number | null;
  suppressed: boolean;
}

export interface FreshnessRow {
  resource_type: string;
  last_updated: string | null;
  last_ingested_at: string | null;
  as_of: string | null;
}

export interface CloseRow {
  kpi_id: string;
  period_start: string;
  stratum_type: string;
  stratum_value: string;
  currency: string | null;
  close_version: string;
  closed_value: number | string | null;
  restated_value: number | string | null;
  difference: number | string | null;
  closed_at: string;
  suppressed: boolean;
}

interface Datasets {
  measure_results: MeasureRow;
  kpi_results: KpiRow;
  headline_kpis: HeadlineRow;
  data_quality: QualityRow;
  freshness: FreshnessRow;
  closes: CloseRow;
}

/** Most rows of one answer. */
const MOST = 1000;

export function useRows<Name extends keyof Datasets>(
  name: Name,
  parameters: Parameters = {},
  isReady = true,
): Reading<Rows<Datasets[Name]>> {
  return useReading<Rows<Datasets[Name]>>(`/v1/datasets/${name}/rows`, {
    parameters: { limit: MOST, ...parameters },
    isReady,
  });
}

/** Return the address of the same rows as CSV, with lines that say what they are. */
export function csvOf(answer: { meta: { links: { csv?: string } } }): string | undefined {
  const link = answer.meta.links.csv;
  return link === undefined ? undefined : address(link.includes("?") ? `${link}&notes=true` : `${link}?notes=true`);
}
