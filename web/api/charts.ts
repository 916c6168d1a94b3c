/** Charts that the server computes: limits and signals come from there, never from the page. */
import type { ControlPoint } from "@/charts/control-chart";
import type { Tone } from "@/charts/frame";
import { type Grain, period } from "@/format/dates";
import { numeric, type Unit } from "@/format/numbers";
import { countsOf } from "@/parts/value";
import { t } from "@/texts";

import type { Meta } from "./reading";
import type { Figures } from "./rows";

export type Rule = keyof typeof t.rule;
export type Reason = "hidden_points" | "few_points" | "no_denominators";

export interface ChartPoint extends Figures {
  period_start: string | null;
  period_end: string | null;
  partial: boolean;
  low: number | null;
  high: number | null;
  signals: Rule[];
  verdict: Tone | null;
}

export interface Series {
  kind: "p" | "u" | "xmr";
  centre: number | null;
  reason: Reason | null;
  hidden: number;
  points: ChartPoint[];
  signal: { period_start: string; signals: Rule[]; verdict: Tone | null } | null;
}

export interface ChartAnswer extends Series {
  title: string;
  grain: Grain;
  label: string | null;
  currency?: string | null;
  offers: { grain: Grain | null; all_hospitals?: boolean; small_counts?: boolean; all_facilities?: boolean };
  meta: Meta;
}

export function rulesInWords(rules: readonly Rule[]): string {
  return rules.map((rule) => t.rule[rule]).join("; ");
}

/** Return the points as the chart draws them. */
export function controlPoints(series: Series, unit: Unit, currency?: string | null, of?: string): ControlPoint[] {
  return series.points.map((point) => ({
    start: point.period_start ?? "",
    value: point.suppressed ? null : numeric(point.value),
    hidden: point.suppressed,
    provisional: point.partial,
    lower: point.low,
    upper: point.high,
    counts: point.suppressed ? "" : countsOf(point, unit, currency, of),
    signal:
      point.signals.length === 0
        ? null
        : { tone: point.verdict ?? "neither", words: rulesInWords(point.signals) },
  }));
}

/** Return why a chart has no limits, in words; undefined where it has. */
export function reasonInWords(series: Series): string | undefined {
  switch (series.reason) {
    case "hidden_points":
      return t.state.partHidden(series.hidden, series.points.length);
    case "few_points":
      return t.state.fewPoints(series.points.length);
    case "no_denominators":
      return t.state.noDenominators;
    case null:
      return undefined;
  }
}

/** Return the finding where one is certain: unusual periods, or none; else null. */
export function findingOf(series: Series, grain: Grain): string | null {
  if (series.reason !== null || series.points.length === 0) {
    return null;
  }
  const unusual = series.points.filter((point) => point.signals.length > 0);
  const last = unusual.at(-1);
  if (last === undefined) {
    return t.measure.stable(t.grain[grain]);
  }
  return unusual.length === 1
    ? t.measure.unusual(period(last.period_start ?? "", grain))
    : t.measure.unusualMany(unusual.length, series.points.length, t.grain[grain]);
}
