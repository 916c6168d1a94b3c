/** The state of the page, all of it in the address: filters, sort, what is open. */
import { useNavigate, useSearch } from "@tanstack/react-router";

/** Names that hold one value. */
const ONE = [
  "action",
  "anchor",
  "by",
  "category",
  "counted",
  "date",
  "from",
  "grain",
  "kpi",
  "layer",
  "measure",
  "open",
  "outcome",
  "period",
  "publication",
  "reason",
  "role",
  "severity",
  "sort",
  "state",
  "stay",
  "tenant",
  "to",
  "user",
] as const;
/** Names that may be repeated, which means "one of". */
const MANY = ["hospital", "facility", "payer", "table"] as const;

type One = (typeof ONE)[number];
type Many = (typeof MANY)[number];
export type Search = { [name in One]?: string } & { [name in Many]?: string[] };

/** Return the known names of a query string; everything else is dropped. */
export function parseSearch(text: string): Search {
  const query = new URLSearchParams(text);
  const search: Search = {};
  for (const name of ONE) {
    const value = query.get(name);
    if (value !== null && value !== "") {
      search[name] = value;
    }
  }
  for (const name of MANY) {
    const values = [...new Set(query.getAll(name))].filter((value) => value !== "").sort();
    if (values.length > 0) {
      search[name] = values;
    }
  }
  return search;
}

/** Return a query string with sorted names and without what is empty. */
export function writeSearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const name of Object.keys(search).sort()) {
    const value = search[name];
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === "string" && item !== "") {
        query.append(name, item);
      }
    }
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** Return the address's state and a function that changes some of it; Back undoes one change. */
export function useAddress(): [Search, (change: Search) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  return [
    search,
    (change) =>
      void navigate({
        to: ".",
        search: (before: Search) => ({ ...before, ...change }),
        resetScroll: false,
      } as never),
  ];
}

/** Return whether a figure shows its table, and the function that switches. */
export function useTableSwitch(figure: string): [boolean, (isTable: boolean) => void] {
  const [search, change] = useAddress();
  const shown = search.table ?? [];
  return [
    shown.includes(figure),
    (isTable) =>
      change({
        table: isTable ? [...shown, figure] : shown.filter((name) => name !== figure),
      }),
  ];
}
