/** A measure over time with the limits of chance. Limits and signals come from the server. */
import { max, min } from "d3-array";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { useId } from "react";

import type { Grain } from "@/format/dates";
import { period } from "@/format/dates";
import { t } from "@/texts";

import { PeriodAxis, ValueAxis } from "./axis";
import { Reading, useExploration } from "./explore";
import { apart, type Tone, useArea } from "./frame";
import { HiddenStrip } from "./hidden-strip";
import { Hatch, POINT, SignalMark } from "./marks";
import { periodTicks } from "./periods";

export interface ControlPoint {
  start: string;
  value: number | null;
  hidden: boolean;
  provisional: boolean;
  lower: number | null;
  upper: number | null;
  /** Said after the value: numerator of denominator. */
  counts: string;
  signal: { tone: Tone; words: string } | null;
}

export interface ControlChartProps {
  name: string;
  points: readonly ControlPoint[];
  centre: number | null;
  grain: Grain;
  format(value: number): string;
  /** Why there are no limits, in words; shown above the chart. */
  reason?: string | undefined;
  height?: number;
  onOpen?: ((index: number) => void) | undefined;
  selected?: number | undefined;
}

/** Return what is said of a point. */
export function pointSentence(point: ControlPoint, grain: Grain, format: (v: number) => string) {
  const label = period(point.start, grain);
  if (point.hidden) {
    return t.chart.hiddenPoint(label);
  }
  if (point.value === null) {
    return `${label}: ${t.value.none}`;
  }
  const parts = [`${label}: ${format(point.value)}`, point.counts];
  if (point.provisional) {
    parts.push(t.chart.provisional);
  }
  if (point.signal !== null) {
    parts.push(t.chart.signal(t.tone[point.signal.tone], point.signal.words));
  }
  return parts.filter((part) => part !== "").join(", ");
}

/** Return the path of a limit, stepped where denominators vary. */
function stepped(
  points: readonly ControlPoint[],
  limit: (point: ControlPoint) => number | null,
  x: (index: number) => number,
  y: (value: number) => number,
  half: number,
): string {
  let path = "";
  let isOpen = false;
  points.forEach((point, index) => {
    const value = limit(point);
    if (value === null) {
      isOpen = false;
      return;
    }
    path += `${isOpen ? "V" : `M${x(index) - half} `}${y(value)}H${x(index) + half}`;
    isOpen = true;
  });
  return path;
}

export function ControlChart(props: ControlChartProps) {
  const [ref, area] = useArea();
  const isAllHidden = props.points.length > 0 && props.points.every((point) => point.hidden);
  return (
    <div ref={ref} className="chart">
      {isAllHidden ? (
        <HiddenStrip points={props.points.length} grain={props.grain} />
      ) : (
        <Plot {...props} width={area.width} isNarrow={area.isNarrow} />
      )}
    </div>
  );
}

function Plot(props: ControlChartProps & { width: number; isNarrow: boolean }) {
  const { points, centre, grain, format, width, isNarrow } = props;
  const height = props.height ?? (isNarrow ? 240 : 300);
  const hatch = useId();
  const hasLimits = points.some((point) => point.upper !== null);
  const margin = {
    top: 12,
    bottom: grain === "year" || grain === "all" ? 28 : 42,
    left: 52,
    right: centre === null ? 16 : isNarrow ? 12 : 124,
  };
  const figures = points.flatMap((p) => [p.value, p.lower, p.upper]).concat(centre);
  const known = figures.filter((value): value is number => value !== null);
  const low = min(known) ?? 0;
  const high = max(known) ?? 1;
  const room = (high - low || Math.abs(high) || 1) * 0.12;
  const y = scaleLinear()
    .domain([low >= 0 ? Math.max(0, low - room) : low - room, high + room])
    .nice(4)
    .range([height - margin.bottom, margin.top]);
  const step = (width - margin.left - margin.right) / Math.max(1, points.length);
  const x = (index: number) => margin.left + step * (index + 0.5);
  const exploration = useExploration({
    sentences: points.map((point) => pointSentence(point, grain, format)),
    positions: points.map((_, index) => x(index)),
    onOpen: props.onOpen,
  });
  const drawn = line<ControlPoint>()
    .defined((point) => point.value !== null && !point.provisional)
    .x((_, index) => x(index))
    .y((point) => y(point.value ?? 0));
  const last = points.at(-1);
  const before = points.at(-2);
  const limited = points.findLast((point) => point.upper !== null || point.lower !== null);
  const end = width - margin.right;
  const names: { words: string; at: number }[] = [];
  if (centre !== null) {
    names.push({ words: `${t.chart.mean} ${format(centre)}`, at: y(centre) });
  }
  if (limited?.upper != null) {
    names.push({ words: `${t.chart.upper} ${format(limited.upper)}`, at: y(limited.upper) });
  }
  if (limited?.lower != null) {
    names.push({ words: `${t.chart.lower} ${format(limited.lower)}`, at: y(limited.lower) });
  }
  const nameAt = apart(
    names.map((name) => name.at),
    15,
  );
  return (
    <>
      <Reading spoken={exploration.spoken} rest={props.reason} />
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        aria-label={props.name}
        {...exploration.props}
      >
        <Hatch id={hatch} />
        <ValueAxis scale={y} left={margin.left} right={end} ticks={4} format={format} />
        <PeriodAxis
          ticks={periodTicks(points.map((point) => point.start), grain, x, end - margin.left)}
          y={height - margin.bottom}
        />
        <g aria-hidden="true">
          {points.map((point, index) =>
            point.hidden ? (
              <rect
                key={point.start}
                x={x(index) - step / 2 + 1}
                width={Math.max(2, step - 2)}
                y={margin.top}
                height={height - margin.top - margin.bottom}
                fill={`url(#${hatch})`}
              />
            ) : null,
          )}
          {hasLimits && (
            <>
              <path className="limit" d={stepped(points, (p) => p.upper, x, y, step / 2)} />
              <path className="limit" d={stepped(points, (p) => p.lower, x, y, step / 2)} />
            </>
          )}
          {centre !== null && (
            <line className="centre" x1={margin.left} x2={end} y1={y(centre)} y2={y(centre)} />
          )}
          <path className="run" d={drawn(points as ControlPoint[]) ?? ""} />
          {last?.provisional === true && last.value !== null && before?.value != null && (
            <line
              className="run provisional"
              x1={x(points.length - 2)}
              y1={y(before.value)}
              x2={x(points.length - 1)}
              y2={y(last.value)}
            />
          )}
          {points.map((point, index) =>
            point.value === null ? null : point.signal !== null ? (
              <SignalMark key={point.start} x={x(index)} y={y(point.value)} tone={point.signal.tone} />
            ) : (
              <circle
                key={point.start}
                className={point.provisional ? "point hollow" : "point"}
                cx={x(index)}
                cy={y(point.value)}
                r={Math.min(POINT, Math.max(2, step / 4))}
              />
            ),
          )}
          {[exploration.active, props.selected].map((index) => {
            const point = index === null || index === undefined ? undefined : points[index];
            return point?.value == null || index == null ? null : (
              <circle key={`on-${index}`} className="ring" cx={x(index)} cy={y(point.value)} r={9} />
            );
          })}
          {!isNarrow &&
            names.map((name, index) => (
              <text key={name.words} className="name" x={end + 8} y={nameAt[index]} dy="0.32em">
                {name.words}
              </text>
            ))}
        </g>
      </svg>
      {isNarrow && names.length > 0 && (
        <p className="note">{names.map((name) => name.words).join(" \u00b7 ")}</p>
      )}
    </>
  );
}
