/** A wide table scrolls inside its own named, focusable region; the page never scrolls sideways. */
import type { ReactNode } from "react";

export function ScrollRegion({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="scroll" role="region" aria-label={name} tabIndex={0}>
      {children}
    </div>
  );
}
