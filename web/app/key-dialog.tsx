/** The dialog behind `/` and `?`: the search, and the list of keys. */
import { Dialog } from "@base-ui/react/dialog";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { t } from "@/texts";

import { PAGES } from "./pages";
import { useSearchable } from "./searchable";

interface KeyDialogProps {
  shows: "search" | "help";
  rights: readonly string[];
  onClose(): void;
}

export default function KeyDialog({ shows, rights, onClose }: KeyDialogProps) {
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <header className="panel-head">
            <Dialog.Title className="panel-title">{shows === "help" ? t.keys.title : t.keys.search}</Dialog.Title>
            <Dialog.Close className="button quiet">{t.panel.close}</Dialog.Close>
          </header>
          {shows === "help" ? <Help /> : <Finder rights={rights} onGo={onClose} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Help() {
  return (
    <dl className="facts">
      {t.keys.list.map(([key, words]) => (
        <div key={key} className="fact">
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{words}</dd>
        </div>
      ))}
      {PAGES.map((page) => (
        <div key={page.id} className="fact">
          <dt>
            <kbd>g {page.letter}</kbd>
          </dt>
          <dd>{t.page[page.id]}</dd>
        </div>
      ))}
    </dl>
  );
}

function Finder({ rights, onGo }: { rights: readonly string[]; onGo(): void }) {
  const [words, setWords] = useState("");
  const entries = useSearchable(rights).filter((entry) =>
    entry.label.toLowerCase().includes(words.trim().toLowerCase()),
  );
  return (
    <>
      <label className="field">
        {t.keys.searchFor}
        <input type="search" value={words} onChange={(event) => setWords(event.target.value)} />
      </label>
      <ul className="sheet-links">
        {entries.slice(0, 12).map((entry) => (
          <li key={entry.to}>
            <Link to={entry.to} onClick={onGo}>
              {entry.label}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
