/** Whether newer figures were published. They are announced, never put under the reader. */
import { useContext, useEffect, useState } from "react";

import { queries } from "@/api/queries";

import { Viewer } from "./viewer";

/** Milliseconds between two looks at the beacon, while the page is visible. */
const PACE = 15_000;

interface Newest {
  publication?: string;
  run_id?: string;
  /** Changes when an alert is raised or closed. */
  alerts?: string;
}

/** Read alerts again: unlike figures they are of now, not of a publication. */
function readAlerts(): void {
  void queries.invalidateQueries({
    predicate: ({ queryKey }) => queryKey.some((part) => typeof part === "string" && part.includes("alert")),
  });
}

/** Call `onNews` for each publication event, while the page is visible. Returns what stops it. */
function listen(onNews: (newest: Newest) => void): () => void {
  let source: EventSource | null = null;
  const follow = () => {
    source?.close();
    // A hidden page gives its connection back: a browser has six for one server.
    source = document.hidden ? null : new EventSource("/v1/events/stream");
    source?.addEventListener("publication", (event) => {
      onNews(JSON.parse((event as MessageEvent<string>).data) as Newest);
    });
    source?.addEventListener("alert", readAlerts);
  };
  follow();
  document.addEventListener("visibilitychange", follow);
  return () => {
    document.removeEventListener("visibilitychange", follow);
    source?.close();
  };
}

/** Call `onNews` with the workspace's newest run, from a static file. Returns what stops it. */
function look(onNews: (newest: Newest) => void): () => void {
  let alerts: string | undefined;
  const timer = setInterval(async () => {
    if (document.hidden) {
      return;
    }
    try {
      const beacon = await fetch("/beacon.json");
      if (beacon.ok) {
        const newest = (await beacon.json()) as Newest;
        onNews(newest);
        if (alerts !== undefined && alerts !== newest.alerts) {
          readAlerts();
        }
        alerts = newest.alerts;
      }
    } catch {
      // Offline: the next look tells.
    }
  }, PACE);
  return () => clearInterval(timer);
}

/** Return what was published last, once it is known. */
export function useNewest(): Newest {
  const viewer = useContext(Viewer);
  const [newest, setNewest] = useState<Newest>({});
  const form = viewer?.events;
  useEffect(() => {
    if (form === undefined || typeof EventSource === "undefined") {
      return;
    }
    return form === "stream" ? listen(setNewest) : look(setNewest);
  }, [form]);
  return newest;
}
