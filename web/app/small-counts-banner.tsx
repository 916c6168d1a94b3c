/** What the frame round the page means, and the way out of it. */
import { showSmallCounts } from "@/api/small-counts";
import { Banner } from "@/parts/states";
import { t } from "@/texts";

export function SmallCountsBanner() {
  return (
    <Banner tone="late">
      {t.small.shown}
      <button type="button" className="button" onClick={() => showSmallCounts(false)}>
        {t.small.hide}
      </button>
    </Banner>
  );
}
