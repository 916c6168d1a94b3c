/** KPIs of the revenue cycle. */
import type { Unit } from "@/format/numbers";

import type { Series } from "./charts";
import type { Parameters } from "./client";
import { type Reading, useReading } from "./reading";
import type { KpiRow } from "./rows";

const UNITS: Record<string, Unit> = {
  proportion: "proportion",
  money: "money",
  days: "days",
  count: "count",
};

export function unitOf(row: KpiRow | undefined): Unit {
  return UNITS[row?.unit ?? ""] ?? "ratio";
}

export interface KpiSummary {
  kpi_id: string;
  title: string;
  unit: Unit;
  spark: Series;
  signal: Series["signal"];
}

export function useKpis(isReady = true, parameters: Parameters = {}): Reading<{ data: KpiSummary[] }> {
  return useReading<{ data: KpiSummary[] }>("/v1/kpis", { isReady, parameters });
}
