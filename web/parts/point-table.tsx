/** The points of a control chart as a table, the newest first. */
import { type ChartAnswer, type ChartPoint, rulesInWords } from "@/api/charts";
import { type Grain, period } from "@/format/dates";
import { interval, type Unit } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { SignalWord } from "@/parts/signal-word";
import { countsOf, Interval, Value } from "@/parts/value";
import { t } from "@/texts";

interface PointTableProps {
  chart: ChartAnswer;
  grain: Grain;
  unit: Unit;
  currency?: string | null;
  hasLimits?: boolean;
}

export function PointTable({ chart, grain, unit, currency = null, hasLimits = false }: PointTableProps) {
  const limits: Column<ChartPoint> = {
    key: "limits",
    header: t.column.limits,
    isNumber: true,
    cell: (point) => (point.low === null ? "" : interval(point.low, point.high, unit)),
  };
  const columns: Column<ChartPoint>[] = [
    { key: "period", header: t.column.period, cell: (point) => period(point.period_start ?? "", grain) },
    {
      key: "value",
      header: t.column.value,
      isNumber: true,
      cell: (point) => <Value row={point} unit={unit} currency={currency} />,
    },
    { key: "interval", header: t.column.interval, isNumber: true, cell: (point) => <Interval row={point} unit={unit} /> },
    { key: "counts", header: t.column.counts, isNumber: true, cell: (point) => countsOf(point, unit, currency) },
    ...(hasLimits ? [limits] : []),
    { key: "signal", header: t.column.signal, cell: signalOf },
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

function signalOf(point: ChartPoint) {
  if (point.signals.length > 0) {
    return <SignalWord tone={point.verdict ?? "neither"} words={rulesInWords(point.signals)} />;
  }
  return point.partial ? t.chart.provisional : "";
}
