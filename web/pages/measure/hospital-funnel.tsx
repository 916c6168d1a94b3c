/** Hospitals against the size of each, within the limits of chance. */
import { type Definition, type FunnelAnswer, measureUnit } from "@/api/measures";
import { useReading } from "@/api/reading";
import { coverOf } from "@/app/scope";
import { useAddress, useTableSwitch } from "@/app/search";
import type { Tone } from "@/charts/frame";
import { Funnel, type FunnelUnit } from "@/charts/funnel";
import { count, figure, numeric, type Unit } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { SignalWord } from "@/parts/signal-word";
import { Hidden, NothingPublished } from "@/parts/states";
import { countsOf, Interval, Value } from "@/parts/value";
import { t } from "@/texts";

const OUTSIDE: Record<string, "above" | "below"> = { above_99_8: "above", below_99_8: "below" };

function toneOf(place: string | null, better: string | null): Tone | null {
  const side = OUTSIDE[place ?? ""];
  if (side === undefined) {
    return null;
  }
  if (better !== "lower" && better !== "higher") {
    return "neither";
  }
  return (side === "above") === (better === "higher") ? "better" : "worse";
}

/** Return units to draw, and hidden ones to name. */
function unitsOf(answer: FunnelAnswer, better: string | null, unit: Unit): FunnelUnit[] {
  const shown = answer.units.map((row) => ({
    id: row.stratum_value,
    label: row.stratum_label ?? row.stratum_value,
    denominator: numeric(row.denominator),
    value: numeric(row.value),
    hidden: false,
    tone: toneOf(row.place, better),
    counts: countsOf(row, unit),
  }));
  const hidden = answer.hidden.map((row) => ({
    id: row.stratum_value,
    label: row.stratum_label ?? row.stratum_value,
    denominator: null,
    value: null,
    hidden: true,
    tone: null,
    counts: "",
  }));
  return [...shown, ...hidden];
}

export function HospitalFunnel({ measure }: { measure: Definition }) {
  const [search, change] = useAddress();
  const [isTable, setTable] = useTableSwitch("funnel");
  const unit = measureUnit(measure);
  const cover = coverOf(search);
  const answer = useReading<FunnelAnswer>(`/v1/measures/${measure.measure_id}/funnel`, {
    parameters: { grain: cover.grain, period_start: cover.from },
  });
  return (
    <Loaded of={answer} height={420}>
      {(funnel) => {
        const units = unitsOf(funnel, measure.better, unit);
        const outside = units.filter((each) => each.tone !== null);
        return (
          <FigureBlock
            title={
              funnel.reason !== null
                ? t.measure.funnelTitle
                : outside.length === 0
                  ? t.measure.funnelNone
                  : t.measure.funnelSome(outside.map((each) => each.label).join(", "))
            }
            under={t.measure.funnelUnder(t.unit[unit])}
            isTable={isTable}
            onTable={setTable}
            {...(funnel.reason === null && {
              chart: (
                <Funnel
                  name={t.measure.funnelTitle}
                  units={units}
                  limits={funnel.curve.map((at) => ({
                    denominator: at.denominator,
                    low95: at.low_95,
                    high95: at.high_95,
                    low998: at.low_99_8,
                    high998: at.high_99_8,
                  }))}
                  pooled={funnel.centre}
                  format={(value) => figure(value, unit)}
                  formatSize={count}
                  sizeName={measure.denominator_unit}
                  selected={search.hospital?.[0]}
                  onOpen={(id) => change({ hospital: [id] })}
                />
              ),
            })}
            table={units.length === 0 ? <NothingPublished /> : <UnitTable answer={funnel} better={measure.better} unit={unit} />}
            source="measure_results"
            asOf={funnel.meta.as_of ?? undefined}
            hiddenRows={funnel.hidden.length}
          >
            {funnel.reason === "means_have_no_funnel" && <p className="note">{t.measure.funnelMean}</p>}
          </FigureBlock>
        );
      }}
    </Loaded>
  );
}

type Unitary = FunnelAnswer["units"][number] | FunnelAnswer["hidden"][number];

function UnitTable({ answer, better, unit }: { answer: FunnelAnswer; better: string | null; unit: Unit }) {
  const [search, change] = useAddress();
  const shown = (row: Unitary) => ("value" in row ? row : null);
  const columns: Column<Unitary>[] = [
    { key: "name", header: t.column.hospital, cell: (row) => row.stratum_label ?? row.stratum_value, sortBy: (row) => row.stratum_label },
    {
      key: "value",
      header: t.column.value,
      isNumber: true,
      cell: (row) => {
        const figures = shown(row);
        return figures === null ? <Hidden /> : <Value row={figures} unit={unit} />;
      },
      sortBy: (row) => numeric(shown(row)?.value),
    },
    { key: "interval", header: t.column.interval, isNumber: true, cell: (row) => { const f = shown(row); return f === null ? "" : <Interval row={f} unit={unit} />; } },
    { key: "counts", header: t.column.counts, isNumber: true, cell: (row) => { const f = shown(row); return f === null ? "" : countsOf(f, unit); }, sortBy: (row) => numeric(shown(row)?.denominator) },
    {
      key: "place",
      header: t.column.signal,
      cell: (row) => {
        const tone = "place" in row ? toneOf(row.place, better) : null;
        return tone === null ? "" : <SignalWord tone={tone} />;
      },
    },
  ];
  return (
    <DataTable
      name={t.measure.funnelTitle}
      columns={columns}
      rows={[...answer.units, ...answer.hidden]}
      rowKey={(row) => row.stratum_value}
      sort={search.sort}
      onSort={(sort) => change({ sort } as never)}
    />
  );
}
