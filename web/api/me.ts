/** Who is signed in, with their rights. */
import { queryOptions } from "@tanstack/react-query";

import { call } from "./client";
import type { AnswerOf } from "./reading";

export type Me = AnswerOf<"/v1/me">;

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => call<Me>("/v1/me", { signal }),
});
