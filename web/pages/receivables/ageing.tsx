/** What is owed at the end of each month, by age. */
import { csvOf, type KpiRow, useRows } from "@/api/rows";
import { type Search, useTableSwitch } from "@/app/search";
import { type Stack, StackedMonths } from "@/charts/stacked-months";
import { period } from "@/format/dates";
import { money, moneyAxis, moneyShort, numeric, percent } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { Hidden, NothingPublished } from "@/parts/states";
import { t } from "@/texts";

export const ANCHORS = ["bill", "service", "payer"] as const;
const BUCKETS = ["0-30", "31-60", "61-90", "91-120", "121+"] as const;
const MONTHS = 24;

/** Return one stack a month, the newest months only; a month without a bucket owes nothing of it. */
export function stacksOf(rows: readonly KpiRow[]): Stack[] {
  const months = new Map<string, Map<string, KpiRow>>();
  for (const row of rows) {
    const start = row.period_start ?? "";
    const month = months.get(start) ?? new Map<string, KpiRow>();
    months.set(start, month.set(row.stratum_value, row));
  }
  return [...months]
    .sort(([a], [b]) => a.localeCompare(b))
    .slice(-MONTHS)
    .map(([start, month]) => ({
      start,
      amounts: BUCKETS.map((bucket) => {
        const row = month.get(bucket);
        return row === undefined ? 0 : numeric(row.numerator);
      }),
    }));
}

export function Ageing({ search }: { search: Search }) {
  const [isTable, setTable] = useTableSwitch("ageing");
  const anchor = ANCHORS.find((each) => each === search.anchor) ?? "bill";
  const answer = useRows("kpi_results", {
    kpi_id: `ar_aging_${anchor}`,
    grain: "month",
    stratum_type: "bucket",
    sort: "-period_start",
  });
  return (
    <Loaded of={answer} height={420}>
      {(rows) => {
        const currency = rows.data[0]?.currency;
        const own = rows.data.filter((row) => row.currency === currency);
        const stacks = stacksOf(own);
        const partial = own.find((row) => row.provisional)?.period_start;
        const last = stacks.findLast((stack) => stack.start !== partial);
        const total = last?.amounts.reduce<number>((sum, amount) => sum + (amount ?? 0), 0) ?? 0;
        const old = (last?.amounts[3] ?? 0) + (last?.amounts[4] ?? 0);
        const names = BUCKETS.map((bucket) => t.receivables.bucket[bucket]);
        return (
          <FigureBlock
            title={
              last === undefined || total === 0
                ? t.receivables.ageingTitle
                : t.receivables.ageingFinding(percent(old / total), moneyShort(total, currency))
            }
            under={last === undefined ? t.receivables.ageingUnder : `${period(last.start, "month")}; ${t.receivables.ageingUnder}`}
            isTable={isTable}
            onTable={setTable}
            {...(stacks.length > 0 && {
              chart: (
                <StackedMonths
                  name={t.receivables.ageingTitle}
                  buckets={names}
                  stacks={stacks}
                  format={(amount) => moneyShort(amount, currency)}
                  formatAxis={(amount) => moneyAxis(amount, currency)}
                  hiddenWords={t.value.hidden}
                />
              ),
            })}
            table={
              stacks.length === 0 ? (
                <NothingPublished />
              ) : (
                <DataTable name={t.receivables.ageingTitle} columns={columns(names, currency)} rows={[...stacks].reverse()} rowKey={(row) => row.start} />
              )
            }
            csv={csvOf(rows)}
            source="kpi_results"
            asOf={rows.meta.as_of ?? undefined}
            hiddenRows={rows.meta.hidden}
          >
            {partial != null && <p className="note">{t.receivables.ageingPartial(period(partial, "month"))}</p>}
          </FigureBlock>
        );
      }}
    </Loaded>
  );
}

function columns(names: readonly string[], currency: string | undefined): Column<Stack>[] {
  return [
    { key: "month", header: t.column.month, cell: (row) => period(row.start, "month") },
    ...names.map((name, at): Column<Stack> => ({
      key: name,
      header: name,
      isNumber: true,
      cell: (row) => {
        const amount = row.amounts[at];
        return amount == null ? <Hidden /> : money(amount, currency);
      },
    })),
  ];
}
