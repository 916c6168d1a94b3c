/** A series whose every point is hidden: one hatched strip and its sentence, never an empty chart. */
import { useId } from "react";

import type { Grain } from "@/format/dates";
import { t } from "@/texts";

import { Hatch } from "./marks";

export function HiddenStrip({ points, grain }: { points: number; grain: Grain }) {
  const hatch = useId();
  return (
    <div className="hidden-strip">
      <svg width="100%" height="24" aria-hidden="true">
        <Hatch id={hatch} />
        <rect width="100%" height="24" fill={`url(#${hatch})`} rx="2" />
      </svg>
      <p>{t.state.hiddenSeries(points, t.grain[grain])}</p>
    </div>
  );
}
