/** What needs a person: alerts are of now, so a pinned publication does not change them. */
import { useQueryClient } from "@tanstack/react-query";
import { useContext } from "react";

import { useAddress } from "@/app/search";
import { Viewer } from "@/app/viewer";

import { call } from "./client";
import { type Meta, type Reading, type Rows, useReading } from "./reading";
import type { Row } from "./rows";

export interface Acknowledgement {
  by: string;
  note: string;
  at: string;
}

export type Alert = Row<"alerts"> & { acknowledgements: Acknowledgement[] };

/** Return the open alerts in words. Where no run has published any yet, the read fails: none are shown. */
export function useAlertHeadlines(): Reading<Rows<Row<"alert_headlines">>> {
  return useReading("/v1/datasets/alert_headlines/rows", { parameters: { state: "open" }, isPublished: false });
}

export function useAlerts(): Reading<{ data: Alert[]; meta: Meta }> {
  return useReading("/v1/alerts", { parameters: { state: "open", sort: "severity,-raised_at" }, isPublished: false });
}

/** Return what adds a note to an alert, and reads the alerts again. */
export function useAcknowledge(): (alert: string, note: string) => Promise<void> {
  const viewer = useContext(Viewer);
  const [{ tenant }] = useAddress();
  const client = useQueryClient();
  return async (alert, note) => {
    await call(`/v1/alerts/${alert}/acknowledge`, {
      body: { note },
      headers: { "X-CSRF": viewer?.csrf_token ?? "", ...(tenant !== undefined && { "MetricCare-Tenant": tenant }) },
    });
    await client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/v1/alerts") });
  };
}
