/** KPIs of the revenue cycle, as series and as single figures. */
import type { ControlPoint } from "@/charts/control-chart";
import { numeric, type Unit } from "@/format/numbers";
import { countsOf } from "@/parts/value";

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

/** Return rows of one KPI in order of time, one currency only: amounts of two never mix. */
export function seriesOf(rows: readonly KpiRow[], kpi: string): KpiRow[] {
  const own = rows.filter((row) => row.kpi_id === kpi);
  const currency = own[0]?.currency ?? null;
  return own
    .filter((row) => row.currency === currency)
    .sort((a, b) => (a.period_start ?? "").localeCompare(b.period_start ?? ""));
}

/** Return the points of a run line; limits come from the server where there are any. */
export function pointsOf(rows: readonly KpiRow[]): ControlPoint[] {
  return rows.map((row) => ({
    start: row.period_start ?? "",
    value: row.suppressed ? null : numeric(row.value),
    hidden: row.suppressed,
    provisional: row.provisional,
    lower: null,
    upper: null,
    counts: row.suppressed ? "" : countsOf(row, unitOf(row), row.currency),
    signal: null,
  }));
}
