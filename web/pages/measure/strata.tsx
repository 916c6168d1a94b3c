/** The measure by age, sex, payer or department, round the whole. */
import { type Definition, measureUnit, type StrataAnswer } from "@/api/measures";
import { useReading } from "@/api/reading";
import { coverOf } from "@/app/scope";
import { useAddress } from "@/app/search";
import { Loaded } from "@/parts/loaded";
import { bySize, StrataFigure } from "@/parts/strata-figure";
import { Switch } from "@/parts/switch";
import { t } from "@/texts";

/** Strata whose own order says more than their size. */
const ORDERED = ["age_band", "sex"];
const NAMES: Record<string, string> = t.measure.by;

export function Strata({ measure }: { measure: Definition }) {
  const [search, change] = useAddress();
  const offered = Object.keys(NAMES).filter((name) => measure.strata.includes(name));
  const by = offered.find((name) => name === search.by) ?? offered[0];
  const cover = coverOf(search);
  const answer = useReading<StrataAnswer>(`/v1/measures/${measure.measure_id}/strata`, {
    parameters: { by, grain: cover.grain, period_start: cover.from },
    isReady: by !== undefined,
  });
  if (by === undefined) {
    return null;
  }
  return (
    <Loaded of={answer} height={320}>
      {(strata) => {
        const rows = strata.data;
        return (
          <StrataFigure
            id="strata"
            title={t.measure.strataTitle}
            under={t.measure.strataUnder}
            name={t.measure.strataTitle}
            heading={NAMES[strata.by] ?? strata.by}
            rows={ORDERED.includes(strata.by) ? rows : bySize(rows)}
            whole={strata.whole ?? undefined}
            unit={measureUnit(measure)}
            meta={{ ...strata.meta, dataset: "measure_results" }}
            tools={
              <Switch
                name={t.measure.strataTitle}
                options={offered.map((value) => ({ value, label: NAMES[value] ?? value }))}
                value={by}
                onChange={(value) => change({ by: value === offered[0] ? undefined : value } as never)}
              />
            }
          />
        );
      }}
    </Loaded>
  );
}
