/** Did it work, and what is waiting? */
import { type Reading, useReading } from "@/api/reading";
import { useAddress } from "@/app/search";
import { instant } from "@/format/dates";
import { count } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { PageHead } from "@/parts/page-head";
import { Panel } from "@/parts/panel";
import { State, WithCode } from "@/parts/states";
import { t } from "@/texts";

import { Alerts } from "./alerts";

export interface Run {
  run_id: string;
  state: string;
  stage: string | null;
  as_of: string | null;
  started_at: string;
  ended_at: string | null;
  files: number;
  files_by_state: Record<string, number>;
  rows_loaded: number;
  rows_quarantined: number;
  refused_gate: string | null;
  refused_because: string | null;
  accept: string | null;
}

interface RunFile {
  file: string;
  state: string;
  size: number | null;
  registered_at: string | null;
  rows_loaded: number | null;
  rows_quarantined: number | null;
}

/** Return how long a run took: 58 s, or 3 min 5 s. */
export function duration(run: Pick<Run, "started_at" | "ended_at">): string {
  if (run.ended_at === null) {
    return t.runs.running;
  }
  const seconds = Math.round((Date.parse(run.ended_at) - Date.parse(run.started_at)) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function columns(onOpen: (run: string) => void): Column<Run>[] {
  return [
    {
      key: "started",
      header: t.runs.started,
      cell: (run) => (
        <button type="button" className="link" onClick={() => onOpen(run.run_id)}>
          {instant(run.started_at)}
        </button>
      ),
    },
    { key: "state", header: t.runs.state, cell: (run) => <span className={run.state === "succeeded" ? "" : "word worse"}>{run.state}</span> },
    { key: "stage", header: t.runs.stage, cell: (run) => run.stage ?? "" },
    { key: "took", header: t.runs.took, isNumber: true, cell: duration },
    { key: "files", header: t.runs.files, isNumber: true, cell: (run) => count(run.files) },
    { key: "received", header: t.runs.received, isNumber: true, cell: (run) => count(run.rows_loaded + run.rows_quarantined) },
    { key: "loaded", header: t.runs.loaded, isNumber: true, cell: (run) => count(run.rows_loaded) },
    { key: "quarantined", header: t.runs.quarantined, isNumber: true, cell: (run) => count(run.rows_quarantined) },
  ];
}

export function RunsPage() {
  const [search, change] = useAddress();
  const runs: Reading<{ data: Run[] }> = useReading("/v1/runs", { isPublished: false });
  const open = (run: string | undefined) => change({ open: run } as never);
  return (
    <>
      <PageHead title={t.page.runs} lead={t.runs.lead} />
      <Alerts />
      <Loaded of={runs} height={400}>
        {({ data }) => (
          <FigureBlock
            title={finding(data)}
            table={
              data.length === 0 ? (
                <State title={t.runs.none}>
                  <WithCode text={t.runs.noneNext} />
                </State>
              ) : (
                <DataTable name={t.page.runs} columns={columns(open)} rows={data} rowKey={(run) => run.run_id} selected={search.open} />
              )
            }
          >
            {data
              .filter((run) => run.refused_because !== null)
              .map((run) => (
                <State key={run.run_id} title={`${instant(run.started_at)}: ${run.refused_gate ?? ""}`}>
                  <WithCode text={run.refused_because ?? ""} /> {run.accept !== null && <code>{run.accept}</code>}
                </State>
              ))}
          </FigureBlock>
        )}
      </Loaded>
      {search.open !== undefined && <RunPanel id={search.open} onClose={() => open(undefined)} />}
    </>
  );
}

function finding(runs: readonly Run[]): string {
  const [last] = runs;
  return last === undefined ? t.page.runs : last.state === "succeeded" ? t.runs.succeeded : t.runs.notSucceeded(last.state);
}

const FILES: Column<RunFile>[] = [
  { key: "file", header: t.runs.file, cell: (file) => <span className="file">{file.file}</span> },
  { key: "state", header: t.runs.state, cell: (file) => file.state },
  { key: "loaded", header: t.runs.loaded, isNumber: true, cell: (file) => count(file.rows_loaded ?? 0) },
  { key: "quarantined", header: t.runs.quarantined, isNumber: true, cell: (file) => count(file.rows_quarantined ?? 0) },
];

function RunPanel({ id, onClose }: { id: string; onClose(): void }) {
  const run: Reading<Run & { files: RunFile[] }> = useReading(`/v1/runs/${id}`, { isPublished: false });
  return (
    <Panel title={id} isOpen onClose={onClose}>
      <Loaded of={run}>
        {(found) =>
          found.files.length === 0 ? (
            <State title={t.runs.noFiles} />
          ) : (
            <DataTable name={t.runs.files} columns={FILES} rows={found.files} rowKey={(file) => file.file} />
          )
        }
      </Loaded>
    </Panel>
  );
}
