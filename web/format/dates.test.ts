import { expect, test } from "vitest";

import { ago, period } from "./dates";

test.each([
  ["2024-03-01", "month", "March 2024"],
  ["2024-10-01", "quarter", "Q4 2024"],
  ["2024-01-01", "year", "2024"],
  ["2022-01-01", "all", "whole time"],
] as const)("%s by %s is %s", (start, grain, words) => {
  expect(period(start, grain)).toBe(words);
});

test("age is in the largest whole unit", () => {
  const now = new Date("2024-12-31T12:00:00Z");
  expect(ago("2024-12-31T11:48:00Z", now)).toBe("12 minutes ago");
  expect(ago("2024-12-31T02:00:00Z", now)).toBe("10 hours ago");
  expect(ago("2024-12-22T12:00:00Z", now)).toBe("9 days ago");
});
