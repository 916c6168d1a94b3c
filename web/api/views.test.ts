import { expect, test } from "vitest";

import { addressOf, viewOf } from "./views";

test("a view opens the page with the filters it was saved with", () => {
  const saved = viewOf("/measures/alos", "?grain=quarter&hospital=H1&tenant=north&publication=0123456789abcdef");
  expect(saved).toEqual({ page: "/measures/alos", state: "grain=quarter&hospital=H1" });
  expect(addressOf({ ...saved, publication: null })).toBe("/measures/alos?grain=quarter&hospital=H1");
});

test("a view of one publication pins it", () => {
  expect(addressOf({ page: "/revenue", state: "", publication: "0123456789abcdef" })).toBe(
    "/revenue?publication=0123456789abcdef",
  );
});
