import { describe, expect, test } from "vitest";

import { count, difference, figure, interval, money, moneyShort, numeric, percent } from "./numbers";

describe("percent", () => {
  test.each([
    [0.141, "14.1\u2009%"],
    [0, "0.0\u2009%"],
    [0.00994, "0.99\u2009%"],
    [1, "100.0\u2009%"],
    [-0.02, "\u22122.0\u2009%"],
  ])("writes %d with one decimal, two below 1 %%", (fraction, text) => {
    expect(percent(fraction)).toBe(text);
  });
});

describe("money", () => {
  test("is in full in tables", () => expect(money(1_240_310.5)).toBe("$1,240,310.50"));
  test("is short in headlines", () => expect(moneyShort(1_240_310.5)).toBe("$1.24\u2009M"));
  test("keeps small amounts in full", () => expect(moneyShort(9_999)).toBe("$9,999.00"));
  test("has a real minus sign", () => expect(moneyShort(-312_700)).toBe("\u2212$313\u2009k"));
  test("writes nothing as zero", () => expect(moneyShort(0)).toBe("$0"));
});

test("a missing figure is words, never zero", () => {
  expect(figure(null, "proportion")).toBe("no data");
  expect(figure(0, "proportion")).toBe("0.0\u2009%");
});

test("an interval names its unit once, with an en dash", () => {
  expect(interval(0.1267, 0.149, "proportion")).toBe("12.7\u201314.9\u2009%");
  expect(interval(null, 0.149, "proportion")).toBe("no interval");
});

test("a difference has its sign and unit", () => {
  expect(difference(0.012, "proportion")).toBe("+1.2 points");
  expect(difference(-0.4, "days")).toBe("\u22120.4 days");
});

test("a small negative number that rounds to zero has no minus sign", () => {
  expect(count(-0.2)).toBe("0");
});

test("a decimal string of the server is a number, and nothing is missing", () => {
  expect(numeric("1240310.50")).toBe(1240310.5);
  expect(numeric("")).toBeNull();
  expect(numeric(null)).toBeNull();
});
