/** Asks for small counts: for the quality office, for a purpose. */
import { useState } from "react";

import { usePurpose } from "@/api/purpose";
import { showSmallCounts, useSmallCounts } from "@/api/small-counts";
import { useAddress } from "@/app/search";
import { useRight } from "@/app/viewer";
import { t } from "@/texts";

import { Panel } from "./panel";
import { PurposeForm } from "./purpose-gate";

/** Switches them on, for those who may; a pinned publication has none. The frame has the way out. */
export function SmallCountsSwitch() {
  const mayRead = useRight("small:read");
  const [{ publication }] = useAddress();
  const isShown = useSmallCounts();
  const purpose = usePurpose();
  const [isAsking, setAsking] = useState(false);
  if (!mayRead || isShown || publication !== undefined) {
    return null;
  }
  return (
    <>
      <button type="button" className="button" onClick={() => (purpose === null ? setAsking(true) : showSmallCounts(true))}>
        {t.small.show}
      </button>
      {isAsking && (
        <Panel title={t.small.show} isOpen onClose={() => setAsking(false)}>
          <p className="prose">{t.small.why}</p>
          <PurposeForm
            onChosen={() => {
              setAsking(false);
              showSmallCounts(true);
            }}
          />
        </Panel>
      )}
    </>
  );
}
