/** The measures: catalogue, charts and definitions. */
import type { Grain } from "@/format/dates";
import type { Unit } from "@/format/numbers";

import type { Parameters } from "./client";
import type { Series } from "./charts";
import { type Meta, type Reading, useReading } from "./reading";
import type { Figures, MeasureId, StratumFigures } from "./rows";

export type Shape = "proportion" | "rate" | "mean";

export interface MeasureSummary {
  measure_id: string;
  title: string;
  question: string;
  area: string;
  area_title: string;
  shape: Shape;
  per: number;
  denominator_unit: string;
  headline: (Figures & { grain: Grain; period_start: string | null }) | null;
  spark: Series;
  signal: Series["signal"];
  hospitals_outside: number | null;
}

export interface Definition {
  measure_id: MeasureId;
  version: string;
  title: string;
  question: string;
  numerator: string;
  denominator: string;
  exclusions: { reason: string; meaning: string }[];
  period: string;
  source: string;
  caveats: string;
  shape: Shape;
  per: number;
  denominator_unit: string;
  better: "lower" | "higher" | null;
  strata: string[];
  area: string;
  area_title: string;
  view: string;
  examples: string[];
}

export interface FunnelLimits {
  denominator: number;
  low_95: number;
  high_95: number;
  low_99_8: number;
  high_99_8: number;
}

export interface FunnelAnswer {
  grain: Grain;
  period_start: string | null;
  centre: number | null;
  curve: FunnelLimits[];
  units: (StratumFigures & { place: string | null })[];
  hidden: { stratum_value: string; stratum_label: string | null }[];
  reason: string | null;
  overdispersed: boolean;
  meta: Meta;
}

export interface StrataAnswer {
  by: string;
  grain: Grain;
  period_start: string | null;
  whole: Figures | null;
  data: StratumFigures[];
  meta: Meta;
}

export interface Catalogue {
  data: MeasureSummary[];
  meta: Meta;
}

export function useMeasures(isReady = true, parameters: Parameters = {}): Reading<Catalogue> {
  return useReading<Catalogue>("/v1/measures", { isReady, parameters });
}

export function useDefinition(id: string): Reading<Definition> {
  return useReading<Definition>(`/v1/measures/${id}`, { isPublished: false });
}

/** Return the unit of a measure's values. */
export function measureUnit(measure: { shape: Shape; per: number }): Unit {
  if (measure.shape === "mean") {
    return "days";
  }
  if (measure.shape === "proportion") {
    return "proportion";
  }
  return measure.per === 10_000 ? "per_10000" : "per_1000";
}
