/** Files that leave the page: made here, or fetched with a purpose, which a plain link cannot carry. */
import { type Problem, ProblemError } from "./problem";

/** Save a file under a name. */
export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

/** Fetch a file and save it under the name the server gives; throws ProblemError for a refusal. */
export async function fetchFile(path: string, headers: Record<string, string>): Promise<void> {
  const response = await fetch(path, { headers });
  if (!response.ok) {
    throw new ProblemError((await response.json()) as Problem);
  }
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  saveFile(await response.blob(), name ?? "figures.csv");
}
