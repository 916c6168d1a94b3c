import { expect, test } from "vitest";

import type { Row } from "@/api/rows";

import { daysBehind } from "./freshness";
import { rulesOf } from "./rules";

function rule(rule_id: string, severity: string | null, row_count: number | null): Row<"data_quality"> {
  return { layer: "silver", table_name: "claim", rule_id, severity, row_count, suppressed: row_count === null } as Row<"data_quality">;
}

test("rules stand by severity, then by rows, each with the rows of its table", () => {
  const rules = rulesOf([rule("rows", null, 200), rule("b", "warn", 10), rule("a", "warn", 40), rule("c", "reject", null)]);
  expect(rules.map((each) => [each.rule_id, each.all])).toEqual([
    ["c", 200],
    ["a", 200],
    ["b", 200],
  ]);
});

test("days behind are counted by dates, up to the date of the figures", () => {
  const row = { last_updated: "2024-12-30T23:30:00Z", as_of: "2025-01-01" } as Row<"freshness">;
  expect(daysBehind(row)).toBe(2);
  expect(daysBehind({ ...row, last_updated: null })).toBeNull();
});
