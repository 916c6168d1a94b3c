/** Opens a saved view by its short address, with the rights of who opens it. */
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect } from "react";

import { addressOf, useView } from "@/api/views";
import { Loaded } from "@/parts/loaded";
import { PageHead } from "@/parts/page-head";
import { t } from "@/texts";

export function OpenView() {
  const { id } = useParams({ strict: false }) as { id: string };
  const view = useView(id);
  const navigate = useNavigate();
  const found = view.data;
  useEffect(() => {
    if (found !== undefined) {
      // Back leads to where the link was, not here again.
      void navigate({ href: addressOf(found), replace: true });
    }
  }, [found, navigate]);
  return (
    <>
      <PageHead title={t.views.title} />
      <Loaded of={view}>{() => null}</Loaded>
    </>
  );
}
