/** Which rules the data trip, and how often. */
import { csvOf, type Row, useRows } from "@/api/rows";
import { useAddress } from "@/app/search";
import { count, percent } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { ScopeBar } from "@/parts/scope-bar";
import { Hidden, NothingFits, NothingPublished } from "@/parts/states";
import { WhyHidden } from "@/parts/why-hidden";
import { t } from "@/texts";

type Rule = Row<"data_quality"> & { all: number | null };

/** The rule that counts all rows of a table. */
const ROWS = "rows";
const LAYERS = ["bronze", "silver", "gold"];
const SEVERITIES = ["reject", "warn", "info"];

/** Return the rules with the number of rows of their table, the most severe first. */
export function rulesOf(rows: readonly Row<"data_quality">[]): Rule[] {
  const tableOf = (row: Row<"data_quality">) => `${row.layer} ${row.table_name}`;
  const all = new Map(rows.filter((row) => row.rule_id === ROWS).map((row) => [tableOf(row), row.row_count]));
  return rows
    .filter((row) => row.rule_id !== ROWS)
    .map((row) => ({ ...row, all: all.get(tableOf(row)) ?? null }))
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity ?? "") - SEVERITIES.indexOf(b.severity ?? "") ||
        (b.row_count ?? -1) - (a.row_count ?? -1),
    );
}

const COLUMNS: Column<Rule>[] = [
  { key: "meaning", header: t.column.rule, cell: (row) => row.meaning ?? row.rule_id, sortBy: (row) => row.meaning },
  { key: "table", header: t.column.table, cell: (row) => `${row.layer}.${row.table_name}`, sortBy: (row) => `${row.layer}.${row.table_name}` },
  { key: "severity", header: t.column.severity, cell: (row) => row.severity ?? "", sortBy: (row) => row.severity },
  {
    key: "rows",
    header: t.column.rows,
    isNumber: true,
    cell: (row) => (row.suppressed ? <Hidden /> : count(row.row_count ?? 0)),
    sortBy: (row) => row.row_count,
  },
  {
    key: "share",
    header: t.column.share,
    isNumber: true,
    cell: (row) => (row.row_count === null || !row.all ? "" : percent(row.row_count / row.all)),
    sortBy: (row) => (row.row_count === null || !row.all ? null : row.row_count / row.all),
  },
];

export function Rules() {
  const [search, change] = useAddress();
  const answer = useRows("data_quality");
  const any = { value: "any", label: t.scope.any };
  return (
    <Loaded of={answer} height={400}>
      {(rows) => {
        const rules = rulesOf(rows.data);
        const shown = rules.filter(
          (rule) =>
            (search.layer === undefined || rule.layer === search.layer) &&
            (search.severity === undefined || rule.severity === search.severity),
        );
        const tripped = rules.filter((rule) => rule.suppressed || (rule.row_count ?? 0) > 0);
        return (
          <FigureBlock
            title={t.quality.rulesFinding(tripped.length, rules.length)}
            under={t.quality.rulesUnder}
            table={
              <>
                <ScopeBar
                  choices={[
                    { name: "layer", label: t.scope.layer, standard: "any", options: [any, ...LAYERS.map((value) => ({ value, label: value }))] },
                    { name: "severity", label: t.scope.severity, standard: "any", options: [any, ...SEVERITIES.map((value) => ({ value, label: value }))] },
                  ]}
                />
                {rules.length === 0 ? (
                  <NothingPublished />
                ) : shown.length === 0 ? (
                  <NothingFits onClear={() => change({ layer: undefined, severity: undefined } as never)} />
                ) : (
                  <DataTable
                    name={t.quality.rulesTitle}
                    columns={shown.some((rule) => rule.all) ? COLUMNS : COLUMNS.filter((column) => column.key !== "share")}
                    rows={shown}
                    rowKey={(row) => `${row.layer} ${row.table_name} ${row.rule_id}`}
                    sort={search.sort}
                    onSort={(sort) => change({ sort } as never)}
                  />
                )}
              </>
            }
            csv={csvOf(rows)}
            source="data_quality"
            asOf={rows.meta.as_of ?? undefined}
            hiddenRows={rows.meta.hidden}
          >
            {rows.meta.hidden > 0 && <WhyHidden />}
          </FigureBlock>
        );
      }}
    </Loaded>
  );
}
