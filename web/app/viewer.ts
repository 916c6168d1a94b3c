/** The person who is signed in, for the parts of a page that depend on rights. */
import { createContext, useContext } from "react";

import type { Me } from "@/api/me";

export const Viewer = createContext<Me | null>(null);

/** Return whether the signed-in person has a right. */
export function useRight(right: string): boolean {
  return useContext(Viewer)?.rights.includes(right) ?? false;
}
