/** KPIs of the revenue cycle. */
import type { Unit } from "@/format/numbers";

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
