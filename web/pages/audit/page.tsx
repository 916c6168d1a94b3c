/** Who looked at what? An auditor sees the tenant, everybody else their own reads. */
import { useReading } from "@/api/reading";
import { useAddress } from "@/app/search";
import { useRight } from "@/app/viewer";
import { Bars } from "@/charts/row-charts";
import { count } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { PageHead } from "@/parts/page-head";
import { Panel } from "@/parts/panel";
import { ScopeBar } from "@/parts/scope-bar";
import { NothingFits } from "@/parts/states";
import { t } from "@/texts";

export interface AuditRow {
  event_id: string;
  at: string;
  principal: string;
  role: string;
  action: string;
  object: string;
  outcome: string;
  reason: string | null;
  row_count: number | null;
  hidden_returned: number | null;
  purpose: string | null;
  statement: string;
  status: number | null;
  ms: number | null;
}

const ACTIONS = ["api", "explain", "export", "login", "logout", "override", "review"];
const OUTCOMES = ["ok", "refused", "failed"];
/** Rows that are read and shown. */
const MOST = 200;

function seconds(instant: string): string {
  return new Date(instant).toISOString().slice(0, 19).replace("T", " ");
}

function columns(onOpen: (event: string) => void): Column<AuditRow>[] {
  return [
    {
      key: "at",
      header: t.audit.at,
      cell: (row) => (
        <button type="button" className="link" onClick={() => onOpen(row.event_id)}>
          {seconds(row.at)}
        </button>
      ),
    },
    { key: "who", header: t.audit.who, cell: (row) => row.principal },
    { key: "role", header: t.audit.role, cell: (row) => row.role },
    { key: "action", header: t.audit.action, cell: (row) => row.action },
    { key: "object", header: t.audit.object, cell: (row) => row.object },
    { key: "rows", header: t.column.rows, isNumber: true, cell: (row) => (row.row_count === null ? "" : count(row.row_count)) },
    { key: "outcome", header: t.audit.outcome, cell: (row) => <span className={row.outcome === "ok" ? "" : "word worse"}>{row.outcome}</span> },
    { key: "purpose", header: t.audit.purpose, cell: (row) => row.purpose ?? "" },
  ];
}

/** Return how often each role read, most first. */
export function byRole(rows: readonly AuditRow[]): { key: string; label: string; value: number; words: string }[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    counts.set(row.role, (counts.get(row.role) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([role, value]) => ({ key: role, label: role, value, words: count(value) }));
}

export function AuditPage() {
  const [search, change] = useAddress();
  const isAuditor = useRight("audit:read");
  const any = { value: "any", label: t.scope.any };
  const audit = useReading<{ data: AuditRow[] }>("/v1/audit", {
    parameters: { limit: MOST, action: search.action, outcome: search.outcome, principal: search.user },
    isPublished: false,
  });
  return (
    <>
      <PageHead title={t.page.audit} lead={isAuditor ? t.audit.lead : t.audit.leadOwn}>
        <ScopeBar
          choices={[
            { name: "action", label: t.audit.action, standard: "any", options: [any, ...ACTIONS.map((value) => ({ value, label: value }))] },
            { name: "outcome", label: t.audit.outcome, standard: "any", options: [any, ...OUTCOMES.map((value) => ({ value, label: value }))] },
          ]}
        />
      </PageHead>
      <Loaded of={audit} height={400}>
        {({ data }) => {
          const opened = data.find((row) => row.event_id === search.open);
          const refused = data.filter((row) => row.outcome === "refused").length;
          return (
            <>
              {isAuditor && data.length > 0 && (
                <FigureBlock title={t.audit.byRole} under={t.audit.newest(count(data.length))} chart={<Bars name={t.audit.byRole} rows={byRole(data)} />} />
              )}
              <FigureBlock
                title={t.audit.finding(count(data.length), count(refused))}
                under={t.audit.utc}
                table={
                  data.length === 0 ? (
                    <NothingFits onClear={() => change({ action: undefined, outcome: undefined, user: undefined } as never)} />
                  ) : (
                    <DataTable
                      name={t.page.audit}
                      columns={columns((event) => change({ open: event }))}
                      rows={data}
                      rowKey={(row) => row.event_id}
                      selected={search.open}
                    />
                  )
                }
              />
              {opened !== undefined && <EntryPanel row={opened} onClose={() => change({ open: undefined } as never)} />}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function EntryPanel({ row, onClose }: { row: AuditRow; onClose(): void }) {
  return (
    <Panel title={seconds(row.at)} isOpen onClose={onClose}>
      <dl className="facts">
        {Object.entries(row)
          .filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
          .map(([name, value]) => (
            <div key={name} className="fact">
              <dt>{name}</dt>
              <dd className="file">{Array.isArray(value) ? value.join(", ") : String(value)}</dd>
            </div>
          ))}
      </dl>
    </Panel>
  );
}
