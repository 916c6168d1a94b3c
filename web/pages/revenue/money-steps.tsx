/** From charges to collections, of the accounts of the period, in steps that sum to the cent. */
import { csvOf, type KpiRow, useRows } from "@/api/rows";
import { coverOf, stratumOf } from "@/app/scope";
import { type Search, useTableSwitch } from "@/app/search";
import { Waterfall, type WaterfallRow } from "@/charts/row-charts";
import { money, moneyShort, numeric, percent } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { Hidden, NothingPublished } from "@/parts/states";
import { t } from "@/texts";

/** Two decimals: sums of decimals are taken in whole cents. */
const CENTS = 100;

/** Return charges, what is taken off, and what came in; null where a part is hidden. */
export function stepsOf(gross: KpiRow | undefined, net: KpiRow | undefined): WaterfallRow[] | null {
  const charges = numeric(gross?.denominator);
  const expected = numeric(net?.denominator);
  const collected = numeric(net?.numerator);
  if (charges === null || expected === null || collected === null) {
    return null;
  }
  const cents = [charges, expected, collected].map((amount) => Math.round(amount * CENTS));
  const [inCharges = 0, inExpected = 0, inCollected = 0] = cents;
  const currency = net?.currency;
  const step = (key: string, label: string, change: number, isTotal: boolean): WaterfallRow => ({
    key,
    label,
    change: change / CENTS,
    isTotal,
    words: money(change / CENTS, currency),
  });
  return [
    step("charges", t.revenue.charges, inCharges, true),
    step("reduced", t.revenue.reduced, inExpected - inCharges, false),
    step("expected", t.revenue.expected, inExpected, true),
    step("uncollected", t.revenue.uncollected, inCollected - inExpected, false),
    step("collected", t.revenue.collected, inCollected, true),
  ];
}

const COLUMNS: Column<WaterfallRow>[] = [
  { key: "step", header: t.column.step, cell: (row) => row.label },
  { key: "amount", header: t.column.amount, isNumber: true, cell: (row) => row.words },
];

export function MoneySteps({ search }: { search: Search }) {
  const [isTable, setTable] = useTableSwitch("steps");
  const answer = useRows("kpi_results", {
    kpi_id: ["gross_collection_rate", "net_collection_rate"],
    ...coverOf(search),
    ...stratumOf(search),
  });
  return (
    <Loaded of={answer} height={260}>
      {(rows) => {
        const gross = rows.data.find((row) => row.kpi_id === "gross_collection_rate");
        const net = rows.data.find((row) => row.kpi_id === "net_collection_rate" && row.currency === gross?.currency);
        const steps = stepsOf(gross, net);
        const share = numeric(net?.value);
        const title =
          steps === null || share === null
            ? t.revenue.stepsTitle
            : t.revenue.stepsFinding(percent(share), moneyShort(steps[2]?.change ?? 0, net?.currency));
        return (
          <FigureBlock
            title={title}
            under={t.revenue.stepsUnder}
            isTable={isTable}
            onTable={setTable}
            {...(steps === null ? {} : { chart: <Waterfall name={t.revenue.stepsTitle} rows={steps} /> })}
            table={
              steps === null ? (
                net?.suppressed === true ? <Hidden /> : <NothingPublished />
              ) : (
                <DataTable name={t.revenue.stepsTitle} columns={COLUMNS} rows={steps} rowKey={(row) => row.key} />
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
