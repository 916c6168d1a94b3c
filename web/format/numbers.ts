/** How figures are written: one place for signs, thin spaces and the number of decimals. */
import { t } from "@/texts";

const LOCALE = "en-US";
const THIN = "\u2009";
const MINUS = "\u2212";

export type Unit = "proportion" | "per_1000" | "per_10000" | "days" | "money" | "count" | "ratio";

/** Return a number with grouped digits and a real minus sign. */
function digits(value: number, decimals: number): string {
  const text = new Intl.NumberFormat(LOCALE, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(Math.abs(value));
  const isZero = Number(text.replaceAll(",", "")) === 0;
  return value < 0 && !isZero ? MINUS + text : text;
}

/** Return a fraction in percent: one decimal, two below 1 %. */
export function percent(fraction: number): string {
  const isSmall = fraction !== 0 && Math.abs(fraction) < 0.01;
  return `${digits(fraction * 100, isSmall ? 2 : 1)}${THIN}%`;
}

export function count(value: number): string {
  return digits(value, 0);
}

/** Return an amount in full, as tables show it. */
export function money(value: number, currency = "USD"): string {
  const text = new Intl.NumberFormat(LOCALE, { style: "currency", currency }).format(
    Math.abs(value),
  );
  return value < 0 ? MINUS + text : text;
}

/** Return an amount as headlines show it, such as $1.24 M. */
export function moneyShort(value: number, currency = "USD"): string {
  const size = Math.abs(value);
  if (size === 0) {
    return money(0, currency).replace(/[.,]0+$/, "");
  }
  if (size < 10_000) {
    return money(value, currency);
  }
  const [divisor, suffix] = size < 1_000_000 ? [1_000, "k"] : [1_000_000, "M"];
  const symbol = new Intl.NumberFormat(LOCALE, { style: "currency", currency })
    .formatToParts(0)
    .find((part) => part.type === "currency")?.value;
  const scaled = size / divisor;
  const text = digits(scaled, scaled < 100 ? 2 - Number(scaled >= 10) : 0);
  return `${value < 0 ? MINUS : ""}${symbol ?? ""}${text}${THIN}${suffix}`;
}

/** Return an amount as axes name it, such as $5 M. */
export function moneyAxis(value: number, currency?: string): string {
  return moneyShort(value, currency).replace(/[.,]0+(?=\D*$)/, "");
}

/** Return a score: of 100 with one decimal, of 1 with three. */
export function score(value: number, best: number): string {
  return digits(value, best === 1 ? 3 : 1);
}

/** Return a published value in its unit; `null` is written as missing. */
export function figure(value: number | null, unit: Unit, currency?: string | null): string {
  if (value === null) {
    return t.value.noData;
  }
  switch (unit) {
    case "proportion":
      return percent(value);
    case "money":
      return money(value, currency || undefined);
    case "count":
      return count(value);
    case "days":
      return digits(value, 1);
    case "per_1000":
    case "per_10000":
    case "ratio":
      return digits(value, 2);
  }
}

/** Return an interval such as 12.7–14.9 %, with its unit once. */
export function interval(low: number | null, high: number | null, unit: Unit): string {
  if (low === null || high === null) {
    return t.value.noInterval;
  }
  const first = figure(low, unit);
  const last = figure(high, unit);
  const shared = `${THIN}%`;
  const start = unit === "proportion" && first.endsWith(shared) ? first.slice(0, -2) : first;
  return `${start}\u2013${last}`;
}

/** Return a difference with its sign and unit, such as +1.2 points. */
export function difference(value: number, unit: Unit, currency?: string): string {
  const sign = value > 0 ? "+" : "";
  switch (unit) {
    case "proportion":
      return `${sign}${digits(value * 100, 1)} ${t.value.points}`;
    case "money":
      return sign + money(value, currency);
    case "count":
      return sign + count(value);
    case "days":
      return `${sign}${digits(value, 1)} ${t.value.days}`;
    default:
      return sign + digits(value, 2);
  }
}

/** Return a published number, which JSON carries as a decimal string where it is money. */
export function numeric(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined || value === "") {
    return null;
  }
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
