/** Addresses of the pages. Each page is loaded when it is first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";

import { Frame } from "./frame";
import { parseSearch, writeSearch } from "./search";

const root = createRootRoute({ component: Outlet });

const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });

const home = createRoute({ getParentRoute: () => frame, path: "/" });

const design = import.meta.env.DEV
  ? [
      createRoute({
        getParentRoute: () => root,
        path: "/design",
        component: lazyRouteComponent(() => import("@/pages/design/page"), "DesignPage"),
      }),
    ]
  : [];

export const router = createRouter({
  routeTree: root.addChildren([frame.addChildren([home]), ...design]),
  parseSearch,
  stringifySearch: writeSearch,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
