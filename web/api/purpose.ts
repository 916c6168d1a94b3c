/** Why records of persons are read: asked once, kept until the page is closed, sent with each read. */
import { useSyncExternalStore } from "react";

export const PURPOSES = [
  "quality-improvement",
  "payment",
  "operations",
  "audit",
  "patient-request",
] as const;
export type Purpose = (typeof PURPOSES)[number];

let chosen: string | null = null;
const listeners = new Set<() => void>();

/** Keep a purpose and its note, as the header carries them. */
export function choosePurpose(purpose: Purpose, note: string): void {
  // The header is plain ASCII; a note is at most 200 characters.
  const plain = note.replaceAll(/[^\x20-\x7e]/g, "").trim().slice(0, 200);
  chosen = plain === "" ? purpose : `${purpose}; ${plain}`;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePurpose(): string | null {
  return useSyncExternalStore(subscribe, () => chosen);
}
