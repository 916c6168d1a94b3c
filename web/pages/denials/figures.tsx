/** The figures of denials over the period. */
import { unitOf } from "@/api/kpis";
import { useRows } from "@/api/rows";
import { coverOf, stratumOf } from "@/app/scope";
import type { Search } from "@/app/search";
import { moneyShort, numeric } from "@/format/numbers";
import { FigureStrip } from "@/parts/figure-strip";
import { Loaded } from "@/parts/loaded";
import { countsOf, Value } from "@/parts/value";
import { t } from "@/texts";

const SHOWN = [
  "total_denied_amount",
  "initial_denial_rate",
  "denial_appeal_rate",
  "denial_overturn_rate",
  "denial_days_to_resolution",
] as const;

export function DenialFigures({ search }: { search: Search }) {
  const answer = useRows("kpi_results", { kpi_id: SHOWN, ...coverOf(search), ...stratumOf(search) });
  return (
    <Loaded of={answer} height={96}>
      {(rows) => (
        <FigureStrip
          name={t.page.denials}
          figures={SHOWN.map((kpi) => {
            const row = rows.data.find((each) => each.kpi_id === kpi);
            const unit = unitOf(row);
            const amount = unit === "money" ? numeric(row?.value) : null;
            return {
              key: kpi,
              label: t.kpi[kpi],
              value:
                amount === null ? (
                  <Value row={row} unit={unit} currency={row?.currency ?? null} />
                ) : (
                  <span title={row?.value ?? ""}>{moneyShort(amount, row?.currency)}</span>
                ),
              under: row === undefined || row.suppressed || amount !== null ? "" : countsOf(row, unit),
            };
          })}
        />
      )}
    </Loaded>
  );
}
