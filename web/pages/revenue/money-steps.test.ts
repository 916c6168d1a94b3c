import { expect, test } from "vitest";

import type { KpiRow } from "@/api/rows";

import { stepsOf } from "./money-steps";

function row(numerator: string | null, denominator: string | null): KpiRow {
  return { numerator, denominator, currency: "USD", suppressed: numerator === null } as KpiRow;
}

test("the steps from charges to collections sum to the cent", () => {
  const steps = stepsOf(row("51063195.33", "131768909.00"), row("51063195.33", "70604126.81"));
  expect(steps?.map((step) => [step.key, step.change])).toEqual([
    ["charges", 131768909],
    ["reduced", -61164782.19],
    ["expected", 70604126.81],
    ["uncollected", -19540931.48],
    ["collected", 51063195.33],
  ]);
});

test("there are no steps where a part is hidden", () => {
  expect(stepsOf(row(null, null), row("1.00", "2.00"))).toBeNull();
  expect(stepsOf(undefined, undefined)).toBeNull();
});
