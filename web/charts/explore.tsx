/** Reading a chart point by point: one tab stop, arrow keys, and a voice that says each point. */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";

import { t } from "@/texts";

export interface Exploration {
  /** The point that is read, or null before the first. */
  active: number | null;
  spoken: string;
  props: {
    tabIndex: 0;
    role: "application";
    "aria-roledescription": string;
    "aria-description": string;
    onKeyDown(event: KeyboardEvent): void;
    onBlur(): void;
    onPointerMove(event: PointerEvent<SVGSVGElement>): void;
    onPointerLeave(): void;
    onClick(): void;
  };
}

export interface Explored {
  /** What is said of each point. */
  sentences: readonly string[];
  /** Where each point is on the axis that the arrow keys follow, in pixels. */
  positions: readonly number[];
  axis?: "x" | "y";
  onOpen?: ((index: number) => void) | undefined;
}

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function nearest(positions: readonly number[], at: number): number | null {
  let best: number | null = null;
  positions.forEach((position, index) => {
    if (best === null || Math.abs(position - at) < Math.abs((positions[best] ?? 0) - at)) {
      best = index;
    }
  });
  return best;
}

/** Return the next point after a key, or null when the key does not move. */
export function moved(key: string, active: number | null, points: number): number | null {
  if (points === 0) {
    return null;
  }
  if (key === "Home") {
    return 0;
  }
  if (key === "End") {
    return points - 1;
  }
  const step = STEPS[key];
  if (step === undefined) {
    return null;
  }
  const from = active ?? (step > 0 ? -1 : points);
  return Math.min(points - 1, Math.max(0, from + step));
}

export function useExploration({ sentences, positions, axis = "x", onOpen }: Explored): Exploration {
  const [active, setActive] = useState<number | null>(null);
  const open = () => {
    if (active !== null) {
      onOpen?.(active);
    }
  };
  return {
    active,
    spoken: active === null ? "" : (sentences[active] ?? ""),
    props: {
      tabIndex: 0,
      role: "application",
      "aria-roledescription": t.figure.kind,
      "aria-description": t.figure.explore,
      onKeyDown(event) {
        const next = moved(event.key, active, sentences.length);
        if (next !== null) {
          event.preventDefault();
          setActive(next);
        } else if (event.key === "Enter") {
          open();
        } else if (event.key === "Escape") {
          setActive(null);
        }
      },
      onBlur: () => setActive(null),
      onPointerMove(event) {
        const box = event.currentTarget.getBoundingClientRect();
        const at = axis === "x" ? event.clientX - box.left : event.clientY - box.top;
        setActive(nearest(positions, at));
      },
      onPointerLeave: () => setActive(null),
      onClick: open,
    },
  };
}

/** The sentence of the point that is read: seen above the chart, and said aloud. */
export function Reading({ spoken, rest }: { spoken: string; rest?: ReactNode }) {
  return (
    <p className="reading" aria-live="polite">
      {spoken === "" ? rest : spoken}
    </p>
  );
}
