/** Charts with one row a unit: dots with intervals, bars, ranges, and the steps of a sum. */
import { max, min } from "d3-array";

import { type ChartRow, ChartRows } from "./rows";

export interface IntervalRow extends ChartRow {
  value: number | null;
  low: number | null;
  high: number | null;
}

/** Dots with their 95 % intervals, and the whole as a line. */
export function Caterpillar(props: {
  name: string;
  rows: readonly IntervalRow[];
  whole: number | null;
  format(value: number): string;
  onOpen?: ((key: string) => void) | undefined;
}) {
  const figures = props.rows.flatMap((row) => [row.low ?? row.value, row.high ?? row.value]);
  const known = figures.concat(props.whole).filter((value): value is number => value !== null);
  const low = min(known) ?? 0;
  const high = max(known) ?? 1;
  const room = (high - low || 1) * 0.06;
  return (
    <ChartRows
      name={props.name}
      rows={props.rows}
      domain={[Math.max(0, low - room), high + room]}
      format={props.format}
      onOpen={props.onOpen}
      mark={(row, x, middle) =>
        row.value === null ? null : (
          <g>
            {row.low !== null && row.high !== null && (
              <line className="whisker" x1={x(row.low)} x2={x(row.high)} y1={middle} y2={middle} />
            )}
            <circle className="point" cx={x(row.value)} cy={middle} r={4} />
          </g>
        )
      }
      over={(x, { total }) =>
        props.whole === null ? null : (
          <line className="centre" x1={x(props.whole)} x2={x(props.whole)} y1={0} y2={total} />
        )
      }
    />
  );
}

export interface BarRow extends ChartRow {
  value: number;
  /** Running share of the whole up to this row: the Pareto line. */
  running?: number;
}

/** Bars from zero. */
export function Bars(props: {
  name: string;
  rows: readonly BarRow[];
  onOpen?: ((key: string) => void) | undefined;
}) {
  return (
    <ChartRows
      name={props.name}
      rows={props.rows}
      domain={[0, max(props.rows, (row) => row.value) || 1]}
      onOpen={props.onOpen}
      mark={(row, x, middle) => (
        <rect className="bar" x={x(0)} y={middle - 7} width={Math.max(1, x(row.value) - x(0))} height={14} />
      )}
    />
  );
}

/** Bars as shares of the whole, and the running share as a line over the same axis. */
export function Pareto(props: {
  name: string;
  rows: readonly BarRow[];
  total: number;
  onOpen?: ((key: string) => void) | undefined;
}) {
  const whole = props.total || 1;
  return (
    <ChartRows
      name={props.name}
      rows={props.rows}
      domain={[0, 1]}
      wordsWidth={176}
      onOpen={props.onOpen}
      mark={(row, x, middle) => (
        <g>
          <rect
            className="bar"
            x={x(0)}
            y={middle - 7}
            width={Math.max(1, x(row.value / whole) - x(0))}
            height={14}
          />
          {row.running !== undefined && <circle className="running" cx={x(row.running)} cy={middle} r={3} />}
        </g>
      )}
      over={(x, { row: step, middle }) => {
        const points = props.rows
          .map((row, index) =>
            row.running === undefined ? null : `${x(row.running)},${step * index + middle}`,
          )
          .filter((point) => point !== null);
        return <polyline className="running-line" points={points.join(" ")} />;
      }}
    />
  );
}

export interface RangeRow extends ChartRow {
  middle: number | null;
  far: number | null;
}

/** A middle and a far value of each row, such as the median and the 90th percentile. */
export function Ranges(props: { name: string; rows: readonly RangeRow[] }) {
  return (
    <ChartRows
      name={props.name}
      rows={props.rows}
      domain={[0, max(props.rows, (row) => row.far ?? row.middle ?? 0) || 1]}
      wordsWidth={168}
      mark={(row, x, middle) =>
        row.middle === null ? null : (
          <g>
            {row.far !== null && (
              <>
                <line className="whisker" x1={x(row.middle)} x2={x(row.far)} y1={middle} y2={middle} />
                <line className="whisker-end" x1={x(row.far)} x2={x(row.far)} y1={middle - 6} y2={middle + 6} />
              </>
            )}
            <circle className="point" cx={x(row.middle)} cy={middle} r={4} />
          </g>
        )
      }
    />
  );
}

export interface WaterfallRow extends ChartRow {
  /** What the step adds or takes; a total stands on zero. */
  change: number;
  isTotal: boolean;
}

/** The steps between two amounts; they sum to the cent, because each starts where the last ended. */
export function Waterfall(props: { name: string; rows: readonly WaterfallRow[] }) {
  let level = 0;
  const steps = new Map<string, { from: number; to: number }>();
  for (const row of props.rows) {
    const from = row.isTotal ? 0 : level;
    level = row.isTotal ? row.change : level + row.change;
    steps.set(row.key, { from, to: level });
  }
  const ends = [...steps.values()].flatMap((step) => [step.from, step.to]);
  return (
    <ChartRows
      name={props.name}
      rows={props.rows}
      domain={[Math.min(0, min(ends) ?? 0), max(ends) || 1]}
      mark={(row, x, middle) => {
        const { from, to } = steps.get(row.key) ?? { from: 0, to: 0 };
        return (
          <rect
            className={row.isTotal ? "bar total" : "bar step"}
            x={x(Math.min(from, to))}
            y={middle - 8}
            width={Math.max(1, Math.abs(x(to) - x(from)))}
            height={16}
          />
        );
      }}
    />
  );
}
