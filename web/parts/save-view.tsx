/** Saves the page as it is under a name; the address has all of it but small counts. */
import { Link, useLocation } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { ProblemError } from "@/api/problem";
import { useViewChanges, viewOf } from "@/api/views";
import { t } from "@/texts";

import { Panel } from "./panel";
import { Failed } from "./states";

/** Longest name that the server keeps. */
const LONGEST = 100;

export default function SaveView({ publication, onClose }: { publication: string; onClose(): void }) {
  const { pathname, searchStr } = useLocation();
  const { save } = useViewChanges();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [isPinned, setPinned] = useState(false);
  const [saved, setSaved] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await save({ ...viewOf(pathname, searchStr), name: name.trim(), shared, publication: isPinned ? publication : null });
      setSaved(true);
    } catch (error) {
      if (!(error instanceof ProblemError)) {
        throw error;
      }
      setProblem(error);
    }
  };
  return (
    <Panel title={t.views.save} isOpen onClose={onClose}>
      {saved ? (
        <p role="status">
          {t.views.saved}{" "}
          <Link to="/views" onClick={onClose}>
            {t.views.open}
          </Link>
        </p>
      ) : (
        <form className="note-form" onSubmit={(event) => void send(event)}>
          <label className="field">
            {t.views.name}
            <input value={name} required maxLength={LONGEST} onChange={(event) => setName(event.target.value)} />
          </label>
          <label className="check">
            <input type="checkbox" checked={shared} onChange={(event) => setShared(event.target.checked)} /> {t.views.shared}
          </label>
          <label className="check">
            <input type="checkbox" checked={isPinned} onChange={(event) => setPinned(event.target.checked)} /> {t.views.pinned}
          </label>
          <p className="note">{t.views.rights}</p>
          <button type="submit" className="button primary" disabled={name.trim() === ""}>
            {t.views.done}
          </button>
          {problem !== null && <Failed problem={problem.problem} onRetry={() => setProblem(null)} />}
        </form>
      )}
    </Panel>
  );
}
