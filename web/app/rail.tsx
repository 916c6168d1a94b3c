/** Where one can go: a rail of words at the left, a bar at the foot on a phone. */
import { Dialog } from "@base-ui/react/dialog";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { t } from "@/texts";

import { type PageEntry, pagesOf } from "./pages";

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
      <Dialog.Root open={isOpen} onOpenChange={setOpen}>
        <Dialog.Portal>
          <Dialog.Backdrop className="backdrop" />
          <Dialog.Popup className="panel">
            <header className="panel-head">
              <Dialog.Title className="panel-title">{t.frame.pages}</Dialog.Title>
              <Dialog.Close className="button quiet">{t.panel.close}</Dialog.Close>
            </header>
            <ul className="sheet-links">
              {pages.map((page) => (
                <li key={page.id}>
                  <PageLink page={page} onClick={() => setOpen(false)} />
                </li>
              ))}
            </ul>
            <div className="sheet-foot">{children}</div>
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    </nav>
  );
}
