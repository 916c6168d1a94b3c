/** A figure with its denominator beside it: a figure is never shown without. */
import type { Figures } from "@/api/rows";
import { count, figure, interval, money, numeric, type Unit } from "@/format/numbers";
import { t } from "@/texts";

import { Hidden } from "./states";

/** Return the two counts behind a figure, such as 31 of 191; `of` is what the denominator counts. */
export function countsOf(row: Figures, unit: Unit, currency?: string | null, of = ""): string {
  const numerator = numeric(row.numerator);
  const denominator = numeric(row.denominator);
  if (numerator === null || denominator === null) {
    return "";
  }
  const isMoney = currency !== undefined && currency !== null && currency !== "";
  const words = (value: number) => (isMoney ? money(value, currency) : count(value));
  if (unit === "proportion") {
    return t.value.of(words(numerator), words(denominator));
  }
  if (unit === "days") {
    return isMoney
      ? t.value.daily(words(numerator), words(denominator))
      : t.value.daysOf(words(numerator), count(denominator), of);
  }
  return t.value.per(words(numerator), count(denominator), of);
}

export function Value({ row, unit, currency }: { row: Figures | undefined; unit: Unit; currency?: string | null }) {
  if (row === undefined) {
    return <span className="muted">{t.value.noData}</span>;
  }
  if (row.suppressed) {
    return <Hidden />;
  }
  const value = numeric(row.value);
  return (
    <span title={value === null ? undefined : String(row.value)}>
      {value === null ? t.value.none : figure(value, unit, currency ?? undefined)}
    </span>
  );
}

export function Interval({ row, unit }: { row: Figures; unit: Unit }) {
  const low = numeric(row.ci_low);
  const high = numeric(row.ci_high);
  return <>{low === null || high === null ? "" : interval(low, high, unit)}</>;
}
