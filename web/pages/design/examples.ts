/** Fixed examples for the page of components. Nothing of a lake is shown there. */
import type { ControlPoint } from "@/charts/control-chart";
import type { FunnelLimit, FunnelUnit } from "@/charts/funnel";

const RATES = [
  14.1, 13.2, 15.0, 13.8, 14.6, 12.9, 13.5, 14.9, 13.1, 14.2, 13.7, 12.6, 14.4, 13.9, 18.4, 14.8, 13.3,
  14.0, 12.8, 13.6, 14.5, 13.0, 9.1, 13.9,
];
const SIZES = [
  402, 388, 421, 410, 395, 377, 405, 418, 399, 384, 406, 390, 412, 401, 395, 420, 388, 404, 397, 409,
  386, 411, 403, 118,
];
const MEAN = 0.138;

function start(index: number): string {
  return `${2023 + Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}-01`;
}

export const series: ControlPoint[] = RATES.map((rate, index) => {
  const size = SIZES[index] ?? 400;
  const spread = 3 * Math.sqrt((MEAN * (1 - MEAN)) / size);
  const isLast = index === RATES.length - 1;
  const signals: Record<number, ControlPoint["signal"]> = {
    14: { tone: "worse", words: "a point beyond the limits" },
    22: { tone: "better", words: "a point beyond the limits" },
  };
  return {
    start: start(index),
    value: rate / 100,
    hidden: false,
    provisional: isLast,
    lower: isLast ? null : MEAN - spread,
    upper: isLast ? null : MEAN + spread,
    counts: `${Math.round((size * rate) / 100)} of ${size}`,
    signal: signals[index] ?? null,
  };
});

export const mean = MEAN;

export const shortSeries: ControlPoint[] = series
  .slice(0, 6)
  .map((point) => ({ ...point, lower: null, upper: null }));

export const partHidden: ControlPoint[] = series.slice(0, 18).map((point, index) => {
  const isHidden = index % 4 === 1;
  return {
    ...point,
    hidden: isHidden,
    value: isHidden ? null : point.value,
    lower: null,
    upper: null,
    signal: null,
  };
});

export const allHidden: ControlPoint[] = series.map((point) => ({
  ...point,
  value: null,
  hidden: true,
  lower: null,
  upper: null,
  signal: null,
}));

const UNITS: [string, number, number][] = [
  ["Ashford", 212, 0.127],
  ["Bellbrook", 388, 0.149],
  ["Castlewood Regional", 941, 0.176],
  ["Dunmore", 655, 0.141],
  ["Eastgate", 1203, 0.132],
  ["Fairhaven", 1730, 0.108],
  ["Glenmoor", 505, 0.152],
  ["Harrowfield", 318, 0.118],
  ["Ivybridge", 820, 0.139],
  ["Juniper Hill", 1404, 0.143],
];

export const units: FunnelUnit[] = [
  ...UNITS.map(([label, denominator, value]): FunnelUnit => {
    const bound = 3.09 * Math.sqrt((MEAN * (1 - MEAN)) / denominator);
    const tone = value > MEAN + bound ? "worse" : value < MEAN - bound ? "better" : null;
    const counts = `${Math.round(value * denominator)} of ${denominator}`;
    return { id: label, label, denominator, value, hidden: false, tone, counts };
  }),
  { id: "k", label: "Kestrel Bay", denominator: null, value: null, hidden: true, tone: null, counts: "" },
];

export const limits: FunnelLimit[] = Array.from({ length: 60 }, (_, index) => {
  const denominator = 60 + index * 30;
  const spread = Math.sqrt((MEAN * (1 - MEAN)) / denominator);
  return {
    denominator,
    low95: Math.max(0, MEAN - 1.96 * spread),
    high95: MEAN + 1.96 * spread,
    low998: Math.max(0, MEAN - 3.09 * spread),
    high998: MEAN + 3.09 * spread,
  };
});

export const ages = [
  { key: "18-44", label: "18\u201344", value: 0.089, low: 0.071, high: 0.111 },
  { key: "45-64", label: "45\u201364", value: 0.121, low: 0.106, high: 0.138 },
  { key: "65-74", label: "65\u201374", value: 0.147, low: 0.129, high: 0.167 },
  { key: "75-84", label: "75\u201384", value: 0.168, low: 0.145, high: 0.194 },
  { key: "85+", label: "85 and older", value: null, low: null, high: null },
].map((row) => ({
  ...row,
  words: row.value === null ? "" : `${(row.value * 100).toFixed(1)}\u2009%`,
  hidden: row.value === null,
}));

export const reasons = [
  ["CO-197", "Authorization absent", 412_830],
  ["CO-16", "Information missing", 298_410],
  ["CO-29", "Filed too late", 164_220],
  ["CO-50", "Not medically necessary", 121_905],
  ["CO-97", "Included in another service", 84_115],
  ["other", "Others", 61_300],
] as const;

export const steps = [
  { key: "charges", label: "Charges", change: 4_812_400, isTotal: true },
  { key: "contract", label: "Contractual", change: -2_104_300, isTotal: false },
  { key: "denied", label: "Denied", change: -312_700, isTotal: false },
  { key: "patient", label: "Owed by patients", change: -188_200, isTotal: false },
  { key: "off", label: "Written off", change: -96_400, isTotal: false },
  { key: "open", label: "Open", change: -402_600, isTotal: false },
  { key: "collected", label: "Collected", change: 1_708_200, isTotal: true },
];

export const buckets = ["0\u201330", "31\u201360", "61\u201390", "91\u2013120", "over 120"];
export const stacks = Array.from({ length: 18 }, (_, index) => ({
  start: start(index),
  amounts: [820, 410, 205, 118, 160].map((amount, at) => amount * 1000 + ((index * 37 + at * 53) % 90) * 900),
}));

export const lags = [
  { key: "medicare", label: "Medicare", middle: 14, far: 22 },
  { key: "commercial", label: "Commercial", middle: 27, far: 58 },
  { key: "medicaid", label: "Medicaid", middle: 31, far: 74 },
  { key: "self", label: "Self-pay", middle: null, far: null },
].map((row) => ({ ...row, words: row.middle === null ? "" : `${row.middle} \u00b7 ${row.far} days`, hidden: row.middle === null }));

export const heat = {
  columns: ["Authorization", "Eligibility", "Coding", "Timeliness"],
  rows: [
    { key: "a", label: "Aetna", sizes: [412, 120, 61, 18] },
    { key: "b", label: "Medicaid", sizes: [96, 240, 33, null] },
    { key: "c", label: "Medicare", sizes: [54, 31, 140, 0] },
  ],
};
