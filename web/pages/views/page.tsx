/** The views a person may open: open, rename, share, remove. */
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { ProblemError } from "@/api/problem";
import { type SavedView, useViewChanges, useViews } from "@/api/views";
import { instant } from "@/format/dates";
import { count } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { PageHead } from "@/parts/page-head";
import { Failed, State } from "@/parts/states";
import { t } from "@/texts";

const COLUMNS: Column<SavedView>[] = [
  { key: "name", header: t.views.name, cell: (view) => <Link to="/s/$id" params={{ id: view.id }}>{view.name}</Link> },
  { key: "page", header: t.views.page, cell: (view) => view.page },
  { key: "who", header: t.views.who, cell: (view) => (view.own ? (view.shared ? `${t.views.own}, ${t.views.isShared}` : t.views.own) : t.views.others) },
  { key: "figures", header: t.views.figures, cell: (view) => (view.publication === null ? t.views.newest : t.views.fixed) },
  { key: "changed", header: t.views.changed, cell: (view) => instant(view.changed_at) },
  { key: "do", header: t.views.actions, cell: (view) => <Actions view={view} /> },
];

export function ViewsPage() {
  const views = useViews();
  return (
    <>
      <PageHead title={t.views.title} lead={t.views.lead} />
      <Loaded of={views} height={300}>
        {({ data }) => (
          <FigureBlock
            title={t.views.found(count(data.length))}
            under={t.views.rights}
            table={
              data.length === 0 ? (
                <State title={t.views.none}>{t.views.noneNext}</State>
              ) : (
                <DataTable name={t.views.title} columns={COLUMNS} rows={data} rowKey={(view) => view.id} />
              )
            }
          />
        )}
      </Loaded>
    </>
  );
}

function Actions({ view }: { view: SavedView }) {
  const { change, remove } = useViewChanges();
  const [isNaming, setNaming] = useState(false);
  const [isCopied, setCopied] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProblemError)) {
        throw error;
      }
      setProblem(error);
    }
  };
  const copy = async () => {
    await navigator.clipboard.writeText(`${window.location.origin}/s/${view.id}`);
    setCopied(true);
  };
  const rename = (name: string) => attempt(async () => {
    await change(view.id, { name });
    setNaming(false);
  });
  return (
    <>
      <span className="actions">
        <button type="button" className="button quiet" onClick={() => void copy()}>
          {isCopied ? t.figure.copied : t.views.link}
        </button>
        {view.own && (
          <>
            <button type="button" className="button quiet" onClick={() => setNaming(!isNaming)}>
              {t.views.rename}
            </button>
            <button type="button" className="button quiet" onClick={() => void attempt(() => change(view.id, { shared: !view.shared }))}>
              {view.shared ? t.views.unshare : t.views.share}
            </button>
            <button type="button" className="button quiet" onClick={() => void attempt(() => remove(view.id))}>
              {t.views.remove}
            </button>
          </>
        )}
      </span>
      {isNaming && <NameForm name={view.name} onName={rename} />}
      {problem !== null && <Failed problem={problem.problem} onRetry={() => setProblem(null)} />}
    </>
  );
}

function NameForm({ name, onName }: { name: string; onName(name: string): Promise<void> }) {
  const [value, setValue] = useState(name);
  const send = (event: FormEvent) => {
    event.preventDefault();
    void onName(value.trim());
  };
  return (
    <form className="note-form" onSubmit={send}>
      <label className="field">
        {t.views.name}
        <input value={value} required maxLength={100} onChange={(event) => setValue(event.target.value)} />
      </label>
      <button type="submit" className="button primary" disabled={value.trim() === ""}>
        {t.views.done}
      </button>
    </form>
  );
}
