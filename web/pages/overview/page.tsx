/** What needs me today? */
import { useRight } from "@/app/viewer";
import { PageHead } from "@/parts/page-head";
import { t } from "@/texts";

import { Attention } from "./attention";
import { MeasuresInShort } from "./measures-in-short";
import { MoneyStrip } from "./money-strip";

export function OverviewPage() {
  const mayReadMeasures = useRight("quality:read");
  const mayReadMoney = useRight("finance:read");
  const figures = (
    <>
      <MoneyStrip />
      {mayReadMeasures && <MeasuresInShort />}
    </>
  );
  return (
    <>
      <PageHead title={t.page.overview} lead={t.overview.lead} />
      {mayReadMeasures || mayReadMoney ? <Attention>{figures}</Attention> : figures}
    </>
  );
}
