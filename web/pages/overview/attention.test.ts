import { expect, test } from "vitest";

import type { Series } from "@/api/charts";

import { type Checked, sentencesOf, sentencesOfAlerts } from "./attention";

function checked(title: string, verdict: "better" | "worse" | null, hospitals_outside: number | null = null): Checked {
  const signal: Series["signal"] =
    verdict === null ? null : { period_start: "2024-10-01", signals: ["beyond_limit"], verdict };
  return { to: "/x", title, grain: "quarter", signal, hospitals_outside, spark: { points: [] } as unknown as Series };
}

test("worse comes first, and a usual figure says nothing", () => {
  const sentences = sentencesOf([checked("Stay", "better"), checked("Mortality", null), checked("Readmission", "worse")]);
  expect(sentences.map((sentence) => sentence.words)).toEqual([
    "Readmission, Q4 2024: a point beyond the limits",
    "Stay, Q4 2024: a point beyond the limits",
  ]);
});

test("hospitals outside the funnel are a sentence of their own", () => {
  expect(sentencesOf([checked("Readmission", null, 2)])[0]?.words).toBe(
    "Readmission: 2 hospitals outside the limits of chance",
  );
});

test("failures come before warnings, and each leads to its page", () => {
  const alerts = [
    { meaning: "Nothing has arrived", page: "/quality", severity: "warning" },
    { meaning: "A gate did not publish", page: "/runs", severity: "failure" },
  ];
  expect(sentencesOfAlerts(alerts)).toEqual([
    { words: "A gate did not publish", to: "/runs", tone: "worse", label: "Failure" },
    { words: "Nothing has arrived", to: "/quality", tone: "neither", label: "Warning" },
  ]);
});
