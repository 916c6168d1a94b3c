/** Which period names fit under a chart. */
import { type Grain, shortPeriod, year } from "@/format/dates";

import type { PeriodTick } from "./axis";

/** Room of one name, in pixels: "2024" or "Mar" at 12 px with air beside it. */
const NAME_WIDTH = 44;

/** Return ticks for evenly chosen periods, with the year where it changes. */
export function periodTicks(
  starts: readonly string[],
  grain: Grain,
  x: (index: number) => number,
  width: number,
): PeriodTick[] {
  const room = Math.max(1, Math.floor(width / NAME_WIDTH));
  const fits = [1, 2, 3, 6, 12, 24, 60].find((step) => starts.length / step <= room) ?? 120;
  const ticks: PeriodTick[] = [];
  let shownYear: number | null = null;
  starts.forEach((start, index) => {
    if (index % fits !== 0) {
      return;
    }
    const tick: PeriodTick = { x: x(index), label: shortPeriod(start, grain) };
    if (grain !== "year" && grain !== "all" && year(start) !== shownYear) {
      shownYear = year(start);
      tick.year = String(shownYear);
    }
    ticks.push(tick);
  });
  return ticks;
}
