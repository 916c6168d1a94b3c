/** How long each payer takes to pay: the median, and what nine in ten claims stay under. */
import { csvOf, type KpiRow, useRows } from "@/api/rows";
import { useTableSwitch } from "@/app/search";
import { type RangeRow, Ranges } from "@/charts/row-charts";
import { count } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { NothingPublished } from "@/parts/states";
import { t } from "@/texts";

type Lag = Pick<KpiRow, "stratum_value" | "stratum_label" | "suppressed" | "median" | "percentile_90">;

function rangeOf(row: Lag): RangeRow {
  const [middle, far] = [row.median, row.percentile_90].map((days) => (days === null ? null : Number(days)));
  return {
    key: row.stratum_value,
    label: row.stratum_label ?? row.stratum_value,
    hidden: row.suppressed,
    middle: middle ?? null,
    far: far ?? null,
    words: middle == null ? t.value.none : t.receivables.lagWords(count(middle), far == null ? "" : count(far)),
  };
}

const COLUMNS: Column<RangeRow>[] = [
  { key: "payer", header: t.column.payer, cell: (row) => row.label },
  { key: "days", header: t.column.value, isNumber: true, cell: (row) => (row.hidden === true ? t.value.hiddenRange : row.words) },
];

export function Lags() {
  const [isTable, setTable] = useTableSwitch("lags");
  const answer = useRows("kpi_results", { kpi_id: "payment_lag", grain: "all", stratum_type: "payer_id" });
  return (
    <Loaded of={answer} height={240}>
      {(rows) => {
        const ranges = rows.data.map(rangeOf).sort((a, b) => (b.middle ?? -1) - (a.middle ?? -1));
        return (
          <FigureBlock
            title={t.receivables.lagsTitle}
            under={t.receivables.lagsUnder}
            isTable={isTable}
            onTable={setTable}
            {...(ranges.length > 0 && { chart: <Ranges name={t.receivables.lagsTitle} rows={ranges} /> })}
            table={
              ranges.length === 0 ? (
                <NothingPublished />
              ) : (
                <DataTable name={t.receivables.lagsTitle} columns={COLUMNS} rows={ranges} rowKey={(row) => row.key} />
              )
            }
            csv={csvOf(rows)}
            source="kpi_results"
            asOf={rows.meta.as_of ?? undefined}
            hiddenRows={rows.meta.hidden}
          />
        );
      }}
    </Loaded>
  );
}
