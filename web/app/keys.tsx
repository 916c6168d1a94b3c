/** Keys that lead round the page. Everything they do can be done without them. */
import { Dialog } from "@base-ui/react/dialog";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { t } from "@/texts";

import { PAGES, pagesOf } from "./pages";
import { useSearchable } from "./searchable";

/** Milliseconds within which a letter after `g` opens a page. */
const CHORD = 1200;

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, select, textarea, [contenteditable]") !== null;
}

export function Keys({ rights }: { rights: readonly string[] }) {
  const [open, setOpen] = useState<"search" | "help" | null>(null);
  const chord = useRef(0);
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isWriting(event.target) || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      if (event.timeStamp - chord.current < CHORD) {
        chord.current = 0;
        const page = pagesOf(rights).find((entry) => entry.letter === event.key);
        if (page !== undefined) {
          void navigate({ to: page.to });
        }
      } else if (event.key === "g") {
        chord.current = event.timeStamp;
      } else if (event.key === "/") {
        event.preventDefault();
        setOpen("search");
      } else if (event.key === "?") {
        setOpen("help");
      } else if (event.key === "t") {
        document.querySelector<HTMLButtonElement>("[data-key='t']")?.click();
      } else if (event.key === "[" || event.key === "]") {
        const name = event.key === "[" ? "back" : "forward";
        document.querySelector<HTMLButtonElement>(`[data-key='${name}']`)?.click();
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate, rights]);
  return (
    <Dialog.Root open={open !== null} onOpenChange={(isOpen) => !isOpen && setOpen(null)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <header className="panel-head">
            <Dialog.Title className="panel-title">{open === "help" ? t.keys.title : t.keys.search}</Dialog.Title>
            <Dialog.Close className="button quiet">{t.panel.close}</Dialog.Close>
          </header>
          {open === "help" ? <Help /> : <Finder rights={rights} onGo={() => setOpen(null)} />}
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
