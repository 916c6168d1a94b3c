import { expect, test } from "vitest";

import type { KpiRow } from "@/api/rows";

import { paretoOf } from "./reasons";

function row(stratum_value: string, value: string | null): KpiRow {
  return { stratum_value, stratum_label: null, value, currency: "USD", suppressed: value === null } as KpiRow;
}

test("reasons are sorted by amount, with running shares of what is shown", () => {
  const { bars, total } = paretoOf([row("b", "25.00"), row("a", "75.00"), row("c", null)], (each) => each.stratum_value);
  expect(total).toBe(100);
  expect(bars.map((bar) => [bar.key, bar.running])).toEqual([
    ["a", 0.75],
    ["b", 1],
  ]);
});
