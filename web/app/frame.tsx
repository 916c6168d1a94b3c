/** The frame of every page: rail, data line, the page, and the keys that lead round. */
import { useQuery } from "@tanstack/react-query";
import { Navigate, Outlet, useLocation } from "@tanstack/react-router";

import { meQuery } from "@/api/me";
import { isProblem, ProblemError } from "@/api/problem";
import { Failed, Loading } from "@/parts/states";
import { t } from "@/texts";

import { Account } from "./account";
import { DataLine } from "./data-line";
import { Keys } from "./keys";
import { landing } from "./pages";
import { Rail, Tabs } from "./rail";
import { SignIn } from "./sign-in";
import { Viewer } from "./viewer";

export function Frame() {
  const me = useQuery(meQuery);
  const { pathname } = useLocation();
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
  if (pathname === "/") {
    return <Navigate to={landing(rights, me.data.lands_on ?? "").to} replace />;
  }
  return (
    <Viewer.Provider value={me.data}>
      <a className="skip" href="#page">
        {t.skip}
      </a>
      <div className="app">
        <Rail rights={rights}>
          <Account me={me.data} />
        </Rail>
        <div className="main">
          {rights.includes("marts:read") && <DataLine />}
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
