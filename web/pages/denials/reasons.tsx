/** Denied amounts by category or reason, the largest first, with their running share. */
import { cumsum } from "d3-array";

import { csvOf, type KpiRow, useRows } from "@/api/rows";
import { coverOf } from "@/app/scope";
import { type Search, useAddress, useTableSwitch } from "@/app/search";
import { type BarRow, Pareto } from "@/charts/row-charts";
import { money, moneyShort, numeric, percent } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { Hidden, State } from "@/parts/states";
import { WhyHidden } from "@/parts/why-hidden";
import { Switch } from "@/parts/switch";
import { t } from "@/texts";

/** Return the shown rows, largest first, with running shares; hidden ones are not in the total. */
export function paretoOf(rows: readonly KpiRow[], names: (row: KpiRow) => string): { bars: BarRow[]; total: number } {
  const shown = rows
    .flatMap((row) => {
      const value = numeric(row.value);
      return row.suppressed || value === null ? [] : [{ row, value }];
    })
    .sort((a, b) => b.value - a.value);
  const amounts = shown.map(({ value }) => value);
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  const running = [...cumsum(amounts)].map((amount) => (total === 0 ? 0 : amount / total));
  const bars = shown.map(({ row, value }, index) => ({
    key: row.stratum_value,
    label: names(row),
    value,
    running: running[index] ?? 1,
    words: `${moneyShort(value, row.currency)} \u00b7 ${percent(running[index] ?? 1)}`,
  }));
  return { bars, total };
}

const BY = ["category", "carc"] as const;

function nameOf(row: KpiRow): string {
  const carc = (t.carc as Record<string, string>)[row.stratum_value];
  return row.stratum_type === "carc"
    ? `${row.stratum_value}${carc === undefined ? "" : ` ${carc}`}`
    : (row.stratum_label ?? row.stratum_value).replace(/^./, (letter) => letter.toUpperCase());
}

export function Reasons({ search }: { search: Search }) {
  const [, change] = useAddress();
  const [isTable, setTable] = useTableSwitch("reasons");
  const by = search.by === "carc" ? "carc" : "category";
  const answer = useRows("kpi_results", { kpi_id: "total_denied_amount", stratum_type: by, ...coverOf(search) });
  return (
    <Loaded of={answer} height={300}>
      {(rows) => {
        const { bars, total } = paretoOf(rows.data, nameOf);
        const [first] = bars;
        const title =
          first === undefined ? t.denials.reasonsTitle : t.denials.reasonsFinding(first.label, percent(first.running ?? 0));
        return (
          <FigureBlock
            title={title}
            under={t.denials.reasonsUnder}
            isTable={isTable}
            onTable={setTable}
            {...(bars.length > 0 && { chart: <Pareto name={t.denials.reasonsTitle} rows={bars} total={total} /> })}
            table={
              rows.data.length === 0 ? (
                <State title={t.state.emptyService} />
              ) : (
                <DataTable name={t.denials.reasonsTitle} columns={COLUMNS} rows={rows.data} rowKey={(row) => row.stratum_value} sort={search.sort} onSort={(sort) => change({ sort } as never)} />
              )
            }
            csv={csvOf(rows)}
            source="kpi_results"
            asOf={rows.meta.as_of ?? undefined}
            hiddenRows={rows.meta.hidden}
          >
            <div className="figure-line">
              <Switch
                name={t.denials.by}
                options={BY.map((value) => ({ value, label: t.denials[value] }))}
                value={by}
                onChange={(value) => change({ by: value === "category" ? undefined : value } as never)}
              />
              {rows.meta.hidden > 0 && <WhyHidden />}
            </div>
          </FigureBlock>
        );
      }}
    </Loaded>
  );
}

const COLUMNS: Column<KpiRow>[] = [
  { key: "reason", header: t.column.reason, cell: nameOf, sortBy: nameOf },
  {
    key: "amount",
    header: t.column.amount,
    isNumber: true,
    cell: (row) => {
      const value = numeric(row.value);
      return value === null ? <Hidden /> : money(value, row.currency);
    },
    sortBy: (row) => numeric(row.value),
  },
];
