/** Asks once why records of persons are read; the purpose goes into the audit with each read. */
import { type ReactNode, useState } from "react";

import { choosePurpose, type Purpose, PURPOSES, usePurpose } from "@/api/purpose";
import { t } from "@/texts";

export function PurposeGate({ children }: { children: ReactNode }) {
  const purpose = usePurpose();
  return purpose === null ? <PurposeForm /> : <>{children}</>;
}

export function PurposeForm({ onChosen }: { onChosen?: () => void }) {
  const [purpose, setPurpose] = useState<Purpose>(PURPOSES[0]);
  const [note, setNote] = useState("");
  return (
    <form
      className="figure purpose"
      onSubmit={(event) => {
        event.preventDefault();
        choosePurpose(purpose, note);
        onChosen?.();
      }}
    >
      <h2>{t.purpose.title}</h2>
      <p className="muted prose">{t.purpose.why}</p>
      <div className="scope">
        <label className="field">
          {t.purpose.purpose}
          <select value={purpose} onChange={(event) => setPurpose(event.target.value as Purpose)}>
            {PURPOSES.map((each) => (
              <option key={each} value={each}>
                {t.purpose.names[each]}
              </option>
            ))}
          </select>
        </label>
        <label className="field wide">
          {t.purpose.note}
          <input value={note} maxLength={200} onChange={(event) => setNote(event.target.value)} />
        </label>
        <button type="submit" className="button primary">
          {t.purpose.open}
        </button>
      </div>
    </form>
  );
}
