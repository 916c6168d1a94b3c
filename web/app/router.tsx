/** Addresses of the pages. Each page is loaded when it is first opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from "@tanstack/react-router";

const root = createRootRoute({ component: Outlet });

const design = createRoute({
  getParentRoute: () => root,
  path: "/design",
  component: lazyRouteComponent(() => import("@/pages/design/page"), "DesignPage"),
});

export const router = createRouter({
  routeTree: root.addChildren(import.meta.env.DEV ? [design] : []),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
