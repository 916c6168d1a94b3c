/** Measures with their figure, trend and signal, grouped by area. */
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";

import { controlPoints, rulesInWords } from "@/api/charts";
import { type MeasureSummary, measureUnit } from "@/api/measures";
import { Spark } from "@/charts/spark";
import { count, figure, numeric } from "@/format/numbers";
import { ScrollRegion } from "@/parts/scroll-region";
import { SignalWord } from "@/parts/signal-word";
import { Hidden } from "@/parts/states";
import { countsOf, Interval } from "@/parts/value";
import { WhyHidden } from "@/parts/why-hidden";
import { t } from "@/texts";

/** The table with what its marks mean. */
export function MeasureSheet({ measures }: { measures: readonly MeasureSummary[] }) {
  return (
    <div className="sheet">
      <MeasureTable measures={measures} />
      <div className="figure-line">
        <p className="note">{t.measures.spark}</p>
        <WhyHidden />
      </div>
    </div>
  );
}

function MeasureTable({ measures }: { measures: readonly MeasureSummary[] }) {
  const areas = [...new Set(measures.map((measure) => measure.area_title))];
  return (
    <ScrollRegion name={t.page.measures}>
      <table className="table measures">
        <thead>
          <tr>
            <th scope="col">{t.column.measure}</th>
            <th scope="col" className="number">
              {t.column.value}
            </th>
            <th scope="col" className="number">
              {t.column.counts}
            </th>
            <th scope="col" className="number">
              {t.column.interval}
            </th>
            <th scope="col">{t.column.trend}</th>
            <th scope="col">{t.column.signal}</th>
          </tr>
        </thead>
        <tbody>
          {areas.map((area) => (
            <Fragment key={area}>
              <tr className="area">
                <th scope="rowgroup" colSpan={6}>
                  {area}
                </th>
              </tr>
              {measures
                .filter((measure) => measure.area_title === area)
                .map((measure) => (
                  <MeasureRow key={measure.measure_id} measure={measure} />
                ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function MeasureRow({ measure }: { measure: MeasureSummary }) {
  const { headline, spark, signal } = measure;
  const unit = measureUnit(measure);
  const value = numeric(headline?.value ?? null);
  return (
    <tr>
      <th scope="row">
        <Link to="/measures/$id" params={{ id: measure.measure_id }}>
          {measure.title}
        </Link>
      </th>
      <td className="number" data-label={t.column.value}>
        {headline?.suppressed === true ? (
          <Hidden />
        ) : (
          value === null ? t.value.noData : figure(value, unit)
        )}
      </td>
      <td className="number denominator">
        {headline === null || headline.suppressed ? "" : countsOf(headline, unit, null, measure.denominator_unit)}
      </td>
      <td className="number" data-label={t.column.interval}>
        {headline === null ? "" : <Interval row={headline} unit={unit} />}
      </td>
      <td>
        {spark.points.length > 0 && (
          <Spark name={t.measure.sparkOf(measure.title)} points={controlPoints(spark, unit)} />
        )}
      </td>
      <td>
        {signal !== null && (
          <SignalWord
            tone={signal.verdict ?? "neither"}
            words={`${t.tone[signal.verdict ?? "neither"]}: ${rulesInWords(signal.signals)}`}
          />
        )}
        {(measure.hospitals_outside ?? 0) > 0 && (
          <span className="denominator"> {t.measure.outside(count(measure.hospitals_outside ?? 0))}</span>
        )}
      </td>
    </tr>
  );
}
