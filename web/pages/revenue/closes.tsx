/** Closed months beside the figures as they are known now. */
import { csvOf, type Row, useRows } from "@/api/rows";
import { useAddress } from "@/app/search";
import { instant, period } from "@/format/dates";
import { difference, figure, numeric, type Unit } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { Hidden, State, WithCode } from "@/parts/states";
import { t } from "@/texts";

type Close = Row<"closes">;

const DAYS = ["days_in_ar", "net_days_in_ar"];

/** Closed rows carry no unit: rates are below 2, days are named, all else is money. */
function unitOf(row: Close): Unit {
  if (DAYS.includes(row.kpi_id) || row.kpi_id.includes("lag") || row.kpi_id.includes("days")) {
    return "days";
  }
  return row.kpi_id.includes("rate") || row.kpi_id.startsWith("ar_over") ? "proportion" : "money";
}

function shown(value: string | null, row: Close) {
  const number = numeric(value);
  return number === null ? (row.suppressed ? <Hidden /> : t.value.noData) : figure(number, unitOf(row), row.currency || undefined);
}

const COLUMNS: Column<Close>[] = [
  { key: "kpi", header: t.column.kpi, cell: (row) => (t.kpi as Record<string, string>)[row.kpi_id] ?? row.kpi_id },
  { key: "month", header: t.column.month, cell: (row) => period(row.period_start ?? "", "month"), sortBy: (row) => row.period_start },
  { key: "closed", header: t.column.closed, isNumber: true, cell: (row) => shown(row.closed_value, row) },
  { key: "now", header: t.column.restated, isNumber: true, cell: (row) => shown(row.restated_value, row) },
  {
    key: "difference",
    header: t.column.difference,
    isNumber: true,
    cell: (row) => {
      const number = numeric(row.difference);
      return number === null ? "" : difference(number, unitOf(row), row.currency || undefined);
    },
    sortBy: (row) => numeric(row.difference),
  },
  { key: "at", header: t.column.closedAt, cell: (row) => (row.closed_at === null ? "" : instant(row.closed_at)) },
];

export function Closes() {
  const [search, change] = useAddress();
  const answer = useRows("closes", { stratum_type: "overall", sort: "-period_start" });
  return (
    <Loaded of={answer}>
      {(rows) => (
        <FigureBlock
          title={t.revenue.closesTitle}
          table={
            rows.data.length === 0 ? (
              <State title={t.revenue.noClose}>
                <WithCode text={t.revenue.noCloseNext} />
              </State>
            ) : (
              <DataTable
                name={t.revenue.closesTitle}
                columns={COLUMNS}
                rows={rows.data}
                rowKey={(row) => `${row.kpi_id} ${row.period_start} ${row.close_version}`}
                sort={search.sort}
                onSort={(sort) => change({ sort } as never)}
              />
            )
          }
          csv={csvOf(rows)}
          source="closes"
          asOf={rows.meta.as_of ?? undefined}
          hiddenRows={rows.meta.hidden}
        />
      )}
    </Loaded>
  );
}
