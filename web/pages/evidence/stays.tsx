/** The stays of one cell with their verdicts; persons by their pseudonyms. */
import type { Definition } from "@/api/measures";
import { useReading } from "@/api/reading";
import { grainOf } from "@/app/scope";
import { useAddress } from "@/app/search";
import { count } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { NothingFits } from "@/parts/states";
import { t } from "@/texts";

export interface StayRow {
  person: string;
  stay_id: string;
  hospital_name: string | null;
  admit_date: string | null;
  discharge_date: string | null;
  los_days: number | null;
  in_denominator: boolean;
  numerator: number | null;
  exclusion_reasons: string[] | null;
  outcome_date: string | null;
}

interface StaysAnswer {
  data: StayRow[];
  meta: { returned: number; is_complete: boolean };
}

/** Stays that are read at once. */
const MOST = 500;

export function useStays(measure: string) {
  const [search] = useAddress();
  const grain = search.date === undefined ? "all" : grainOf(search, "month");
  const hospital = search.hospital?.[0];
  return useReading<StaysAnswer>(`/v1/evidence/measures/${measure}/stays`, {
    parameters: {
      grain,
      period_start: search.date,
      ...(hospital !== undefined && { by: "hospital", stratum_value: hospital }),
      counted: search.counted,
      reason: search.reason,
      limit: MOST,
    },
    needsPurpose: true,
    isPublished: false,
  });
}

function verdict(row: StayRow): string {
  if (row.in_denominator) {
    return (row.numerator ?? 0) > 0 ? t.evidence.withOutcome : t.evidence.in;
  }
  return `${t.evidence.out}: ${(row.exclusion_reasons ?? []).map((reason) => reason.replaceAll("_", " ")).join(", ")}`;
}

function Day({ of, missing }: { of: string | null; missing: string }) {
  return of === null ? missing : <time>{of.slice(0, 10)}</time>;
}

function columns(onOpen: (stay: string) => void): Column<StayRow>[] {
  return [
    {
      key: "admitted",
      header: t.evidence.admitted,
      cell: (row) => (
        <button type="button" className="link" onClick={() => onOpen(row.stay_id)}>
          <Day of={row.admit_date} missing={t.value.noData} />
        </button>
      ),
      sortBy: (row) => row.admit_date,
    },
    { key: "discharged", header: t.evidence.discharged, cell: (row) => <Day of={row.discharge_date} missing={t.evidence.open} />, sortBy: (row) => row.discharge_date },
    { key: "verdict", header: t.evidence.verdict, cell: verdict, sortBy: verdict },
    { key: "hospital", header: t.column.hospital, cell: (row) => row.hospital_name ?? "", sortBy: (row) => row.hospital_name },
    { key: "days", header: t.evidence.length, isNumber: true, cell: (row) => (row.los_days === null ? "" : count(row.los_days)), sortBy: (row) => row.los_days },
    { key: "person", header: t.evidence.person, cell: (row) => <code>{row.person.slice(0, 10)}</code> },
  ];
}

export function Stays({ measure }: { measure: Definition }) {
  const [search, change] = useAddress();
  const answer = useStays(measure.measure_id);
  return (
    <Loaded of={answer} height={400}>
      {({ data, meta }) => (
        <FigureBlock
          title={t.evidence.found(count(meta.returned), meta.is_complete)}
          under={t.evidence.pseudonyms}
          table={
            data.length === 0 ? (
              <NothingFits onClear={() => change({ counted: undefined, reason: undefined, hospital: undefined } as never)} />
            ) : (
              <DataTable
                name={t.evidence.title}
                columns={columns((stay) => change({ stay }))}
                rows={data}
                rowKey={(row) => row.stay_id}
                sort={search.sort}
                onSort={(sort) => change({ sort } as never)}
                selected={search.stay}
              />
            )
          }
        />
      )}
    </Loaded>
  );
}
