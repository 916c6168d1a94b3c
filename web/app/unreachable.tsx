/** A page whose code could not be fetched, because the server does not answer. */
import { unreachable } from "@/api/client";
import { Failed } from "@/parts/states";

export function Unreachable() {
  const problem = unreachable();
  return (
    <>
      <h1 className="visually-hidden">{problem.title}</h1>
      <Failed problem={problem} onRetry={() => window.location.reload()} />
    </>
  );
}

/** Return a page's code; of a server that does not answer, a page that says so. */
export async function loadedOrUnreachable<Module extends object>(
  load: () => Promise<Module>,
  name: string,
): Promise<Module | Record<string, typeof Unreachable>> {
  try {
    return await load();
  } catch (error) {
    const answers = await fetch("/health/live").then(
      () => true,
      () => false,
    );
    if (answers) {
      throw error; // the code has another name since an upgrade: the router loads the page again
    }
    return { [name]: Unreachable };
  }
}
