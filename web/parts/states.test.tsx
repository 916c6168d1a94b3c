import { act, fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { Failed, Hidden, Loading, NothingFits } from "./states";

test("a skeleton shows only when an answer is slow", () => {
  vi.useFakeTimers();
  const { container } = render(<Loading />);
  expect(container.querySelector(".skeleton")).toBeNull();
  act(() => void vi.advanceTimersByTime(250));
  expect(container.querySelector(".skeleton")).not.toBeNull();
  vi.useRealTimers();
});

test("an error shows the server's words and the request to quote", () => {
  const retry = vi.fn();
  const problem = { type: "/problems/timeout", title: "Too slow", status: 504, detail: "Choose less.", instance: "8d0f" };
  render(<Failed problem={problem} onRetry={retry} />);
  expect(screen.getByRole("alert").textContent).toContain("Choose less.");
  expect(screen.getByText("8d0f")).toBeDefined();
  fireEvent.click(screen.getByRole("button"));
  expect(retry).toHaveBeenCalledOnce();
});

test("a hidden figure is a word", () => {
  render(<Hidden />);
  expect(screen.getByText("hidden (1\u201310)")).toBeDefined();
});

test("filters that exclude everything can be cleared", () => {
  const clear = vi.fn();
  render(<NothingFits onClear={clear} />);
  fireEvent.click(screen.getByRole("button", { name: "Clear the filters" }));
  expect(clear).toHaveBeenCalledOnce();
});
