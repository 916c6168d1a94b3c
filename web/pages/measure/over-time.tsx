/** The measure over time, and the panel of one point. */
import { Link } from "@tanstack/react-router";

import { type ChartAnswer, controlPoints, findingOf, reasonInWords, rulesInWords } from "@/api/charts";
import { fetchFile } from "@/api/download";
import { type Definition, measureUnit } from "@/api/measures";
import { usePurposeHeaders, useReading } from "@/api/reading";
import { useSmallCounts } from "@/api/small-counts";
import { datesOf, grainOf } from "@/app/scope";
import { useAddress, useTableSwitch } from "@/app/search";
import { useRight } from "@/app/viewer";
import { ControlChart } from "@/charts/control-chart";
import { type Grain, period } from "@/format/dates";
import { figure, interval, numeric, type Unit } from "@/format/numbers";
import { FigureBlock } from "@/parts/figure-block";
import { Loaded } from "@/parts/loaded";
import { Panel } from "@/parts/panel";
import { PointTable } from "@/parts/point-table";
import { SignalWord } from "@/parts/signal-word";
import { Hidden, NothingFits } from "@/parts/states";
import { WhyHidden } from "@/parts/why-hidden";
import { countsOf } from "@/parts/value";
import { t } from "@/texts";

type Point = ChartAnswer["points"][number];

export function OverTime({ measure }: { measure: Definition }) {
  const [search, change] = useAddress();
  const [isTable, setTable] = useTableSwitch("time");
  const grain = grainOf(search, "month");
  const hospital = search.hospital?.[0];
  const unit = measureUnit(measure);
  const isSmall = useSmallCounts();
  const headers = usePurposeHeaders();
  const answer = useReading<ChartAnswer>(`/v1/measures/${measure.measure_id}/control-chart`, {
    parameters: { grain, hospital, ...datesOf(search.period) },
  });
  return (
    <Loaded of={answer} height={420}>
      {(chart) => {
        const at = chart.points.findIndex((point) => point.period_start === search.open);
        const open = chart.points[at];
        return (
          <FigureBlock
            title={capital(findingOf(chart, grain)) ?? t.measure.overTime}
            under={[t.unit[unit], hospital === undefined ? t.scope.allHospitals : (chart.label ?? hospital)].join(", ")}
            isTable={isTable}
            onTable={setTable}
            {...(chart.points.length > 0 && {
              chart: (
                <ControlChart
                  name={measure.title}
                  points={controlPoints(chart, unit, null, measure.denominator_unit)}
                  centre={chart.centre}
                  grain={grain}
                  format={(value) => figure(value, unit)}
                  reason={reasonInWords(chart)}
                  {...(at >= 0 && { selected: at })}
                  onOpen={(index) => change({ open: chart.points[index]?.period_start ?? undefined } as never)}
                />
              ),
            })}
            table={
              chart.points.length === 0 ? (
                <NothingFits onClear={() => change({ period: undefined, hospital: undefined } as never)} />
              ) : (
                <PointTable chart={chart} grain={grain} unit={unit} hasLimits />
              )
            }
            {...(isSmall
              ? { onFile: () => fetchFile(`/v1/evidence/measures/${measure.measure_id}/results.csv?grain=${grain}`, headers) }
              : { csv: `/v1/measures/${measure.measure_id}/results.csv?by=overall&grain=${grain}&notes=true` })}
            definition={`/measures/${measure.measure_id}/definition`}
            source="measure_results"
            asOf={chart.meta.as_of ?? undefined}
            hiddenRows={chart.hidden}
          >
            {chart.hidden > 0 && <Offers chart={chart} />}
            {open !== undefined && (
              <PointPanel measure={measure} point={open} grain={grain} unit={unit} hospital={hospital} onClose={() => change({ open: undefined } as never)} />
            )}
          </FigureBlock>
        );
      }}
    </Loaded>
  );
}

function capital(words: string | null): string | null {
  return words === null ? null : words.charAt(0).toUpperCase() + words.slice(1);
}

/** What to do about hidden points, in order: a coarser grain, then all hospitals. */
function Offers({ chart }: { chart: ChartAnswer }) {
  const [, change] = useAddress();
  const { grain } = chart.offers;
  return (
    <div className="figure-line">
      {grain !== null && (
        <button type="button" className="button" onClick={() => change({ grain })}>
          {t.state.coarser(t.grain[grain])}
        </button>
      )}
      {chart.offers.all_hospitals === true && (
        <button type="button" className="button" onClick={() => change({ hospital: undefined } as never)}>
          {t.state.wider}
        </button>
      )}
      <WhyHidden />
    </div>
  );
}

interface PointPanelProps {
  measure: Definition;
  point: Point;
  grain: Grain;
  unit: Unit;
  hospital: string | undefined;
  onClose(): void;
}

function PointPanel({ measure, point, grain, unit, hospital, onClose }: PointPanelProps) {
  const mayOpen = useRight("quality:evidence");
  const value = numeric(point.value);
  return (
    <Panel title={period(point.period_start ?? "", grain)} isOpen onClose={onClose}>
      <dl className="facts">
        <dt>{t.column.value}</dt>
        <dd>{point.suppressed ? <Hidden /> : value === null ? t.value.none : figure(value, unit)}</dd>
        <dt>{t.column.counts}</dt>
        <dd>{countsOf(point, unit, null, measure.denominator_unit) || t.value.noData}</dd>
        <dt>{t.column.interval}</dt>
        <dd>{interval(numeric(point.ci_low), numeric(point.ci_high), unit)}</dd>
        {point.low !== null && (
          <>
            <dt>{t.column.limits}</dt>
            <dd>{interval(point.low, point.high, unit)}</dd>
          </>
        )}
        {point.signals.length > 0 && (
          <>
            <dt>{t.column.signal}</dt>
            <dd>
              <SignalWord tone={point.verdict ?? "neither"} words={rulesInWords(point.signals)} />
            </dd>
          </>
        )}
      </dl>
      <div className="figure-line">
        {mayOpen ? (
          <Link
            className="button"
            to="/evidence/$id"
            params={{ id: measure.measure_id }}
            search={{ grain, date: point.period_start ?? undefined, hospital: hospital === undefined ? undefined : [hospital] } as never}
          >
            {t.measure.evidence}
          </Link>
        ) : (
          <p className="note">{t.measure.noStays}</p>
        )}
      </div>
    </Panel>
  );
}
