/** Saved views: pages with their filters under a name. They open with the rights of the opener. */
import { useQueryClient } from "@tanstack/react-query";
import { useContext } from "react";

import { useAddress } from "@/app/search";
import { Viewer } from "@/app/viewer";

import { call } from "./client";
import { type Reading, useReading } from "./reading";

export interface SavedView {
  id: string;
  name: string;
  page: string;
  state: string;
  publication: string | null;
  shared: boolean;
  own: boolean;
  changed_at: string;
}

export type ViewChange = Partial<Pick<SavedView, "name" | "shared">>;
export type NewView = Pick<SavedView, "name" | "page" | "state" | "publication" | "shared">;

export function useViews(): Reading<{ data: SavedView[] }> {
  return useReading("/v1/views", { isPublished: false });
}

export function useView(id: string): Reading<SavedView> {
  return useReading(`/v1/views/${id}`, { isPublished: false });
}

export interface ViewChanges {
  save(view: NewView): Promise<SavedView>;
  change(id: string, change: ViewChange): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Return what saves, changes and removes views; the list is read again after each. */
export function useViewChanges(): ViewChanges {
  const viewer = useContext(Viewer);
  const [{ tenant }] = useAddress();
  const client = useQueryClient();
  const headers = { "X-CSRF": viewer?.csrf_token ?? "", ...(tenant !== undefined && { "MetricCare-Tenant": tenant }) };
  const read = () => client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/v1/views") });
  return {
    async save(view) {
      const saved = await call<SavedView>("/v1/views", { body: view, headers });
      await read();
      return saved;
    },
    async change(id, change) {
      await call(`/v1/views/${id}`, { method: "PATCH", body: change, headers });
      await read();
    },
    async remove(id) {
      await call(`/v1/views/${id}`, { method: "DELETE", headers });
      await read();
    },
  };
}

/** Return the address that a view opens: its page and filters, at its publication if it has one. */
export function addressOf(view: Pick<SavedView, "page" | "state" | "publication">): string {
  const query = new URLSearchParams(view.state);
  if (view.publication !== null) {
    query.set("publication", view.publication);
  }
  const text = query.toString();
  return text === "" ? view.page : `${view.page}?${text}`;
}

/** Return a page's address as a view keeps it: the tenant is the opener's, the publication apart. */
export function viewOf(page: string, query: string): Pick<SavedView, "page" | "state"> {
  const state = new URLSearchParams(query);
  state.delete("tenant");
  state.delete("publication");
  return { page, state: state.toString() };
}
