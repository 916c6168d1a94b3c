/** Units by size and rate, with the limits within which chance alone would put them. */
import { extent, max, min } from "d3-array";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";

import { percent } from "@/format/numbers";
import { t } from "@/texts";

import { ValueAxis } from "./axis";
import { Reading, useExploration } from "./explore";
import { apart, type Tone, useArea } from "./frame";
import { POINT, SignalMark } from "./marks";

export interface FunnelUnit {
  id: string;
  label: string;
  denominator: number | null;
  value: number | null;
  hidden: boolean;
  /** Outside the outer limits, and which side that is; null within them. */
  tone: Tone | null;
  counts: string;
}

export interface FunnelLimit {
  denominator: number;
  low95: number | null;
  high95: number | null;
  low998: number | null;
  high998: number | null;
}

export interface FunnelProps {
  name: string;
  units: readonly FunnelUnit[];
  limits: readonly FunnelLimit[];
  pooled: number | null;
  format(value: number): string;
  formatSize(value: number): string;
  sizeName: string;
  selected?: string | undefined;
  onOpen?: ((id: string) => void) | undefined;
}

/** Share of units outside the outer limits above which the funnel says that chance is not enough. */
const OVERDISPERSED = 0.1;

type Shown = FunnelUnit & { value: number; denominator: number };

function isShown(unit: FunnelUnit): unit is Shown {
  return unit.value !== null && unit.denominator !== null;
}

export function Funnel(props: FunnelProps) {
  const [ref, area] = useArea();
  const shown = props.units.filter(isShown).sort((a, b) => a.denominator - b.denominator);
  const hidden = props.units.filter((unit) => unit.hidden);
  const outside = shown.filter((unit) => unit.tone !== null);
  const share = shown.length === 0 ? 0 : outside.length / shown.length;
  return (
    <div ref={ref} className="chart">
      {shown.length > 0 && (
        <Plot {...props} shown={shown} width={area.width} isNarrow={area.isNarrow} />
      )}
      {share > OVERDISPERSED && shown.length >= 10 && (
        <p className="note">{t.chart.over(percent(share))}</p>
      )}
      {area.isNarrow && outside.length > 0 && (
        <ul className="note">
          {outside.map((unit) => (
            <li key={unit.id}>{`${unit.label}: ${props.format(unit.value)}, ${t.chart.outside}`}</li>
          ))}
        </ul>
      )}
      {hidden.length > 0 && (
        <p className="note">{t.chart.notDrawn(hidden.map((unit) => unit.label).join(", "))}</p>
      )}
    </div>
  );
}

function Plot(props: FunnelProps & { shown: readonly Shown[]; width: number; isNarrow: boolean }) {
  const { shown, limits, pooled, format, width, isNarrow } = props;
  const height = isNarrow ? 260 : 320;
  const margin = { top: 12, bottom: 44, left: 52, right: isNarrow ? 16 : 148 };
  const end = width - margin.right;
  const sizes = shown.map((unit) => unit.denominator);
  const x = scaleLinear()
    .domain([0, (max(sizes) ?? 1) * 1.06])
    .range([margin.left, end]);
  const values = shown.map((unit) => unit.value);
  const near = limits.filter((limit) => limit.denominator >= (min(sizes) ?? 0) * 0.6);
  const bounds = near.flatMap((limit) => [limit.low998, limit.high998]);
  const [low, high] = extent([...values, ...bounds.filter((b): b is number => b !== null)]);
  const y = scaleLinear()
    .domain([Math.max(0, low ?? 0), high ?? 1])
    .nice(4)
    .range([height - margin.bottom, margin.top]);
  const curve = (limit: (row: FunnelLimit) => number | null) =>
    line<FunnelLimit>()
      .defined((row) => limit(row) !== null)
      .x((row) => x(row.denominator))
      .y((row) => y(limit(row) ?? 0))(near as FunnelLimit[]) ?? "";
  const exploration = useExploration({
    sentences: shown.map((unit) =>
      [
        `${unit.label}: ${format(unit.value)}`,
        unit.counts,
        unit.tone === null ? t.chart.inside : `${t.chart.outside}, ${t.tone[unit.tone]}`,
      ].join(", "),
    ),
    positions: shown.map((unit) => x(unit.denominator)),
    onOpen: (index) => {
      const unit = shown[index];
      if (unit !== undefined) {
        props.onOpen?.(unit.id);
      }
    },
  });
  const last = near.at(-1);
  const names = [
    { words: `${t.chart.limits998}`, at: last?.high998 },
    { words: `${t.chart.limits95}`, at: last?.high95 },
    { words: pooled === null ? "" : `${t.chart.whole} ${format(pooled)}`, at: pooled },
    { words: `${t.chart.limits95}`, at: last?.low95 },
    { words: `${t.chart.limits998}`, at: last?.low998 },
  ].filter((name) => name.at != null && name.words !== "");
  const nameAt = apart(
    names.map((name) => y(name.at ?? 0)),
    14,
  );
  return (
    <>
      <Reading spoken={exploration.spoken} />
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        aria-label={props.name}
        {...exploration.props}
      >
        <ValueAxis scale={y} left={margin.left} right={end} ticks={4} format={format} />
        <g className="axis" aria-hidden="true">
          {x.ticks(isNarrow ? 3 : 6).map((tick) => (
            <text key={tick} x={x(tick)} y={height - margin.bottom + 17} textAnchor="middle">
              {props.formatSize(tick)}
            </text>
          ))}
          <text x={end} y={height - 6} textAnchor="end">
            {props.sizeName}
          </text>
        </g>
        <g aria-hidden="true">
          <path className="limit outer" d={curve((row) => row.high998)} />
          <path className="limit outer" d={curve((row) => row.low998)} />
          <path className="limit" d={curve((row) => row.high95)} />
          <path className="limit" d={curve((row) => row.low95)} />
          {pooled !== null && (
            <line className="centre" x1={margin.left} x2={end} y1={y(pooled)} y2={y(pooled)} />
          )}
          {shown.map((unit, index) => {
            const at = { x: x(unit.denominator), y: y(unit.value) };
            const isNamed = unit.tone !== null || unit.id === props.selected;
            return (
              <g key={unit.id}>
                {unit.tone === null ? (
                  <circle className="point" cx={at.x} cy={at.y} r={POINT} />
                ) : (
                  <SignalMark x={at.x} y={at.y} tone={unit.tone} />
                )}
                {isNamed && !isNarrow && (
                  <text
                    className="name"
                    x={at.x + (at.x > end - 120 ? -10 : 10)}
                    y={at.y - 8}
                    textAnchor={at.x > end - 120 ? "end" : "start"}
                  >
                    {unit.label}
                  </text>
                )}
                {(exploration.active === index || unit.id === props.selected) && (
                  <circle className="ring" cx={at.x} cy={at.y} r={9} />
                )}
              </g>
            );
          })}
          {!isNarrow &&
            names.map((name, index) => (
              <text key={`${name.words}-${name.at}`} className="name" x={end + 8} y={nameAt[index]} dy="0.32em">
                {name.words}
              </text>
            ))}
        </g>
      </svg>
    </>
  );
}
