/** One KPI over time, with its table of the same rows. */
import { type ChartAnswer, type ChartPoint, controlPoints, findingOf, reasonInWords, rulesInWords } from "@/api/charts";
import { useReading } from "@/api/reading";
import { datesOf } from "@/app/scope";
import { type Search, useTableSwitch } from "@/app/search";
import { ControlChart } from "@/charts/control-chart";
import { type Grain, period } from "@/format/dates";
import { figure, type Unit } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { SignalWord } from "@/parts/signal-word";
import { NothingPublished } from "@/parts/states";
import { WhyHidden } from "@/parts/why-hidden";
import { countsOf, Interval, Value } from "@/parts/value";
import { t } from "@/texts";

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
            table={points.length === 0 ? <NothingPublished /> : <SeriesTable chart={chart} grain={grain} />}
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

function SeriesTable({ chart, grain }: { chart: KpiChart; grain: Grain }) {
  const { unit } = chart;
  const currency = chart.currency ?? null;
  const columns: Column<ChartPoint>[] = [
    { key: "period", header: t.column.period, cell: (point) => period(point.period_start ?? "", grain) },
    {
      key: "value",
      header: t.column.value,
      isNumber: true,
      cell: (point) => <Value row={point} unit={unit} currency={currency} />,
    },
    { key: "interval", header: t.column.interval, isNumber: true, cell: (point) => <Interval row={point} unit={unit} /> },
    {
      key: "counts",
      header: t.column.counts,
      isNumber: true,
      cell: (point) => countsOf(point, unit, currency),
    },
    {
      key: "signal",
      header: t.column.signal,
      cell: (point) =>
        point.signals.length > 0 ? (
          <SignalWord tone={point.verdict ?? "neither"} words={rulesInWords(point.signals)} />
        ) : point.partial ? (
          t.chart.provisional
        ) : (
          ""
        ),
    },
  ];
  return (
    <DataTable
      name={chart.title}
      columns={columns}
      rows={[...chart.points].reverse()}
      rowKey={(point) => point.period_start ?? ""}
    />
  );
}
