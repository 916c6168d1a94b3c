/** Whether newer figures were published. They are announced, never put under the reader. */
import { useQuery } from "@tanstack/react-query";

import { call } from "@/api/client";

import type { PublicationAnswer } from "./data-line";
import { useAddress } from "./search";

/** Milliseconds between two questions, while the page is visible. */
const PACE = 15_000;

/** Return the id of the newest publication, once it was asked for. */
export function useNewest(shown: string | undefined): string | undefined {
  const [{ tenant }] = useAddress();
  const newest = useQuery({
    queryKey: ["newest", tenant],
    queryFn: ({ signal }) =>
      call<PublicationAnswer>("/v1/publication", {
        signal,
        ...(tenant === undefined ? {} : { headers: { "MetricCare-Tenant": tenant } }),
      }),
    enabled: shown !== undefined,
    refetchInterval: PACE,
    staleTime: 0,
    retry: false,
  });
  return newest.data?.publication;
}
