/** Server state: what was loaded, by its address and publication. */
import { QueryClient } from "@tanstack/react-query";

import { ProblemError } from "./problem";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A publication's figures never change, and the key carries the publication.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      // Asking again helps only where the server or the network failed.
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ProblemError && error.problem.status < 500),
    },
  },
});
