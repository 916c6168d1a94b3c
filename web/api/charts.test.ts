import { expect, test } from "vitest";

import { type ChartPoint, controlPoints, findingOf, reasonInWords, type Series } from "./charts";

function point(start: string, more: Partial<ChartPoint> = {}): ChartPoint {
  return {
    period_start: start, period_end: null, numerator: 31, denominator: 191, value: 0.162,
    ci_low: null, ci_high: null, suppressed: false, partial: false, low: 0.1, high: 0.15,
    signals: [], verdict: null, ...more,
  };
}

function series(points: ChartPoint[], more: Partial<Series> = {}): Series {
  return { kind: "p", centre: 0.13, reason: null, hidden: 0, points, signal: null, ...more };
}

test("a series without limits has a reason in words and no finding", () => {
  const hidden = series([point("2024-01-01", { suppressed: true, value: null })], { reason: "hidden_points", hidden: 1 });
  expect(reasonInWords(hidden)).toContain("1 of 1 points are hidden");
  expect(findingOf(hidden, "month")).toBeNull();
});

test("one unusual period is named, several are counted, none is said", () => {
  const unusual = point("2024-03-01", { signals: ["beyond_limit"], verdict: "worse" });
  expect(findingOf(series([point("2024-02-01"), unusual]), "month")).toBe("March 2024 is unusual");
  expect(findingOf(series([unusual, unusual]), "month")).toBe("2 of 2 months are unusual");
  expect(findingOf(series([point("2024-02-01")]), "month")).toBe("no month is unusual");
});

test("a hidden point has no value and no counts", () => {
  const [drawn] = controlPoints(series([point("2024-01-01", { suppressed: true })]), "proportion");
  expect(drawn).toMatchObject({ value: null, hidden: true, counts: "" });
});

test("counts say what they count", () => {
  const [drawn] = controlPoints(series([point("2024-01-01")]), "per_1000", null, "patient days");
  expect(drawn?.counts).toBe("31 in 191 patient days");
});
