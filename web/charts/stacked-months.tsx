/** One stacked bar a month: amounts by age, the oldest on top, in one hue. */
import { max } from "d3-array";
import { scaleLinear } from "d3-scale";

import { period } from "@/format/dates";

import { PeriodAxis, ValueAxis } from "./axis";
import { Reading, useExploration } from "./explore";
import { apart, useArea } from "./frame";
import { periodTicks } from "./periods";

export interface Stack {
  start: string;
  /** One amount per bucket, youngest first; null where it is hidden. */
  amounts: readonly (number | null)[];
}

export interface StackedMonthsProps {
  name: string;
  buckets: readonly string[];
  stacks: readonly Stack[];
  format(value: number): string;
  formatAxis(value: number): string;
  hiddenWords: string;
  selected?: number | undefined;
  onOpen?: ((index: number) => void) | undefined;
}

export function StackedMonths(props: StackedMonthsProps) {
  const { buckets, stacks, format } = props;
  const [ref, area] = useArea();
  const height = area.isNarrow ? 260 : 320;
  const margin = { top: 12, bottom: 42, left: 60, right: area.isNarrow ? 8 : 96 };
  const end = area.width - margin.right;
  const totals = stacks.map((stack) => stack.amounts.reduce<number>((sum, a) => sum + (a ?? 0), 0));
  const y = scaleLinear()
    .domain([0, max(totals) || 1])
    .nice(4)
    .range([height - margin.bottom, margin.top]);
  const step = (end - margin.left) / Math.max(1, stacks.length);
  const x = (index: number) => margin.left + step * (index + 0.5);
  const exploration = useExploration({
    sentences: stacks.map((stack, index) => {
      const parts = buckets.map((bucket, at) => {
        const amount = stack.amounts[at];
        return `${bucket} ${amount == null ? props.hiddenWords : format(amount)}`;
      });
      return `${period(stack.start, "month")}: ${format(totals[index] ?? 0)}; ${parts.join(", ")}`;
    }),
    positions: stacks.map((_, index) => x(index)),
    onOpen: props.onOpen,
  });
  const last = stacks.at(-1);
  let foot = 0;
  const names = buckets.map((bucket, at) => {
    const amount = last?.amounts[at] ?? 0;
    foot += amount;
    return { bucket, at: y(foot - amount / 2) };
  });
  // The oldest bucket is on top, so names are moved apart from the top down.
  const nameAt = apart(
    names.map((name) => name.at),
    15,
  );
  return (
    <div ref={ref} className="chart">
      <Reading spoken={exploration.spoken} />
      <svg
        width={area.width}
        height={height}
        viewBox={`0 0 ${area.width} ${height}`}
        aria-label={props.name}
        {...exploration.props}
      >
        <ValueAxis scale={y} left={margin.left} right={end} ticks={4} format={props.formatAxis} />
        <PeriodAxis
          ticks={periodTicks(stacks.map((s) => s.start), "month", x, end - margin.left)}
          y={height - margin.bottom}
        />
        <g aria-hidden="true">
          {stacks.map((stack, index) => {
            let level = 0;
            const isOn = exploration.active === index || props.selected === index;
            return (
              <g key={stack.start} className={isOn ? "stack on" : "stack"}>
                {stack.amounts.map((amount, at) => {
                  const from = level;
                  level += amount ?? 0;
                  return (
                    <rect
                      key={buckets[at]}
                      className={`step-${at + 1}`}
                      x={x(index) - step * 0.36}
                      width={step * 0.72}
                      y={y(level)}
                      height={Math.max(0, y(from) - y(level))}
                    />
                  );
                })}
              </g>
            );
          })}
          {!area.isNarrow &&
            names.map((name, index) => (
              <g key={name.bucket} transform={`translate(${end + 8} ${nameAt[index]})`}>
                <rect className={`step-${index + 1}`} y={-5} width={10} height={10} />
                <text className="name" x={16} dy="0.32em">
                  {name.bucket}
                </text>
              </g>
            ))}
        </g>
      </svg>
      {area.isNarrow && (
        <ul className="keys note">
          {buckets.map((bucket, index) => (
            <li key={bucket}>
              <svg width="10" height="10" aria-hidden="true">
                <rect className={`step-${index + 1}`} width="10" height="10" />
              </svg>
              {bucket}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
