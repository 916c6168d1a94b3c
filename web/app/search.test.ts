import { expect, test } from "vitest";

import { parseSearch, writeSearch } from "./search";

test("state survives the address, with sorted names", () => {
  const search = { sort: "-value", grain: "quarter", hospital: ["H1", "H2"] };
  const text = writeSearch(search);
  expect(text).toBe("?grain=quarter&hospital=H1&hospital=H2&sort=-value");
  expect(parseSearch(text)).toEqual(search);
});

test("unknown names and empty values are dropped", () => {
  expect(parseSearch("?hospital=&evil=javascript:alert(1)&grain=month")).toEqual({ grain: "month" });
});

test("a default leaves no trace", () => {
  expect(writeSearch({ grain: undefined, table: [] })).toBe("");
});
