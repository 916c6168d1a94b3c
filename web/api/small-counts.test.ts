import { expect, test } from "vitest";

import { smallPath } from "./small-counts";

test("charts of a measure have a form with small counts, and nothing else has", () => {
  expect(smallPath("/v1/measures/alos/funnel")).toBe("/v1/evidence/measures/alos/funnel");
  expect(smallPath("/v1/measures/alos/control-chart")).toBe("/v1/evidence/measures/alos/control-chart");
  for (const path of ["/v1/measures", "/v1/measures/alos", "/v1/kpis/days_in_ar/control-chart", "/v1/measures/alos/exclusions"]) {
    expect(smallPath(path)).toBeNull();
  }
});
