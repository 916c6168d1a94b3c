/** What needs me today? */
import { useRight } from "@/app/viewer";
import { PageHead } from "@/parts/page-head";
import { t } from "@/texts";

import { Attention } from "./attention";
import { MeasuresInShort } from "./measures-in-short";
import { MoneyStrip } from "./money-strip";

export function OverviewPage() {
  const mayReadMeasures = useRight("quality:read");
  return (
    <>
      <PageHead title={t.page.overview} lead={t.overview.lead} />
      <Attention />
      <MoneyStrip />
      {mayReadMeasures && <MeasuresInShort />}
    </>
  );
}
