/** One KPI over time, with its table of the same rows. */
import { pointsOf, seriesOf, unitOf } from "@/api/kpis";
import { csvOf, type KpiRow, useRows } from "@/api/rows";
import { datesOf, stratumOf } from "@/app/scope";
import { type Search, useTableSwitch } from "@/app/search";
import { ControlChart } from "@/charts/control-chart";
import { type Grain, period } from "@/format/dates";
import { figure, type Unit } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { NothingPublished } from "@/parts/states";
import { countsOf, Interval, Value } from "@/parts/value";
import { t } from "@/texts";

interface KpiSeriesProps {
  kpi: keyof typeof t.kpi;
  search: Search;
  grain: Grain;
}

export function KpiSeries({ kpi, search, grain }: KpiSeriesProps) {
  const [isTable, setTable] = useTableSwitch(kpi);
  const answer = useRows("kpi_results", {
    kpi_id: kpi,
    grain,
    ...stratumOf(search),
    ...datesOf(search.period),
    sort: "period_start",
  });
  return (
    <Loaded of={answer} height={360}>
      {(rows) => {
        const series = seriesOf(rows.data, kpi);
        const last = series.findLast((row) => row.value !== null && !row.provisional);
        const unit = unitOf(series[0]);
        return (
          <FigureBlock
            title={last === undefined ? t.kpi[kpi] : `${t.kpi[kpi]}: ${figure(Number(last.value), unit, last.currency)}`}
            under={last === undefined ? undefined : `${period(last.period_start ?? "", grain)}, ${countsOf(last, unit, last.currency)}`}
            isTable={isTable}
            onTable={setTable}
            chart={
              series.length === 0 ? (
                <NothingPublished />
              ) : (
                <ControlChart
                  name={t.kpi[kpi]}
                  points={pointsOf(series)}
                  centre={null}
                  grain={grain}
                  height={220}
                  format={(value) => figure(value, unit, series[0]?.currency)}
                />
              )
            }
            table={<SeriesTable kpi={kpi} rows={series} grain={grain} unit={unit} />}
            csv={csvOf(rows)}
            source="kpi_results"
            asOf={rows.meta.as_of ?? undefined}
            hiddenRows={rows.meta.hidden}
          />
        );
      }}
    </Loaded>
  );
}

function SeriesTable(props: { kpi: keyof typeof t.kpi; rows: readonly KpiRow[]; grain: Grain; unit: Unit }) {
  const { unit, grain } = props;
  const columns: Column<KpiRow>[] = [
    { key: "period", header: t.column.period, cell: (row) => period(row.period_start ?? "", grain) },
    {
      key: "value",
      header: t.column.value,
      isNumber: true,
      cell: (row) => <Value row={row} unit={unit} currency={row.currency} />,
    },
    { key: "interval", header: t.column.interval, isNumber: true, cell: (row) => <Interval row={row} unit={unit} /> },
    {
      key: "counts",
      header: t.column.counts,
      isNumber: true,
      cell: (row) => (row.suppressed ? "" : countsOf(row, unit, row.currency)),
    },
    {
      key: "note",
      header: t.column.note,
      cell: (row) => [row.provisional ? t.chart.provisional : "", row.note ?? ""].filter(Boolean).join(", "),
    },
  ];
  return <DataTable name={t.kpi[props.kpi]} columns={columns} rows={props.rows} rowKey={(row) => row.period_start ?? ""} />;
}
