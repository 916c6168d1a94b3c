/** One measure: is it real, and where is it? */
import { Link, useParams } from "@tanstack/react-router";

import { useDefinition } from "@/api/measures";
import { grainChoice, useHospitalChoice, usePeriodChoice } from "@/app/scope";
import { Loaded } from "@/parts/loaded";
import { PageHead } from "@/parts/page-head";
import { ScopeBar } from "@/parts/scope-bar";
import { SmallCountsSwitch } from "@/parts/small-counts";
import { t } from "@/texts";

import { Exclusions } from "./exclusions";
import { HospitalFunnel } from "./hospital-funnel";
import { OverTime } from "./over-time";
import { Strata } from "./strata";

export function MeasurePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const definition = useDefinition(id);
  const period = usePeriodChoice();
  const hospital = useHospitalChoice();
  return (
    <Loaded of={definition} height={600}>
      {(measure) => (
        <>
          <PageHead
            title={measure.title}
            lead={measure.question}
            trail={
              <>
                <Link to="/measures">{t.page.measures}</Link>
                {" \u00b7 "}
                <Link to="/measures/$id/definition" params={{ id }}>
                  {t.measure.definition}
                </Link>
              </>
            }
          >
            <ScopeBar choices={[period, grainChoice("month", ["month", "quarter", "year"]), hospital]} />
            <div>
              <SmallCountsSwitch />
            </div>
          </PageHead>
          <OverTime measure={measure} />
          <HospitalFunnel measure={measure} />
          <Strata measure={measure} />
          <Exclusions measure={measure} />
        </>
      )}
    </Loaded>
  );
}
