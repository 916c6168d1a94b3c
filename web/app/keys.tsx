/** Keys that lead round the page. Everything they do can be done without them. */
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";

import { pagesOf } from "./pages";

// Loaded when it is first asked for.
const KeyDialog = lazy(() => import("./key-dialog"));

/** Milliseconds within which a letter after `g` opens a page. */
const CHORD = 1200;

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, select, textarea, [contenteditable]") !== null;
}

export function Keys({ rights }: { rights: readonly string[] }) {
  const [open, setOpen] = useState<"search" | "help" | null>(null);
  const chord = useRef(Number.NEGATIVE_INFINITY);
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isWriting(event.target) || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      if (event.timeStamp - chord.current < CHORD) {
        chord.current = Number.NEGATIVE_INFINITY;
        const page = pagesOf(rights).find((entry) => entry.letter === event.key);
        if (page !== undefined) {
          void navigate({ to: page.to });
        }
      } else if (event.key === "g") {
        chord.current = event.timeStamp;
      } else if (event.key === "/") {
        event.preventDefault();
        setOpen("search");
      } else if (event.key === "?") {
        setOpen("help");
      } else if (event.key === "t") {
        document.querySelector<HTMLButtonElement>("[data-key='t']")?.click();
      } else if (event.key === "[" || event.key === "]") {
        const name = event.key === "[" ? "back" : "forward";
        document.querySelector<HTMLButtonElement>(`[data-key='${name}']`)?.click();
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate, rights]);
  return open === null ? null : (
    <Suspense>
      <KeyDialog shows={open} rights={rights} onClose={() => setOpen(null)} />
    </Suspense>
  );
}
