/** Axes: hairlines and few words. */
import type { ScaleLinear } from "d3-scale";

export interface ValueAxisProps {
  scale: ScaleLinear<number, number>;
  left: number;
  right: number;
  ticks: number;
  format(value: number): string;
}

/** Horizontal hairlines with their values at the left. */
export function ValueAxis({ scale, left, right, ticks, format }: ValueAxisProps) {
  return (
    <g className="axis" aria-hidden="true">
      {scale.ticks(ticks).map((tick) => (
        <g key={tick} transform={`translate(0 ${scale(tick)})`}>
          <line x1={left} x2={right} className={tick === 0 ? "zero" : "grid"} />
          <text x={left - 8} dy="0.32em" textAnchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
    </g>
  );
}

export interface PeriodTick {
  x: number;
  label: string;
  /** The year, where it begins; written on a second line. */
  year?: string | undefined;
}

/** Period names along the foot. */
export function PeriodAxis({ ticks, y }: { ticks: readonly PeriodTick[]; y: number }) {
  return (
    <g className="axis" aria-hidden="true">
      {ticks.map((tick) => (
        <g key={tick.x} transform={`translate(${tick.x} ${y})`}>
          <line y1={0} y2={4} className="tick" />
          <text y={17} textAnchor="middle">
            {tick.label}
          </text>
          {tick.year !== undefined && (
            <text y={32} textAnchor="middle">
              {tick.year}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}
