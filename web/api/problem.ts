/** What the server says when it refuses or fails (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** The request's id, to be quoted to whoever runs the server. */
  instance: string;
}

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ProblemError";
  }
}

/** Return the problem of a slug, such as `not-published`. */
export function isProblem(error: unknown, slug: string): boolean {
  return error instanceof ProblemError && error.problem.type.endsWith(`/problems/${slug}`);
}
