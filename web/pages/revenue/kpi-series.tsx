/** One KPI over time, with its table of the same rows. */
import { type ChartAnswer, controlPoints, findingOf, reasonInWords } from "@/api/charts";
import { useReading } from "@/api/reading";
import { datesOf } from "@/app/scope";
import { type Search, useTableSwitch } from "@/app/search";
import { ControlChart } from "@/charts/control-chart";
import { type Grain, period } from "@/format/dates";
import { figure, type Unit } from "@/format/numbers";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { PointTable } from "@/parts/point-table";
import { NothingPublished } from "@/parts/states";
import { WhyHidden } from "@/parts/why-hidden";
import { countsOf } from "@/parts/value";

interface KpiSeriesProps {
  kpi: string;
  search: Search;
  grain: Grain;
}

type KpiChart = ChartAnswer & { unit: Unit };

export function KpiSeries({ kpi, search, grain }: KpiSeriesProps) {
  const [isTable, setTable] = useTableSwitch(kpi);
  const facility = search.facility?.[0];
  const answer = useReading<KpiChart>(`/v1/kpis/${kpi}/control-chart`, {
    parameters: { grain, facility, ...datesOf(search.period) },
  });
  return (
    <Loaded of={answer} height={360}>
      {(chart) => {
        const { unit, currency, points } = chart;
        const last = points.findLast((point) => point.value !== null && !point.partial);
        const counts = last === undefined ? "" : countsOf(last, unit, currency);
        return (
          <FigureBlock
            title={[chart.title, findingOf(chart, grain)].filter(Boolean).join(": ")}
            under={
              last === undefined
                ? undefined
                : `${period(last.period_start ?? "", grain)}: ${figure(Number(last.value), unit, currency)}${counts === "" ? "" : `, ${counts}`}`
            }
            isTable={isTable}
            onTable={setTable}
            {...(points.length > 0 && {
              chart: (
                <ControlChart
                  name={chart.title}
                  points={controlPoints(chart, unit, currency)}
                  centre={chart.centre}
                  grain={grain}
                  height={220}
                  format={(value) => figure(value, unit, currency)}
                  reason={reasonInWords(chart)}
                />
              ),
            })}
            table={
              points.length === 0 ? (
                <NothingPublished />
              ) : (
                <PointTable chart={chart} grain={grain} unit={unit} currency={currency ?? null} />
              )
            }
            csv={`/v1/kpis/${kpi}/results.csv?by=overall&grain=${grain}&notes=true`}
            source="kpi_results"
            asOf={chart.meta.as_of ?? undefined}
            hiddenRows={chart.hidden}
          >
            {chart.hidden > 0 && <WhyHidden />}
          </FigureBlock>
        );
      }}
    </Loaded>
  );
}
