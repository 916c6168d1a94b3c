/** Calls of the API on the page's own origin. The session is a cookie that scripts cannot read. */
import { t } from "@/texts";

import { type Problem, ProblemError } from "./problem";

export type Parameters = Record<string, string | number | readonly string[] | undefined>;

/** Return an address with its parameters, in a fixed order; repeated names mean "one of". */
export function address(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const name of Object.keys(parameters).sort()) {
    const value = parameters[name];
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== "") {
        query.append(name, String(item));
      }
    }
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

export interface Call {
  parameters?: Parameters | undefined;
  headers?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
  /** The body of an unsafe call; its absence makes a GET. */
  body?: unknown;
  /** Of an unsafe call that is no POST. */
  method?: "PATCH" | "DELETE" | undefined;
}

/** Return the JSON of an answer; throws ProblemError for every refusal and failure. */
export async function call<Answer>(path: string, request: Call = {}): Promise<Answer> {
  const hasBody = "body" in request;
  const headers: Record<string, string> = { Accept: "application/json", ...request.headers };
  if (hasBody) {
    headers["Content-Type"] = "application/json";
  }
  let response: Response;
  try {
    response = await fetch(address(path, request.parameters), {
      method: request.method ?? (hasBody ? "POST" : "GET"),
      headers,
      signal: request.signal ?? null,
      body: hasBody ? JSON.stringify(request.body) : null,
    });
  } catch (error) {
    if (request.signal?.aborted === true) {
      throw error;
    }
    throw new ProblemError(unreachable());
  }
  if (!response.ok) {
    throw new ProblemError(await problemOf(response));
  }
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

/** Return the problem of a server that does not answer. */
export function unreachable(): Problem {
  return {
    type: "/problems/offline",
    title: t.state.offlineTitle,
    status: 0,
    detail: t.state.offlineDetail,
    instance: "",
  };
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: "/problems/internal",
    title: t.state.errorTitle,
    status: response.status,
    detail: "",
    instance: response.headers.get("X-Request-Id") ?? "",
  };
  try {
    const body = (await response.json()) as Partial<Problem>;
    return { ...fallback, ...body };
  } catch {
    return fallback;
  }
}
