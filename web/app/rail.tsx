/** Where one can go: a rail of words at the left, a bar at the foot on a phone. */
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { t } from "@/texts";

import { type PageEntry, pagesOf } from "./pages";

// Loaded when it is first opened.
const Panel = lazy(async () => ({ default: (await import("@/parts/panel")).Panel }));

/** Entries of the phone's bar before *More*. */
const TABS = 4;

function PageLink({ page, onClick }: { page: PageEntry; onClick?: () => void }) {
  return (
    <Link to={page.to} onClick={onClick} activeProps={{ "aria-current": "page" }}>
      {t.page[page.id]}
    </Link>
  );
}

export function Rail({ rights, children }: { rights: readonly string[]; children: React.ReactNode }) {
  return (
    <nav className="rail" aria-label={t.frame.pages}>
      <Link to="/" className="brand">
        {t.product}
      </Link>
      <ul>
        {pagesOf(rights).map((page) => (
          <li key={page.id}>
            <PageLink page={page} />
          </li>
        ))}
      </ul>
      <div className="rail-foot">{children}</div>
    </nav>
  );
}

export function Tabs({ rights, children }: { rights: readonly string[]; children: React.ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const pages = pagesOf(rights);
  return (
    <nav className="tabs" aria-label={t.frame.pagesPhone}>
      <ul>
        {pages.slice(0, TABS).map((page) => (
          <li key={page.id}>
            <PageLink page={page} />
          </li>
        ))}
        <li>
          <button type="button" onClick={() => setOpen(true)}>
            {t.frame.more}
          </button>
        </li>
      </ul>
      {isOpen && (
        <Suspense>
          <Panel title={t.frame.pages} isOpen onClose={() => setOpen(false)}>
            <ul className="sheet-links">
              {pages.map((page) => (
                <li key={page.id}>
                  <PageLink page={page} onClick={() => setOpen(false)} />
                </li>
              ))}
            </ul>
            <div className="sheet-foot">{children}</div>
          </Panel>
        </Suspense>
      )}
    </nav>
  );
}
