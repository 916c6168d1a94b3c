/** The initial denial rate of each payer. */
import { useRows } from "@/api/rows";
import { coverOf } from "@/app/scope";
import type { Search } from "@/app/search";
import { Loaded } from "@/parts/loaded";
import { bySize, StrataFigure } from "@/parts/strata-figure";
import { t } from "@/texts";

const KPI = "initial_denial_rate";

export function ByPayer({ search }: { search: Search }) {
  const answer = useRows("kpi_results", {
    kpi_id: KPI,
    ...coverOf(search),
    stratum_type: ["payer_id", "overall"],
  });
  return (
    <Loaded of={answer} height={260}>
      {(rows) => (
        <StrataFigure
          id="payers"
          title={t.denials.payersTitle}
          under={t.denials.payersUnder}
          name={t.denials.payersTitle}
          heading={t.column.payer}
          rows={bySize(rows.data.filter((row) => row.stratum_type === "payer_id"))}
          whole={rows.data.find((row) => row.stratum_type === "overall")}
          unit="proportion"
          meta={rows.meta}
        />
      )}
    </Loaded>
  );
}
