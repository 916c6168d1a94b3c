/** The rule of hidden figures, one tap away; loaded after the figures, which need no popover. */
import { lazy, Suspense } from "react";

const HiddenRule = lazy(() => import("./hidden-rule"));

export function WhyHidden() {
  return (
    <Suspense>
      <HiddenRule />
    </Suspense>
  );
}
