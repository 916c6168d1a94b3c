import { expect, test } from "vitest";

import { workbookOf } from "./workbook-of";

test("a workbook is beside the CSV, with the same filters", () => {
  expect(workbookOf("/v1/freshness.csv?notes=true")).toBe("/v1/freshness.xlsx");
  expect(workbookOf("/v1/measures/alos/results.csv?by=overall&grain=month&notes=true")).toBe(
    "/v1/measures/alos/results.xlsx?by=overall&grain=month",
  );
});
