/** Is the money coming in? The KPI that the address names, such as one that is unusual, comes first. */
import { grainChoice, grainOf, useFacilityChoice, usePeriodChoice } from "@/app/scope";
import { useAddress } from "@/app/search";
import { PageHead } from "@/parts/page-head";
import { ScopeBar } from "@/parts/scope-bar";
import { t } from "@/texts";

import { Closes } from "./closes";
import { KpiSeries } from "./kpi-series";
import { MoneySteps } from "./money-steps";

const SERIES = [
  "net_collection_rate",
  "gross_collection_rate",
  "days_in_ar",
  "ar_over_90",
  "first_pass_resolution_rate",
  "initial_denial_rate",
] as const;

export function RevenuePage() {
  const [search] = useAddress();
  const period = usePeriodChoice();
  const facility = useFacilityChoice();
  const grain = grainOf(search, "month");
  const asked = search.kpi;
  return (
    <>
      <PageHead title={t.page.revenue} lead={t.revenue.lead}>
        <ScopeBar choices={[period, grainChoice("month", ["month", "quarter", "year"]), facility]} />
      </PageHead>
      {asked !== undefined && <KpiSeries key={asked} kpi={asked} search={search} grain={grain} />}
      <MoneySteps search={search} />
      <section className="section">
        <h2>{t.revenue.series}</h2>
        <div className="pair">
          {SERIES.filter((kpi) => kpi !== asked).map((kpi) => (
            <KpiSeries key={kpi} kpi={kpi} search={search} grain={grain} />
          ))}
        </div>
      </section>
      <section className="section">
        <Closes />
      </section>
    </>
  );
}
