/** A series the size of a word: its run, the limits, and the last point. */
import { max, min } from "d3-array";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { useId } from "react";

import type { ControlPoint } from "./control-chart";
import { Hatch, SignalMark } from "./marks";

const WIDTH = 132;
const HEIGHT = 28;

export type SparkPoint = Pick<ControlPoint, "value" | "hidden" | "lower" | "upper" | "signal">;

export function Spark({ points, name }: { points: readonly SparkPoint[]; name: string }) {
  const hatch = useId();
  const known = points
    .flatMap((point) => [point.value, point.lower, point.upper])
    .filter((value): value is number => value !== null);
  const x = (index: number) =>
    points.length < 2 ? WIDTH / 2 : 6 + (index * (WIDTH - 12)) / (points.length - 1);
  const y = scaleLinear()
    .domain([min(known) ?? 0, max(known) ?? 1])
    .range([HEIGHT - 6, 6]);
  const path = (of: (point: SparkPoint) => number | null) =>
    line<SparkPoint>()
      .defined((point) => of(point) !== null)
      .x((_, index) => x(index))
      .y((point) => y(of(point) ?? 0))(points as SparkPoint[]) ?? "";
  const lastAt = points.findLastIndex((point) => point.value !== null);
  const last = points[lastAt];
  const step = (WIDTH - 12) / Math.max(1, points.length - 1);
  return (
    <svg className="spark" width={WIDTH} height={HEIGHT} role="img" aria-label={name}>
      <Hatch id={hatch} />
      {points.map((point, index) =>
        point.hidden ? (
          <rect
            key={`${index + 1}`}
            x={points.length === 1 ? 0 : x(index) - step / 2}
            y={8}
            width={points.length === 1 ? WIDTH : step}
            height={HEIGHT - 16}
            fill={`url(#${hatch})`}
          />
        ) : null,
      )}
      <path className="limit" d={path((point) => point.upper)} />
      <path className="limit" d={path((point) => point.lower)} />
      <path className="run" d={path((point) => point.value)} />
      {last?.value != null &&
        (last.signal === null ? (
          <circle className="point" cx={x(lastAt)} cy={y(last.value)} r={2.5} />
        ) : (
          <g transform={`translate(${x(lastAt)} ${y(last.value)}) scale(0.7)`}>
            <SignalMark x={0} y={0} tone={last.signal.tone} />
          </g>
        ))}
    </svg>
  );
}
