/** What each payer owes, and how much of it is older than 90 days, at the newest full month. */
import { csvOf, type KpiRow, useRows } from "@/api/rows";
import { useAddress } from "@/app/search";
import { period } from "@/format/dates";
import { money, numeric } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { Hidden, NothingPublished } from "@/parts/states";
import { WhyHidden } from "@/parts/why-hidden";
import { Value } from "@/parts/value";
import { t } from "@/texts";

interface PayerRow {
  payer: string;
  label: string;
  open: KpiRow | undefined;
  over90: KpiRow | undefined;
}

/** Return the newest month's two figures of each payer. */
export function payersOf(rows: readonly KpiRow[]): PayerRow[] {
  const newest = rows.reduce((last, row) => ((row.period_start ?? "") > last ? (row.period_start ?? "") : last), "");
  const payers = new Map<string, PayerRow>();
  for (const row of rows.filter((each) => each.period_start === newest)) {
    const payer = payers.get(row.stratum_value) ?? {
      payer: row.stratum_value,
      label: row.stratum_label ?? row.stratum_value,
      open: undefined,
      over90: undefined,
    };
    payers.set(row.stratum_value, { ...payer, [row.kpi_id === "ar_open" ? "open" : "over90"]: row });
  }
  return [...payers.values()].sort((a, b) => (numeric(b.open?.value) ?? -1) - (numeric(a.open?.value) ?? -1));
}

const COLUMNS: Column<PayerRow>[] = [
  { key: "payer", header: t.column.payer, cell: (row) => row.label, sortBy: (row) => row.label },
  {
    key: "open",
    header: t.column.open,
    isNumber: true,
    cell: (row) => {
      const amount = numeric(row.open?.value);
      return amount === null ? <Hidden /> : money(amount, row.open?.currency);
    },
    sortBy: (row) => numeric(row.open?.value),
  },
  {
    key: "over90",
    header: t.column.over90,
    isNumber: true,
    cell: (row) => <Value row={row.over90} unit="proportion" />,
    sortBy: (row) => numeric(row.over90?.value),
  },
];

export function Payers() {
  const [search, change] = useAddress();
  const answer = useRows("kpi_results", {
    kpi_id: ["ar_open", "ar_over_90"],
    grain: "month",
    stratum_type: "payer_id",
    sort: "-period_start",
    limit: 60,
  });
  return (
    <Loaded of={answer} height={260}>
      {(rows) => {
        const payers = payersOf(rows.data);
        const month = payers[0]?.open?.period_start ?? payers[0]?.over90?.period_start;
        return (
          <FigureBlock
            title={t.receivables.payersTitle}
            under={month == null ? undefined : period(month, "month")}
            table={
              payers.length === 0 ? (
                <NothingPublished />
              ) : (
                <DataTable
                  name={t.receivables.payersTitle}
                  columns={COLUMNS}
                  rows={payers}
                  rowKey={(row) => row.payer}
                  sort={search.sort}
                  onSort={(sort) => change({ sort } as never)}
                />
              )
            }
            csv={csvOf(rows)}
            source="kpi_results"
            asOf={rows.meta.as_of ?? undefined}
          >
            {payers.some(({ open, over90 }) => open?.suppressed === true || over90?.suppressed === true) && <WhyHidden />}
          </FigureBlock>
        );
      }}
    </Loaded>
  );
}
