/** Reading published figures: every read is of one publication, which is part of its key. */
import { keepPreviousData, queryOptions, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { useAddress } from "@/app/search";

import { address, call, type Parameters } from "./client";
import { ProblemError } from "./problem";
import type { paths } from "./schema";
import { usePurpose } from "./purpose";

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

/** Return an answer of the API as it loads; `path` is null while it is not known. */
export function useReading<Answer>(path: string, options: ReadingOptions = {}): Reading<Answer> {
  const [{ tenant, publication }] = useAddress();
  const purpose = usePurpose();
  const { isReady = true, needsPurpose = false, isPublished = true } = options;
  const parameters = isPublished ? { ...options.parameters, publication } : options.parameters;
  const headers: Record<string, string> = {};
  if (tenant !== undefined) {
    headers["MetricCare-Tenant"] = tenant;
  }
  if (needsPurpose && purpose !== null) {
    headers["MetricCare-Purpose"] = purpose;
  }
  return useQuery(
    queryOptions<Answer, ProblemError>({
      queryKey: ["reading", address(path, parameters), headers],
      queryFn: ({ signal }) => call<Answer>(path, { parameters, headers, signal }),
      enabled: isReady && (!needsPurpose || purpose !== null),
      placeholderData: keepPreviousData,
    }),
  );
}
