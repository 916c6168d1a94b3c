/** How far the newest record of each kind lies behind the date of the figures. */
import { csvOf, type Row, useRows } from "@/api/rows";
import { HeatTable } from "@/charts/heat-table";
import { instant } from "@/format/dates";
import { count } from "@/format/numbers";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { NothingPublished } from "@/parts/states";
import { t } from "@/texts";

const DAY = 86_400_000;

/** Return whole days from the newest record to the date of the figures; null when either is missing. An instant in UTC may be of the next day: that is not behind. */
export function daysBehind(row: Row<"freshness">): number | null {
  if (row.last_updated === null || row.as_of === null) {
    return null;
  }
  const newest = Date.parse(row.last_updated.slice(0, 10));
  return Math.max(0, Math.round((Date.parse(row.as_of) - newest) / DAY));
}

export function Freshness() {
  const answer = useRows("freshness");
  return (
    <Loaded of={answer} height={320}>
      {(rows) => {
        const feeds = [...rows.data].sort((a, b) => (daysBehind(b) ?? -1) - (daysBehind(a) ?? -1));
        return (
          <FigureBlock
            title={t.quality.freshnessTitle}
            under={t.quality.freshnessUnder}
            table={
              feeds.length === 0 ? (
                <NothingPublished />
              ) : (
                <HeatTable
                  name={t.quality.freshnessTitle}
                  corner={t.column.feed}
                  columns={[t.column.behind, t.column.lastUpdated, t.column.lastIngested]}
                  rows={feeds.map((row) => {
                    const days = daysBehind(row);
                    return {
                      key: row.resource_type,
                      label: row.resource_type,
                      cells: [
                        { words: days === null ? t.value.noData : count(days), size: days === null ? null : Math.log1p(Math.max(0, days)) },
                        { words: row.last_updated === null ? t.value.noData : instant(row.last_updated), size: null },
                        { words: row.last_ingested_at === null ? t.value.noData : instant(row.last_ingested_at), size: null },
                      ],
                    };
                  })}
                />
              )
            }
            csv={csvOf(rows)}
            source="freshness"
            asOf={rows.meta.as_of ?? undefined}
          />
        );
      }}
    </Loaded>
  );
}
