/** Alerts that are open, what to do about each, and who has seen it. */
import { type FormEvent, useState } from "react";

import { type Alert, useAcknowledge, useAlerts } from "@/api/alerts";
import { isProblem, ProblemError } from "@/api/problem";
import { instant } from "@/format/dates";
import { count } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { SignalWord } from "@/parts/signal-word";
import { Failed, Hidden, State, WithCode } from "@/parts/states";
import { t } from "@/texts";

function found(alert: Alert) {
  if (alert.suppressed) {
    return <Hidden />;
  }
  if (alert.value === null) {
    return "";
  }
  const value = count(alert.value);
  return alert.allowed === null
    ? t.alerts.value(value, alert.unit ?? "")
    : t.alerts.of(value, count(alert.allowed), alert.unit ?? "");
}

const COLUMNS: Column<Alert>[] = [
  {
    key: "what",
    header: t.alerts.what,
    cell: ({ severity, meaning }) => (
      <>
        <SignalWord
          tone={severity === "failure" ? "worse" : "neither"}
          words={severity === "failure" ? t.alerts.failure : t.alerts.warning}
        />
        <br />
        <WithCode text={meaning ?? ""} />
      </>
    ),
  },
  { key: "since", header: t.alerts.since, cell: ({ raised_at }) => (raised_at === null ? "" : instant(raised_at)) },
  { key: "found", header: t.alerts.found, isNumber: true, cell: found },
  { key: "next", header: t.alerts.next, cell: ({ next_step }) => <WithCode text={next_step ?? ""} /> },
  { key: "seen", header: t.alerts.seen, cell: (alert) => <Seen alert={alert} /> },
];

export function Alerts() {
  const answer = useAlerts();
  // A lake of an earlier version has no alerts until its next run.
  if (answer.isError && isProblem(answer.error, "not-published")) {
    return null;
  }
  return (
    <Loaded of={answer} height={200}>
      {({ data }) => (
        <FigureBlock
          title={t.alerts.title(data.length)}
          under={t.alerts.under}
          table={
            data.length === 0 ? (
              <State title={t.alerts.none} />
            ) : (
              <DataTable name={t.alerts.title(data.length)} columns={COLUMNS} rows={data} rowKey={(alert) => alert.alert_id} />
            )
          }
        />
      )}
    </Loaded>
  );
}

function Seen({ alert }: { alert: Alert }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {alert.acknowledgements.map((each) => (
        <p key={`${each.at} ${each.note}`} className="note">
          {t.alerts.by(each.by, instant(each.at))}
          <br />
          {each.note}
        </p>
      ))}
      {isOpen ? (
        <NoteForm alert={alert.alert_id} onDone={() => setOpen(false)} />
      ) : (
        <button type="button" className="button quiet" onClick={() => setOpen(true)}>
          {t.alerts.write}
        </button>
      )}
    </>
  );
}

function NoteForm({ alert, onDone }: { alert: string; onDone(): void }) {
  const acknowledge = useAcknowledge();
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await acknowledge(alert, note.trim());
      onDone();
    } catch (error) {
      if (!(error instanceof ProblemError)) {
        throw error;
      }
      setProblem(error);
    }
  };
  return (
    <form className="note-form" onSubmit={(event) => void send(event)}>
      <label className="field">
        {t.alerts.note}
        <input value={note} required maxLength={500} onChange={(event) => setNote(event.target.value)} />
      </label>
      <p className="note">{t.alerts.noteWhy}</p>
      <button type="submit" className="button primary" disabled={note.trim() === ""}>
        {t.alerts.save}
      </button>
      {problem !== null && <Failed problem={problem.problem} onRetry={() => setProblem(null)} />}
    </form>
  );
}
