/**
 * Whether small counts are shown: asked for by the quality office, kept until the page is closed.
 * It is no part of an address, so a copied link or a saved view shows what is published.
 */
import { useSyncExternalStore } from "react";

/** Answers of a measure that have a form with small counts. */
const WITH_SMALL = /^\/v1\/measures\/([^/]+)\/(control-chart|funnel|strata)$/;

let isShown = false;
const listeners = new Set<() => void>();

export function showSmallCounts(show: boolean): void {
  isShown = show;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSmallCounts(): boolean {
  return useSyncExternalStore(subscribe, () => isShown);
}

/** Return where an answer is with small counts; null where it has no such form. */
export function smallPath(path: string): string | null {
  const found = WITH_SMALL.exec(path);
  return found === null ? null : `/v1/evidence/measures/${found[1]}/${found[2]}`;
}
