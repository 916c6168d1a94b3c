/** Scopes that several pages offer, and what they mean to the API. */
import { useReading } from "@/api/reading";
import { useRows } from "@/api/rows";
import type { Grain } from "@/format/dates";
import { GRAINS } from "@/format/dates";
import type { Choice } from "@/parts/scope-bar";
import { t } from "@/texts";

import type { PublicationAnswer } from "./data-line";
import { type Search, useAddress } from "./search";
import { useRight } from "./viewer";

export const WHOLE = "all";
/** Years offered, the year of the newest data first. */
const YEARS = 5;

export interface Period {
  from?: string;
  to?: string;
}

/** Return the dates of a chosen period: a year, or everything. */
export function datesOf(period: string | undefined): Period {
  if (period === undefined || !/^\d{4}$/.test(period)) {
    return {};
  }
  return { from: `${period}-01-01`, to: `${Number(period) + 1}-01-01` };
}

export function usePeriodChoice(): Choice {
  const publication = useReading<PublicationAnswer>("/v1/publication");
  const last = Number((publication.data?.as_of ?? "").slice(0, 4));
  const years = Number.isNaN(last) || last === 0 ? [] : Array.from({ length: YEARS }, (_, back) => String(last - back));
  return {
    name: "period",
    label: t.scope.period,
    standard: WHOLE,
    options: [{ value: WHOLE, label: t.period.all }, ...years.map((year) => ({ value: year, label: year }))],
  };
}

export function grainChoice(standard: Grain, offered: readonly Grain[] = GRAINS): Choice {
  return {
    name: "grain",
    label: t.scope.grain,
    standard,
    options: offered.map((grain) => ({ value: grain, label: t.grain[grain] })),
  };
}

export function grainOf(search: Search, standard: Grain): Grain {
  return GRAINS.find((grain) => grain === search.grain) ?? standard;
}

/** Return the figure grain that covers a period as one row: a year, or everything. */
export function coverOf(search: Search): { grain: "year" | "all" } & Period {
  const dates = datesOf(search.period);
  return dates.from === undefined ? { grain: "all" } : { grain: "year", ...dates };
}

export function useScope(): Search {
  return useAddress()[0];
}

/** Return the stratum of KPIs that the address asks for: one facility, or everything. */
export function stratumOf(search: Search): { stratum_type: "overall" | "facility"; stratum_value?: string } {
  const facility = search.facility?.[0];
  return facility === undefined
    ? { stratum_type: "overall" }
    : { stratum_type: "facility", stratum_value: facility };
}

/** Return the facilities that have figures. */
export function useFacilityChoice(): Choice {
  const rows = useRows("kpi_results", { kpi_id: "gross_charges", grain: "all", stratum_type: "facility" });
  const options = (rows.data?.data ?? []).map((row) => ({
    value: row.stratum_value,
    label: row.stratum_label ?? row.stratum_value,
  }));
  return {
    name: "facility",
    label: t.scope.hospital,
    standard: WHOLE,
    options: [{ value: WHOLE, label: t.scope.allHospitals }, ...options],
  };
}

/** Return the hospitals that have measures. */
export function useHospitalChoice(): Choice {
  const mayRead = useRight("quality:read");
  const rows = useRows("measure_results", { measure_id: "alos", grain: "all", stratum_type: "hospital" }, mayRead);
  const options = (rows.data?.data ?? []).map((row) => ({
    value: row.stratum_value,
    label: row.stratum_label ?? row.stratum_value,
  }));
  return {
    name: "hospital",
    label: t.scope.hospital,
    standard: WHOLE,
    options: [{ value: WHOLE, label: t.scope.allHospitals }, ...options],
  };
}
