/** How old is what we are owed? */
import { useAddress } from "@/app/search";
import { PageHead } from "@/parts/page-head";
import { ScopeBar } from "@/parts/scope-bar";
import { t } from "@/texts";

import { Ageing, ANCHORS } from "./ageing";
import { Lags } from "./lags";
import { Payers } from "./payers";

export function ReceivablesPage() {
  const [search] = useAddress();
  return (
    <>
      <PageHead title={t.receivables.title} lead={t.receivables.lead}>
        <ScopeBar
          choices={[
            {
              name: "anchor",
              label: t.scope.anchor,
              standard: "bill",
              options: ANCHORS.map((value) => ({ value, label: t.receivables[value] })),
            },
          ]}
        />
      </PageHead>
      <Ageing search={search} />
      <Payers />
      <Lags />
    </>
  );
}
