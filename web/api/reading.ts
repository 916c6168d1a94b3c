/** Reading published figures: every read is of one publication, which is part of its key. */
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { useAddress } from "@/app/search";

import { address, call, type Parameters } from "./client";
import { ProblemError } from "./problem";
import type { paths } from "./schema";
import { usePurpose } from "./purpose";
import { smallPath, useSmallCounts } from "./small-counts";

/** What the server answers at an address, as it describes itself. */
export type AnswerOf<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Answer } } } };
}
  ? Answer
  : never;

/** What the server says beside the rows of a list. */
export type Meta = AnswerOf<"/v1/freshness">["meta"];

export interface Rows<Row> {
  data: Row[];
  meta: Meta;
}

export type Reading<Answer> = UseQueryResult<Answer, ProblemError>;

interface ReadingOptions {
  parameters?: Parameters;
  /** False while something it depends on is not known yet. */
  isReady?: boolean;
  /** Records of persons are read for a purpose, which goes into the audit. */
  needsPurpose?: boolean;
  /** Sent with a pinned publication; false for what is not of a publication, such as runs. */
  isPublished?: boolean;
}

/** Return an answer of the API as it loads: with small counts where they were asked for. */
export function useReading<Answer>(published: string, options: ReadingOptions = {}): Reading<Answer> {
  const [{ tenant, publication }] = useAddress();
  const purpose = usePurpose();
  const small = useSmallCounts() && publication === undefined ? smallPath(published) : null;
  const path = small ?? published;
  const { isReady = true } = options;
  const needsPurpose = options.needsPurpose === true || small !== null;
  const isPublished = options.isPublished !== false && small === null;
  const parameters = isPublished ? { ...options.parameters, publication } : options.parameters;
  const headers = headersOf(tenant, needsPurpose ? purpose : null);
  return useQuery(
    queryOptions<Answer, ProblemError>({
      queryKey: ["reading", address(path, parameters), headers],
      queryFn: ({ signal }) => call<Answer>(path, { parameters, headers, signal }),
      enabled: isReady && (!needsPurpose || purpose !== null),
      placeholderData: keepPreviousData,
    }),
  );
}

function headersOf(tenant: string | undefined, purpose: string | null): Record<string, string> {
  return {
    ...(tenant !== undefined && { "MetricCare-Tenant": tenant }),
    ...(purpose !== null && { "MetricCare-Purpose": purpose }),
  };
}

/** Return the headers of a read that needs a purpose. */
export function usePurposeHeaders(): Record<string, string> {
  const [{ tenant }] = useAddress();
  return headersOf(tenant, usePurpose());
}
