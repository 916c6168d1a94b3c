/** Denials to work, the largest first, with their accounts. */
import { useReading } from "@/api/reading";
import { type Search, useAddress } from "@/app/search";
import { useRight } from "@/app/viewer";
import { count, money, numeric } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { PurposeGate } from "@/parts/purpose-gate";
import { NothingFits } from "@/parts/states";
import { t } from "@/texts";

import { AccountPanel } from "./account-panel";

interface Denial {
  denial_id: string;
  account_id: string;
  payer: string;
  category: string;
  carc: string;
  amount: string;
  currency: string;
  denial_date: string | null;
  status: string;
  recovered_amount: string | null;
}

const DAY = 86_400_000;
const MOST = 200;
/** The status of a denial that is not settled. */
const OPEN = "open";

/** Return whole days since the denial. */
function age(row: Denial, asOf: string): number | null {
  return row.denial_date === null ? null : Math.round((Date.parse(asOf) - Date.parse(row.denial_date)) / DAY);
}

function columns(asOf: string, onOpen: (account: string) => void): Column<Denial>[] {
  return [
    {
      key: "account",
      header: t.denials.account,
      cell: (row) => (
        <button type="button" className="link" onClick={() => onOpen(row.account_id)}>
          {row.account_id.slice(0, 12)}
        </button>
      ),
    },
    { key: "payer", header: t.column.payer, cell: (row) => row.payer, sortBy: (row) => row.payer },
    {
      key: "reason",
      header: t.column.reason,
      cell: (row) => `${row.carc} ${(t.carc as Record<string, string>)[row.carc] ?? row.category.replaceAll("_", " ")}`,
      sortBy: (row) => row.carc,
    },
    { key: "amount", header: t.column.amount, isNumber: true, cell: (row) => money(numeric(row.amount) ?? 0, row.currency), sortBy: (row) => numeric(row.amount) },
    { key: "age", header: t.denials.age, isNumber: true, cell: (row) => { const days = age(row, asOf); return days === null ? "" : count(days); }, sortBy: (row) => age(row, asOf) },
    { key: "status", header: t.runs.state, cell: (row) => row.status, sortBy: (row) => row.status },
  ];
}

export function WorkList({ search }: { search: Search }) {
  const mayRead = useRight("finance:evidence");
  return mayRead ? (
    <section className="section">
      <PurposeGate>
        <List search={search} />
      </PurposeGate>
    </section>
  ) : null;
}

function List({ search }: { search: Search }) {
  const [, change] = useAddress();
  const publication = useReading<{ as_of: string | null }>("/v1/publication");
  const answer = useReading<{ data: Denial[]; meta: { returned: number } }>("/v1/evidence/denials", {
    parameters: { status: OPEN, facility_id: search.facility, limit: MOST },
    needsPurpose: true,
    isPublished: false,
  });
  const asOf = publication.data?.as_of ?? new Date().toISOString();
  return (
    <Loaded of={answer} height={400}>
      {({ data }) => (
        <FigureBlock
          title={t.denials.workTitle}
          under={t.denials.workUnder(count(data.length))}
          table={
            data.length === 0 ? (
              <NothingFits onClear={() => change({ facility: undefined } as never)} />
            ) : (
              <DataTable
                name={t.denials.workTitle}
                columns={columns(asOf, (account) => change({ open: account }))}
                rows={data}
                rowKey={(row) => row.denial_id}
                sort={search.sort}
                onSort={(sort) => change({ sort } as never)}
              />
            )
          }
        >
          {search.open !== undefined && <AccountPanel id={search.open} onClose={() => change({ open: undefined } as never)} />}
        </FigureBlock>
      )}
    </Loaded>
  );
}
