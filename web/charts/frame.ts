/** The drawing area of a chart: its width in pixels follows the page. */
import { type RefObject, useEffect, useRef, useState } from "react";

/** Width of a chart before it is measured, and where nothing can be measured. */
const FIRST_WIDTH = 720;
/** Below this, names stand above their marks and axes carry fewer ticks (a phone). */
const NARROW = 480;

export interface Area {
  width: number;
  isNarrow: boolean;
}

/** Return a reference for the chart's element, and the area it has. */
export function useArea(): [RefObject<HTMLDivElement | null>, Area] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(FIRST_WIDTH);
  useEffect(() => {
    const element = ref.current;
    if (element === null || typeof ResizeObserver === "undefined") {
      return;
    }
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.floor(entry?.contentRect.width ?? 0);
      if (measured > 0) {
        setWidth(measured);
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, { width, isNarrow: width < NARROW }];
}

export type Tone = "better" | "worse" | "neither";

/** Return label positions moved apart so that none covers another, in their order. */
export function apart(wanted: readonly number[], gap: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const placed = [...wanted];
  let last = Number.NEGATIVE_INFINITY;
  for (const index of order) {
    const position = Math.max(placed[index] ?? 0, last + gap);
    placed[index] = position;
    last = position;
  }
  return placed;
}
