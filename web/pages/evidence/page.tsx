/** Which stays are behind a figure, and why does this one count? */
import { Link, useParams } from "@tanstack/react-router";

import { useDefinition } from "@/api/measures";
import { grainOf, useHospitalChoice } from "@/app/scope";
import { useAddress } from "@/app/search";
import { period } from "@/format/dates";
import { Loaded } from "@/parts/loaded";
import { PageHead } from "@/parts/page-head";
import { PurposeGate } from "@/parts/purpose-gate";
import { type Choice, ScopeBar } from "@/parts/scope-bar";
import { t } from "@/texts";

import { Explanation } from "./explanation";
import { Stays } from "./stays";

const COUNTED: Choice = {
  name: "counted",
  label: t.evidence.counted,
  standard: "any",
  options: [
    { value: "any", label: t.scope.any },
    { value: "outcome", label: t.evidence.withOutcome },
    { value: "in", label: t.evidence.in },
    { value: "out", label: t.evidence.out },
  ],
};

export function EvidencePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const [search] = useAddress();
  const definition = useDefinition(id);
  const hospital = useHospitalChoice();
  const grain = grainOf(search, "all");
  return (
    <Loaded of={definition} height={600}>
      {(measure) => (
        <>
          <PageHead
            title={t.evidence.title}
            lead={`${measure.title}, ${search.date === undefined ? t.period.all : period(search.date, grain)}`}
            trail={
              <>
                <Link to="/measures">{t.page.measures}</Link>
                {" \u00b7 "}
                <Link to="/measures/$id" params={{ id }}>
                  {measure.title}
                </Link>
              </>
            }
          >
            <ScopeBar
              choices={[
                COUNTED,
                {
                  name: "reason",
                  label: t.column.reason,
                  standard: "any",
                  options: [
                    { value: "any", label: t.scope.any },
                    ...measure.exclusions.map(({ reason }) => ({ value: reason, label: reason.replaceAll("_", " ") })),
                  ],
                },
                hospital,
              ]}
            />
          </PageHead>
          <PurposeGate>
            <div className={search.stay === undefined ? "" : "split"}>
              <Stays measure={measure} />
              {search.stay !== undefined && <Explanation measure={measure} stay={search.stay} />}
            </div>
          </PurposeGate>
        </>
      )}
    </Loaded>
  );
}
