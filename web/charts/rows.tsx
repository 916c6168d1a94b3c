/** The frame of charts with one row a unit: name at the left, mark, figure at the right. */
import { max } from "d3-array";
import { scaleLinear } from "d3-scale";
import { type ReactNode, useId } from "react";

import { t } from "@/texts";

import { Reading, useExploration } from "./explore";
import { useArea } from "./frame";
import { Hatch } from "./marks";

export interface ChartRow {
  key: string;
  label: string;
  /** The figure in words, at the right. */
  words: string;
  hidden?: boolean;
  /** Why it is hidden, where that is not its own count. */
  hiddenWords?: string;
}

interface RowsProps<Row extends ChartRow> {
  name: string;
  rows: readonly Row[];
  domain: readonly [number, number];
  /** The mark of one row, in the pixels of the row's own height. */
  mark(row: Row, x: (value: number) => number, middle: number): ReactNode;
  /** Lines over all rows, such as the whole. */
  over?: ((x: (value: number) => number, place: RowPlace) => ReactNode) | undefined;
  /** Values named at the foot; absent where the words at the right say enough. */
  format?: ((value: number) => string) | undefined;
  onOpen?: ((key: string) => void) | undefined;
  /** Pixels for the words at the right. */
  wordsWidth?: number;
}

export interface RowPlace {
  /** Height of all rows, of one row, and where its mark is within it, in pixels. */
  total: number;
  row: number;
  middle: number;
}

/** Height of the axis beneath the rows, in pixels. */
const AXIS = 24;
const ROW = 28;
const NARROW_ROW = 44;

/** Rows with a name at the left, a mark, and the figure at the right; on a phone the name is above. */
export function ChartRows<Row extends ChartRow>(props: RowsProps<Row>) {
  const { rows, domain } = props;
  const [ref, area] = useArea();
  const hatch = useId();
  const longest = max(rows, (row) => row.label.length) ?? 0;
  // 6.4 px: the mean width of a letter at 14 px; longer names are cut at a third of the chart.
  const nameWidth = area.isNarrow ? 0 : Math.min(area.width / 3, longest * 6.6 + 16);
  const wordsWidth = props.wordsWidth ?? 132;
  const height = area.isNarrow ? NARROW_ROW : ROW;
  const x = scaleLinear()
    .domain(domain)
    .range([nameWidth, Math.max(nameWidth + 40, area.width - wordsWidth)]);
  const middle = area.isNarrow ? 32 : ROW / 2;
  const total = rows.length * height;
  const foot = props.format === undefined ? 0 : AXIS;
  const exploration = useExploration({
    sentences: rows.map(
      (row) => `${row.label}: ${row.hidden === true ? (row.hiddenWords ?? t.value.hiddenRange) : row.words}`,
    ),
    positions: rows.map((_, index) => index * height + height / 2),
    axis: "y",
    onOpen: (index) => {
      const row = rows[index];
      if (row !== undefined) {
        props.onOpen?.(row.key);
      }
    },
  });
  return (
    <div ref={ref} className="chart rows">
      <div className="visually-hidden">
        <Reading spoken={exploration.spoken} />
      </div>
      <svg
        width={area.width}
        height={total + foot}
        viewBox={`0 0 ${area.width} ${total + foot}`}
        aria-label={props.name}
        {...exploration.props}
      >
        <Hatch id={hatch} />
        <g aria-hidden="true">
          {rows.map((row, index) => (
            <g key={row.key} transform={`translate(0 ${index * height})`}>
              {exploration.active === index && (
                <rect className="row-active" width={area.width} height={height} />
              )}
              <text className="row-label" x={0} y={area.isNarrow ? 14 : middle} dy="0.32em">
                {cut(row.label, area.isNarrow ? area.width - wordsWidth : nameWidth - 12)}
                <title>{row.label}</title>
              </text>
              {row.hidden === true ? (
                <rect
                  x={x(domain[0])}
                  y={middle - 6}
                  width={x(domain[1]) - x(domain[0])}
                  height={12}
                  fill={`url(#${hatch})`}
                />
              ) : (
                props.mark(row, x, middle)
              )}
              <text
                className={row.hidden === true ? "row-words hidden" : "row-words"}
                x={area.width}
                y={area.isNarrow ? 14 : middle}
                dy="0.32em"
                textAnchor="end"
              >
                {row.hidden === true ? (row.hiddenWords ?? t.value.hiddenRange) : row.words}
              </text>
            </g>
          ))}
          {props.over?.(x, { total, row: height, middle })}
        </g>
        {props.format !== undefined && (
          <g className="axis" aria-hidden="true">
            {x.ticks(area.isNarrow ? 3 : 6).map((tick) => (
              <text key={tick} x={x(tick)} y={total + 16} textAnchor="middle">
                {props.format?.(tick)}
              </text>
            ))}
          </g>
        )}
      </svg>
    </div>
  );
}

/** Return a name that fits the width, with an ellipsis where it was cut. */
function cut(name: string, width: number): string {
  const letters = Math.max(4, Math.floor(width / 6.4));
  return name.length <= letters ? name : `${name.slice(0, letters - 1).trimEnd()}\u2026`;
}
