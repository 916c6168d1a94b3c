/** Who is signed in, with their rights. */
import { queryOptions } from "@tanstack/react-query";

import { call } from "./client";

export interface Me {
  subject: string;
  name: string;
  tenant: string | null;
  tenants: string[];
  roles: string[];
  role_titles?: string[];
  lands_on?: string;
  rights: string[];
  csrf_token?: string | null;
  events?: "stream" | "poll";
  development?: boolean;
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => call<Me>("/v1/me", { signal }),
});
