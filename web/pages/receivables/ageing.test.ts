import { expect, test } from "vitest";

import type { KpiRow } from "@/api/rows";

import { stacksOf } from "./ageing";

function row(period_start: string, stratum_value: string, numerator: string | null): KpiRow {
  return { period_start, stratum_value, numerator, suppressed: numerator === null } as KpiRow;
}

test("a month has its buckets in order of age: nothing owed is zero, hidden is not", () => {
  const stacks = stacksOf([row("2024-02-01", "121+", "9.50"), row("2024-02-01", "31-60", null), row("2024-01-01", "0-30", "4.00")]);
  expect(stacks).toEqual([
    { start: "2024-01-01", amounts: [4, 0, 0, 0, 0] },
    { start: "2024-02-01", amounts: [0, null, 0, 0, 9.5] },
  ]);
});
