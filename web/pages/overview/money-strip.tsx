/** Four figures of the revenue cycle in the newest complete month, each with its months. */
import { type Row, useRows } from "@/api/rows";
import { Spark, type SparkPoint } from "@/charts/spark";
import { period } from "@/format/dates";
import { figure, numeric, type Unit } from "@/format/numbers";
import { FigureStrip } from "@/parts/figure-strip";
import { Loaded } from "@/parts/loaded";
import { Hidden } from "@/parts/states";
import { t } from "@/texts";

type Month = Row<"headline_kpis">;
type Figure = "net_collection_rate" | "days_in_ar" | "denial_rate" | "first_pass_success_rate";

const SHOWN: readonly { column: Figure; label: string; unit: Unit }[] = [
  { column: "net_collection_rate", label: t.kpi.net_collection_rate, unit: "proportion" },
  { column: "days_in_ar", label: t.kpi.days_in_ar, unit: "days" },
  { column: "denial_rate", label: t.kpi.initial_denial_rate, unit: "proportion" },
  { column: "first_pass_success_rate", label: t.kpi.first_pass_resolution_rate, unit: "proportion" },
];
const MONTHS = 24;

function pointOf(month: Month, column: Figure): SparkPoint {
  const value = numeric(month[column]);
  return { value, hidden: value === null && month.suppressed, lower: null, upper: null, signal: null };
}

export function MoneyStrip() {
  const answer = useRows("headline_kpis", { facility_id: "all", sort: "-month_year", limit: MONTHS });
  return (
    <Loaded of={answer} height={140}>
      {(rows) => {
        const months = [...rows.data].reverse();
        return months.length === 0 ? null : (
          <section className="section">
            <h2>{t.overview.money}</h2>
            <FigureStrip
              name={t.overview.money}
              figures={SHOWN.map(({ column, label, unit }) => {
                const last = months.findLast((month) => !month.provisional && numeric(month[column]) !== null);
                const value = numeric(last?.[column]);
                return {
                  key: column,
                  label,
                  value: value === null ? <Hidden /> : figure(value, unit),
                  under: last === undefined ? "" : t.overview.moneyUnder(period(last.month_year ?? "", "month")),
                  spark: <Spark name={t.measure.sparkOf(label)} points={months.map((month) => pointOf(month, column))} />,
                };
              })}
            />
          </section>
        );
      }}
    </Loaded>
  );
}
