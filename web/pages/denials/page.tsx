/** What is denied, and what can be won back? */
import { useFacilityChoice, usePeriodChoice } from "@/app/scope";
import { useAddress } from "@/app/search";
import { PageHead } from "@/parts/page-head";
import { ScopeBar } from "@/parts/scope-bar";
import { t } from "@/texts";

import { ByPayer } from "./by-payer";
import { DenialFigures } from "./figures";
import { Reasons } from "./reasons";
import { WorkList } from "./work-list";

export function DenialsPage() {
  const [search] = useAddress();
  const period = usePeriodChoice();
  const facility = useFacilityChoice();
  return (
    <>
      <PageHead title={t.page.denials} lead={t.denials.lead}>
        <ScopeBar choices={[period, facility]} />
      </PageHead>
      <DenialFigures search={search} />
      <div className="section">
        <Reasons search={search} />
        <ByPayer search={search} />
        <WorkList search={search} />
      </div>
    </>
  );
}
