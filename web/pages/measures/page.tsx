/** Which measures moved? */
import { useMeasures } from "@/api/measures";
import { grainChoice, grainOf, useHospitalChoice } from "@/app/scope";
import { useAddress } from "@/app/search";
import { Loaded } from "@/parts/loaded";
import { PageHead } from "@/parts/page-head";
import { ScopeBar } from "@/parts/scope-bar";
import { t } from "@/texts";

import { MeasureSheet } from "./measure-table";

export function MeasuresPage() {
  const [search] = useAddress();
  const hospital = useHospitalChoice();
  const measures = useMeasures(true, { grain: grainOf(search, "quarter"), hospital: search.hospital?.[0] });
  return (
    <>
      <PageHead title={t.page.measures} lead={t.measures.lead}>
        <ScopeBar choices={[grainChoice("quarter", ["month", "quarter", "year"]), hospital]} />
      </PageHead>
      <Loaded of={measures} height={560}>
        {(catalogue) => <MeasureSheet measures={catalogue.data} />}
      </Loaded>
    </>
  );
}
