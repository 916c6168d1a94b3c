import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { type Column, DataTable } from "./data-table";

interface Row {
  name: string;
  value: number | null;
}

const ROWS: Row[] = [
  { name: "Ashford", value: 12 },
  { name: "Bellbrook", value: null },
  { name: "Castlewood", value: 9 },
];
const COLUMNS: Column<Row>[] = [
  { key: "name", header: "Hospital", cell: (row) => row.name, sortBy: (row) => row.name },
  { key: "value", header: "Value", isNumber: true, cell: (row) => row.value ?? "hidden", sortBy: (row) => row.value },
];

function names(): (string | null)[] {
  return screen.getAllByRole("rowheader").map((cell) => cell.textContent);
}

function show(sort?: string, onSort = vi.fn()) {
  render(
    <DataTable name="Hospitals" columns={COLUMNS} rows={ROWS} rowKey={(row) => row.name} sort={sort} onSort={onSort} />,
  );
  return onSort;
}

test.each([
  [undefined, ["Ashford", "Bellbrook", "Castlewood"]],
  ["value", ["Castlewood", "Ashford", "Bellbrook"]],
  ["-value", ["Ashford", "Castlewood", "Bellbrook"]],
])("sorted by %s, hidden figures are last", (sort, expected) => {
  show(sort);
  expect(names()).toEqual(expected);
});

test("a column of figures is first sorted from the largest, then back, then as published", () => {
  const first = show();
  fireEvent.click(screen.getByRole("button", { name: "Value" }));
  expect(first).toHaveBeenCalledWith("-value");
});

test("the sorted column says so to those who do not see it", () => {
  show("-value");
  expect(screen.getByRole("columnheader", { name: /Value/ }).getAttribute("aria-sort")).toBe("descending");
});

test("the table scrolls inside a region with a name and a tab stop", () => {
  show();
  expect(screen.getByRole("region", { name: "Hospitals" }).getAttribute("tabindex")).toBe("0");
});
