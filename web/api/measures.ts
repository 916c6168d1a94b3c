/** The catalogue of measures. */
import { type Reading, type Rows, useReading } from "./reading";

export interface MeasureSummary {
  measure_id: string;
  title: string;
}

export function useMeasures(isReady = true): Reading<Rows<MeasureSummary>> {
  return useReading<Rows<MeasureSummary>>("/v1/measures", { isReady });
}
