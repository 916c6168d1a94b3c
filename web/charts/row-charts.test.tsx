import { render } from "@testing-library/react";
import { expect, test } from "vitest";

import { Waterfall } from "./row-charts";
import { apart } from "./frame";

function box(element: Element | undefined): { from: number; to: number } {
  const from = Number(element?.getAttribute("x"));
  return { from, to: from + Number(element?.getAttribute("width")) };
}

test("each step of a waterfall begins where the one before it ended", () => {
  const rows = [
    { key: "a", label: "Charges", words: "", change: 100, isTotal: true },
    { key: "b", label: "Contractual", words: "", change: -40, isTotal: false },
    { key: "c", label: "Denied", words: "", change: -25, isTotal: false },
    { key: "d", label: "Collected", words: "", change: 35, isTotal: true },
  ];
  const { container } = render(<Waterfall name="Steps" rows={rows} />);
  const [charges, contractual, denied, collected] = [...container.querySelectorAll("rect.bar")].map(box);
  expect(contractual?.to).toBeCloseTo(charges?.to ?? 0);
  expect(denied?.to).toBeCloseTo(contractual?.from ?? 0);
  expect(collected?.to).toBeCloseTo(denied?.from ?? 0);
});

test("names at the end of lines do not cover each other and keep their order", () => {
  expect(apart([10, 12, 40], 14)).toEqual([10, 24, 40]);
});
