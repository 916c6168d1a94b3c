/** Which stays the measure leaves out, and for which reason. */
import type { Definition } from "@/api/measures";
import { csvOf, type Row, useRows } from "@/api/rows";
import { useTableSwitch } from "@/app/search";
import { Bars } from "@/charts/row-charts";
import { count } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { Hidden, State } from "@/parts/states";
import { WhyHidden } from "@/parts/why-hidden";
import { t } from "@/texts";

type Exclusion = Row<"exclusions">;

export function Exclusions({ measure }: { measure: Definition }) {
  const [isTable, setTable] = useTableSwitch("exclusions");
  const answer = useRows("exclusions", { measure_id: measure.measure_id });
  const meaning = new Map(measure.exclusions.map((each) => [each.reason, each.meaning]));
  const name = (row: Exclusion) => row.reason.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
  const columns: Column<Exclusion>[] = [
    { key: "reason", header: t.column.reason, cell: name },
    { key: "meaning", header: t.measure.meaning, cell: (row) => meaning.get(row.reason) ?? "" },
    {
      key: "stays",
      header: t.measure.size.stays,
      isNumber: true,
      cell: (row) => (row.stays === null ? <Hidden /> : count(row.stays)),
    },
  ];
  return (
    <Loaded of={answer} height={260}>
      {(rows) => {
        const sorted = [...rows.data].sort((a, b) => (b.stays ?? -1) - (a.stays ?? -1));
        const shown = sorted.filter((row) => (row.stays ?? 0) > 0);
        return (
          <FigureBlock
            title={t.measure.exclusionsTitle}
            under={t.measure.exclusionsUnder}
            isTable={isTable}
            onTable={setTable}
            {...(shown.length > 0 && {
              chart: (
                <Bars
                  name={t.measure.exclusionsTitle}
                  rows={shown.map((row) => ({ key: row.reason, label: name(row), value: row.stays ?? 0, words: count(row.stays ?? 0) }))}
                />
              ),
            })}
            table={
              sorted.length === 0 ? (
                <State title={t.measure.noExclusions} />
              ) : (
                <DataTable name={t.measure.exclusionsTitle} columns={columns} rows={sorted} rowKey={(row) => row.reason} />
              )
            }
            csv={csvOf(rows)}
            definition={`/measures/${measure.measure_id}/definition`}
            source="exclusions"
            asOf={rows.meta.as_of ?? undefined}
            hiddenRows={rows.meta.hidden}
          >
            {rows.meta.hidden > 0 && <WhyHidden />}
          </FigureBlock>
        );
      }}
    </Loaded>
  );
}
