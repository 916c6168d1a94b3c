/** The frame of every page: rail, data line, the page, and the keys that lead round. */
import { useQuery } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation } from "@tanstack/react-router";

import { meQuery } from "@/api/me";
import { isProblem, ProblemError } from "@/api/problem";
import { useSmallCounts } from "@/api/small-counts";
import { Failed, Loading } from "@/parts/states";
import { t } from "@/texts";

import { Account } from "./account";
import { DataLine } from "./data-line";
import { Keys } from "./keys";
import { landing } from "./pages";
import { Rail, Tabs } from "./rail";
import { SignIn } from "./sign-in";
import { SmallCountsBanner } from "./small-counts-banner";
import { Viewer } from "./viewer";

export function Frame() {
  const me = useQuery(meQuery);
  const { pathname } = useLocation();
  const isSmall = useSmallCounts();
  if (me.isPending) {
    return <Loading height={400} />;
  }
  if (me.isError) {
    return isProblem(me.error, "unauthenticated") ? (
      <SignIn />
    ) : (
      <main className="sign-in">
        {me.error instanceof ProblemError && (
          <Failed problem={me.error.problem} onRetry={() => void me.refetch()} />
        )}
      </main>
    );
  }
  const { rights } = me.data;
  const isFramed = isSmall && rights.includes("small:read");
  if (pathname === "/") {
    return <Navigate to={landing(rights, me.data.lands_on ?? "").to} replace />;
  }
  return (
    <Viewer.Provider value={me.data}>
      <a className="skip" href="#page">
        {t.skip}
      </a>
      <div className={isFramed ? "app small-counts" : "app"}>
        <Rail rights={rights}>
          <Account me={me.data} />
        </Rail>
        <div className="main">
          {rights.includes("marts:read") && <DataLine />}
          {isFramed && <SmallCountsBanner />}
          <main id="page" tabIndex={-1}>
            <Outlet />
          </main>
        </div>
        <Tabs rights={rights}>
          <Account me={me.data} />
        </Tabs>
      </div>
      <Keys rights={rights} />
    </Viewer.Provider>
  );
}
