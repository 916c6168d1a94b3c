/** How periods and times are written. Dates of the API are days, without a time zone. */
import { t } from "@/texts";

const LOCALE = "en-US";

export type Grain = "month" | "quarter" | "year" | "all";
export const GRAINS: readonly Grain[] = ["month", "quarter", "year", "all"];

function day(date: string): Date {
  return new Date(`${date.slice(0, 10)}T00:00:00Z`);
}

/** Return a period in words: March 2024, Q1 2024, 2024, or the whole time. */
export function period(start: string, grain: Grain): string {
  const date = day(start);
  const year = date.getUTCFullYear();
  switch (grain) {
    case "month":
      return new Intl.DateTimeFormat(LOCALE, {
        month: "long",
        year: "numeric",
        timeZone: "UTC",
      }).format(date);
    case "quarter":
      return `Q${Math.floor(date.getUTCMonth() / 3) + 1} ${year}`;
    case "year":
      return String(year);
    case "all":
      return t.period.all;
  }
}

/** Return a period as an axis names it: Mar, and the year where it begins. */
export function shortPeriod(start: string, grain: Grain): string {
  if (grain === "quarter") {
    return period(start, grain).slice(0, 2);
  }
  if (grain !== "month") {
    return period(start, grain);
  }
  return new Intl.DateTimeFormat(LOCALE, { month: "short", timeZone: "UTC" }).format(day(start));
}

export function year(start: string): number {
  return day(start).getUTCFullYear();
}

/** Return how long ago an instant was, in the largest whole unit. */
export function ago(instant: string, now: Date): string {
  const minutes = Math.round((now.getTime() - new Date(instant).getTime()) / 60_000);
  const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
  if (minutes < 60) {
    return relative.format(-minutes, "minute");
  }
  if (minutes < 60 * 48) {
    return relative.format(-Math.round(minutes / 60), "hour");
  }
  return relative.format(-Math.round(minutes / 60 / 24), "day");
}

/** Return an instant as tables show it: 2024-12-31 08:15 UTC. */
export function instant(value: string): string {
  return `${new Date(value).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
