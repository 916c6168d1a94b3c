/** How complete and how old the figures are; and the notice of newer ones. */
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import { type AnswerOf, useReading } from "@/api/reading";
import { ago } from "@/format/dates";
import { Banner } from "@/parts/states";
import { t } from "@/texts";

import { useAddress } from "./search";
import { useNewest } from "./newest";

const SaveView = lazy(() => import("@/parts/save-view"));

export type PublicationAnswer = AnswerOf<"/v1/publication">;

export function DataLine() {
  const shown = useReading<PublicationAnswer>("/v1/publication");
  const [search, change] = useAddress();
  const newest = useNewest();
  const [isSaving, setSaving] = useState(false);
  if (shown.data === undefined) {
    return <header className="top" />;
  }
  const { as_of, published_at, run_id, publication } = shown.data;
  // The stream is of the person's first tenant; the beacon is of the workspace, by its run.
  const isOfOther = search.tenant !== undefined && newest.publication !== undefined;
  const isNews =
    !isOfOther &&
    ((newest.publication !== undefined && newest.publication !== publication) ||
      (newest.publication === undefined && newest.run_id !== undefined && newest.run_id > run_id));
  const isPinned = search.publication !== undefined;
  return (
    <header className="top">
      <p className="data-line">
        {as_of !== null && <span>{t.frame.complete(as_of)}</span>}
        <span title={published_at}>{t.frame.published(ago(published_at, new Date()))}</span>
        <span>{t.frame.run(/^run-(\d+)/.exec(run_id)?.[1] ?? run_id)}</span>
        <Link to="/quality">{t.frame.freshness}</Link>
        <Link to="/views">{t.views.open}</Link>
        <button type="button" className="link" onClick={() => setSaving(true)}>
          {t.views.save}
        </button>
      </p>
      {isSaving && (
        <Suspense>
          <SaveView publication={publication} onClose={() => setSaving(false)} />
        </Suspense>
      )}
      {isPinned && (
        <Banner>
          {t.state.pinned}
          <button type="button" className="button" onClick={() => change({ publication: undefined } as never)}>
            {t.state.latest}
          </button>
        </Banner>
      )}
      {!isPinned && isNews && (
        <Banner>
          {t.state.newFigures}
          <button type="button" className="button" onClick={() => window.location.reload()}>
            {t.state.reload}
          </button>
        </Banner>
      )}
    </header>
  );
}
