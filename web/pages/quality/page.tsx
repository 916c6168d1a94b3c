/** May I trust today's figures? */
import { PageHead } from "@/parts/page-head";
import { t } from "@/texts";

import { Freshness } from "./freshness";
import { Rules } from "./rules";
import { Scores } from "./scores";

export function QualityPage() {
  return (
    <>
      <PageHead title={t.page.quality} lead={t.quality.lead} />
      <Freshness />
      <Scores />
      <Rules />
    </>
  );
}
