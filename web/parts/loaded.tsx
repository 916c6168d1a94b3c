/** What is shown for an answer while it loads, when it fails, when it is empty, and when it is there. */
import type { ReactNode } from "react";

import { isProblem } from "@/api/problem";
import type { Reading } from "@/api/reading";

import { Failed, Forbidden, Loading, NothingPublished } from "./states";

export interface LoadedProps<Answer> {
  of: Reading<Answer>;
  /** Height of the skeleton: that of what will stand there. */
  height?: number;
  children(answer: Answer): ReactNode;
}

export function Loaded<Answer>({ of, height, children }: LoadedProps<Answer>) {
  if (of.data !== undefined) {
    return <>{children(of.data)}</>;
  }
  if (of.error === null) {
    return <Loading {...(height === undefined ? {} : { height })} />;
  }
  if (isProblem(of.error, "not-published")) {
    return <NothingPublished />;
  }
  if (isProblem(of.error, "forbidden")) {
    return <Forbidden detail={of.error.problem.detail} />;
  }
  return <Failed problem={of.error.problem} onRetry={() => void of.refetch()} />;
}
