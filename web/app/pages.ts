/** The pages of the rail, by the right that opens each. A page without a right is for everybody. */
import { t } from "@/texts";

export interface PageEntry {
  id: keyof typeof t.page;
  to: string;
  right: string | null;
  /** The letter that opens it after `g`. */
  letter: string;
}

export const PAGES: readonly PageEntry[] = [
  { id: "overview", to: "/overview", right: "marts:read", letter: "o" },
  { id: "measures", to: "/measures", right: "quality:read", letter: "m" },
  { id: "revenue", to: "/revenue", right: "finance:read", letter: "c" },
  { id: "denials", to: "/denials", right: "finance:read", letter: "d" },
  { id: "receivables", to: "/receivables", right: "finance:read", letter: "r" },
  { id: "quality", to: "/quality", right: "marts:read", letter: "q" },
  { id: "runs", to: "/runs", right: "ops:read", letter: "u" },
  { id: "audit", to: "/audit", right: null, letter: "a" },
];

export function pagesOf(rights: readonly string[]): PageEntry[] {
  return PAGES.filter((page) => page.right === null || rights.includes(page.right));
}

/** Return the page a person begins on: their role's, or the first that they may open. */
export function landing(rights: readonly string[], wanted: string): PageEntry {
  const open = pagesOf(rights);
  const chosen = open.find((page) => page.id === wanted) ?? open[0];
  return chosen ?? (PAGES.at(-1) as PageEntry);
}
