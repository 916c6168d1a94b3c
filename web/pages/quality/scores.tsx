/** How good each table is at the newest run: its score and the parts of it. */
import { csvOf, type Row, useRows } from "@/api/rows";
import { type HeatCell, HeatTable } from "@/charts/heat-table";
import { count, score } from "@/format/numbers";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { NothingPublished } from "@/parts/states";
import { t } from "@/texts";

type Score = Row<"data_quality_scores">;

const PARTS = ["completeness", "validity", "consistency", "uniqueness", "timeliness"] as const;

/** Return the newest run's scores, the lowest first. */
export function newestOf(rows: readonly Score[]): Score[] {
  const newest = rows.reduce((last, row) => (row.run_id > last ? row.run_id : last), "");
  return rows.filter((row) => row.run_id === newest).sort((a, b) => (a.score ?? 101) - (b.score ?? 101));
}

/** A cell whose shade shows what is missing from the best. */
function cell(value: number | null, best: number): HeatCell {
  return value === null
    ? { words: t.value.none, size: null }
    : { words: score(value, best), size: 1 - value / best };
}

export function Scores() {
  const answer = useRows("data_quality_scores", { sort: "-run_id", limit: 200 });
  return (
    <Loaded of={answer} height={320}>
      {(rows) => {
        const scores = newestOf(rows.data);
        const [lowest] = scores;
        return (
          <FigureBlock
            title={
              lowest?.score == null
                ? t.quality.scoresTitle
                : t.quality.scoresFinding(lowest.table_name, score(lowest.score, 100))
            }
            under={t.quality.scoresUnder}
            table={
              scores.length === 0 ? (
                <NothingPublished />
              ) : (
                <HeatTable
                  name={t.quality.scoresTitle}
                  corner={t.column.table}
                  columns={[t.quality.score, ...PARTS.map((part) => t.quality[part]), t.column.rows]}
                  rows={scores.map((row) => ({
                    key: `${row.table_name} ${row.feed}`,
                    label: row.feed === null || row.feed === "" ? row.table_name : `${row.table_name}, ${row.feed}`,
                    cells: [
                      cell(row.score, 100),
                      ...PARTS.map((part) => cell(row[part], 1)),
                      { words: row.rows === null ? t.value.hidden : count(row.rows), size: null, hidden: row.rows === null },
                    ],
                  }))}
                />
              )
            }
            csv={csvOf(rows)}
            source="data_quality_scores"
            asOf={rows.meta.as_of ?? undefined}
          />
        );
      }}
    </Loaded>
  );
}
