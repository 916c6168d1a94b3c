import { expect, test } from "vitest";

import { brokenIntoLines } from "./source-lines";

test("a line becomes lines, and no sign of it is changed", () => {
  const text = '{"a":1.0,"b":["x,{\\"]}",12345678901234567890]}';
  const lines = brokenIntoLines(text);
  expect(lines).toBe('{\n  "a":1.0,\n  "b":[\n    "x,{\\"]}",\n    12345678901234567890\n  ]\n}');
  expect(lines.replaceAll(/\n */g, "")).toBe(text);
});

test("a text of several lines stays as it was sent", () => {
  expect(brokenIntoLines('{\n "a": 1 }')).toBe('{\n "a": 1 }');
});
