/** What the search finds: pages, and the measures that the person may read. */
import { type MeasureSummary, useMeasures } from "@/api/measures";
import { t } from "@/texts";

import { pagesOf } from "./pages";

export interface Searchable {
  label: string;
  to: string;
}

export function useSearchable(rights: readonly string[]): Searchable[] {
  const measures = useMeasures(rights.includes("quality:read"));
  return [
    ...pagesOf(rights).map((page) => ({ label: t.page[page.id], to: page.to })),
    ...(measures.data?.data ?? []).map((measure: MeasureSummary) => ({
      label: measure.title,
      to: `/measures/${measure.measure_id}`,
    })),
  ];
}
