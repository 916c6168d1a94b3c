/** Rows of the declared datasets. */
import type { DatasetFilters, Datasets } from "./datasets";
import { type Meta, type Reading, type Rows, useReading } from "./reading";

export type Row<Name extends keyof Datasets> = Datasets[Name];
export type MeasureRow = Row<"measure_results">;
export type KpiRow = Row<"kpi_results">;
export type MeasureId = DatasetFilters["measure_results"]["measure_id"] & string;

/** What a figure of any subject has. */
export interface Figures {
  numerator: number | string | null;
  denominator: number | string | null;
  value: number | string | null;
  ci_low: number | string | null;
  ci_high: number | string | null;
  suppressed: boolean;
}

/** A figure of one stratum. */
export interface StratumFigures extends Figures {
  stratum_value: string;
  stratum_label: string | null;
}

/** Most rows of one answer. */
const MOST = 1000;

export function useRows<Name extends keyof Datasets>(
  name: Name,
  parameters: DatasetFilters[Name] & { limit?: number } = {},
  isReady = true,
): Reading<Rows<Datasets[Name]>> {
  return useReading<Rows<Datasets[Name]>>(`/v1/datasets/${name}/rows`, {
    parameters: { limit: MOST, ...parameters },
    isReady,
  });
}

/** Return the address of the same rows as CSV, with lines that say what they are. */
export function csvOf({ meta }: { meta: Meta }): string | undefined {
  const link = meta.links?.csv;
  return link == null ? undefined : `${link}${link.includes("?") ? "&" : "?"}notes=true`;
}
