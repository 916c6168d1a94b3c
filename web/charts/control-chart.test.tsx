import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { percent } from "@/format/numbers";

import { ControlChart, type ControlPoint } from "./control-chart";

function point(month: number, value: number | null, more: Partial<ControlPoint> = {}): ControlPoint {
  return {
    start: `2024-${String(month).padStart(2, "0")}-01`,
    value,
    hidden: value === null,
    provisional: false,
    lower: null,
    upper: null,
    counts: "31 of 191",
    signal: null,
    ...more,
  };
}

function show(points: ControlPoint[], onOpen?: (index: number) => void) {
  return render(
    <ControlChart name="Readmission" points={points} centre={null} grain="month" format={percent} onOpen={onOpen} />,
  );
}

test("arrow keys read the points aloud, Enter opens one", () => {
  const open = vi.fn();
  const signal = { tone: "worse", words: "a point beyond the limits" } as const;
  const { container } = show([point(1, 0.13), point(2, 0.162, { signal }), point(3, 0.14)], open);
  const chart = screen.getByRole("application", { name: "Readmission" });
  fireEvent.keyDown(chart, { key: "ArrowRight" });
  fireEvent.keyDown(chart, { key: "ArrowRight" });
  expect(container.querySelector("[aria-live]")?.textContent).toBe(
    "February 2024: 16.2\u2009%, 31 of 191, worse: a point beyond the limits",
  );
  fireEvent.keyDown(chart, { key: "Enter" });
  expect(open).toHaveBeenCalledWith(1);
  fireEvent.keyDown(chart, { key: "End" });
  expect(container.querySelector("[aria-live]")?.textContent).toContain("March 2024");
});

test("a hidden point is said to be hidden, is drawn as a hatch and never as zero", () => {
  const { container } = show([point(1, 0.13), point(2, null), point(3, 0.14)]);
  const chart = screen.getByRole("application");
  fireEvent.keyDown(chart, { key: "ArrowRight" });
  fireEvent.keyDown(chart, { key: "ArrowRight" });
  expect(container.querySelector("[aria-live]")?.textContent).toBe("February 2024: hidden (1\u201310)");
  expect(container.querySelectorAll("rect[fill^='url(']")).toHaveLength(1);
  expect(container.querySelectorAll("circle.point")).toHaveLength(2);
});

test("a series that is hidden as a whole is one strip with its sentence, not an empty chart", () => {
  show([point(1, null), point(2, null)]);
  expect(screen.queryByRole("application")).toBeNull();
  expect(screen.getByText(/All 2 months have a count of 1 to 10/)).toBeDefined();
});

test("a signal differs by shape, not by colour alone", () => {
  const shapes = (["worse", "better", "neither"] as const).map((tone) => {
    const { container, unmount } = show([point(1, 0.1, { signal: { tone, words: "" } }), point(2, 0.2)]);
    const shape = container.querySelector("path.signal")?.getAttribute("d");
    unmount();
    return shape;
  });
  expect(new Set(shapes).size).toBe(3);
});

test("an incomplete last period is hollow", () => {
  const { container } = show([point(1, 0.1), point(2, 0.2, { provisional: true })]);
  expect(container.querySelectorAll("circle.hollow")).toHaveLength(1);
});
