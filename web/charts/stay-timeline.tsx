/** One stay, the days after it that the measure looks at, and the admission that counts. */
import { scaleUtc } from "d3-scale";

import { t } from "@/texts";

import { useArea } from "./frame";

export interface StayTimelineProps {
  admitted: string;
  discharged: string;
  /** Days after discharge that the measure looks at. */
  window: number;
  outcome: string | null;
}

const DAY = 86_400_000;
const HEIGHT = 64;

function time(date: string): number {
  return Date.parse(date.slice(0, 10));
}

export function StayTimeline({ admitted, discharged, window, outcome }: StayTimelineProps) {
  const [ref, area] = useArea();
  const end = time(discharged) + window * DAY;
  const last = Math.max(end, outcome === null ? 0 : time(outcome));
  const x = scaleUtc()
    .domain([time(admitted) - DAY, last + DAY])
    .range([4, area.width - 4]);
  const words = [
    t.evidence.stay(admitted.slice(0, 10), discharged.slice(0, 10)),
    t.evidence.window(window),
    outcome === null ? t.evidence.noOutcome : t.evidence.outcome(outcome.slice(0, 10)),
  ].join("; ");
  return (
    <div ref={ref} className="chart">
      <svg width={area.width} height={HEIGHT} role="img" aria-label={words}>
        <line className="centre" x1={0} x2={area.width} y1={26} y2={26} />
        <rect className="row-active" x={x(time(discharged))} y={16} width={x(end) - x(time(discharged))} height={20} />
        <rect className="bar" x={x(time(admitted))} y={18} width={Math.max(3, x(time(discharged)) - x(time(admitted)))} height={16} />
        {outcome !== null && <path className="signal worse" d="M0 -8L7 6H-7Z" transform={`translate(${x(time(outcome))} 28)`} />}
        <text x={x(time(admitted))} y={54} textAnchor="start">
          {admitted.slice(0, 10)}
        </text>
        <text x={x(end)} y={54} textAnchor="end">
          {t.evidence.days(window)}
        </text>
        {outcome !== null && (
          <text x={x(time(outcome))} y={12} textAnchor={x(time(outcome)) > area.width / 2 ? "end" : "start"}>
            {outcome.slice(0, 10)}
          </text>
        )}
      </svg>
    </div>
  );
}
