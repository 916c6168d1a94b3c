/** Addresses of the pages. Each page is loaded when it is first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";

import { Frame } from "./frame";
import { parseSearch, writeSearch } from "./search";
import { loadedOrUnreachable } from "./unreachable";

const root = createRootRoute({ component: Outlet });

const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });

const home = createRoute({ getParentRoute: () => frame, path: "/" });

/** A page of the frame, loaded when it is first opened. */
function page<Path extends string, Module extends Record<string, unknown>>(
  path: Path,
  load: () => Promise<Module>,
  name: keyof Module & string,
) {
  return createRoute({
    getParentRoute: () => frame,
    path,
    component: lazyRouteComponent((() => loadedOrUnreachable(load, name)) as never, name),
  });
}

const pages = [
  page("/overview", () => import("@/pages/overview/page"), "OverviewPage"),
  page("/measures", () => import("@/pages/measures/page"), "MeasuresPage"),
  page("/measures/$id", () => import("@/pages/measure/page"), "MeasurePage"),
  page("/measures/$id/definition", () => import("@/pages/definition/page"), "DefinitionPage"),
  page("/evidence/$id", () => import("@/pages/evidence/page"), "EvidencePage"),
  page("/revenue", () => import("@/pages/revenue/page"), "RevenuePage"),
  page("/denials", () => import("@/pages/denials/page"), "DenialsPage"),
  page("/receivables", () => import("@/pages/receivables/page"), "ReceivablesPage"),
  page("/quality", () => import("@/pages/quality/page"), "QualityPage"),
  page("/runs", () => import("@/pages/runs/page"), "RunsPage"),
  page("/views", () => import("@/pages/views/page"), "ViewsPage"),
  page("/s/$id", () => import("@/pages/views/open"), "OpenView"),
  page("/audit", () => import("@/pages/audit/page"), "AuditPage"),
] as const;

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
  routeTree: root.addChildren([frame.addChildren([home, ...pages]), ...design]),
  parseSearch,
  stringifySearch: writeSearch,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
