/** Every component in every state, for those who change them. Development only. */
import { cumsum, sum } from "d3-array";
import { type ReactNode, useState } from "react";

import { ControlChart } from "@/charts/control-chart";
import { Funnel } from "@/charts/funnel";
import { HeatTable } from "@/charts/heat-table";
import { Bars, Caterpillar, Pareto, Ranges, Waterfall } from "@/charts/row-charts";
import { Spark } from "@/charts/spark";
import { StackedMonths } from "@/charts/stacked-months";
import { count, money, moneyAxis, moneyShort, percent } from "@/format/numbers";
import { type Column, DataTable } from "@/parts/data-table";
import { FigureBlock } from "@/parts/figure-block";
import { Panel } from "@/parts/panel";
import { SignalWord } from "@/parts/signal-word";
import { Banner, Failed, Forbidden, Hidden, Loading, NothingFits, NothingPublished, State } from "@/parts/states";
import { WhyHidden } from "@/parts/why-hidden";
import { t } from "@/texts";

import * as examples from "./examples";

function noop(): void {
  // The examples lead nowhere.
}

function Sample({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section className="sample" id={name.toLowerCase().replaceAll(" ", "-")}>
      <h2>{name}</h2>
      {children}
    </section>
  );
}

const ageColumns: Column<(typeof examples.ages)[number]>[] = [
  { key: "label", header: "Age", cell: (row) => row.label, sortBy: (row) => row.label },
  {
    key: "value",
    header: "Value",
    isNumber: true,
    cell: (row) => (row.hidden ? <Hidden /> : row.words),
    sortBy: (row) => row.value,
  },
];

function Charts() {
  const [isTable, setTable] = useState(false);
  const total = sum(examples.reasons, ([, , amount]) => amount);
  const shares = cumsum(examples.reasons, ([, , amount]) => amount / total);
  const reasons = examples.reasons.map(([key, label, value], index) => {
    const running = shares[index] ?? 1;
    return { key, label, value, running, words: `${moneyShort(value)} \u00b7 ${percent(running)}` };
  });
  return (
    <>
      <Sample name="Control chart">
        <FigureBlock
          title="Readmission was unusual in March 2024"
          under="percent of index stays, by month"
          isTable={isTable}
          onTable={setTable}
          chart={
            <ControlChart
              name="Readmission by month"
              points={examples.series}
              centre={examples.mean}
              grain="month"
              format={percent}
              selected={14}
            />
          }
          table={
            <DataTable name="Readmission by age" columns={ageColumns} rows={examples.ages} rowKey={(row) => row.key} />
          }
          source="measure"
          asOf="2024-12-31"
          hiddenRows={3}
          csv="#"
          definition="#"
        />
        <FigureBlock
          title="Fewer than 12 points"
          chart={
            <ControlChart
              name="Short series"
              points={examples.shortSeries}
              centre={null}
              grain="month"
              format={percent}
              reason={t.state.fewPoints(6)}
            />
          }
        />
        <FigureBlock
          title="Some points are hidden"
          chart={
            <ControlChart
              name="Series with hidden points"
              points={examples.partHidden}
              centre={null}
              grain="month"
              format={percent}
              reason={t.state.partHidden(5, 18)}
            />
          }
        >
          <WhyHidden />
        </FigureBlock>
        <FigureBlock
          title="All points are hidden"
          chart={
            <ControlChart name="Hidden series" points={examples.allHidden} centre={null} grain="month" format={percent} />
          }
        >
          <WhyHidden />
        </FigureBlock>
      </Sample>
      <Sample name="Funnel">
        <FigureBlock
          title="Castlewood Regional is above, Fairhaven below"
          under="percent of index stays by hospital, against their number"
          chart={
            <Funnel
              name="Hospitals"
              units={examples.units}
              limits={examples.limits}
              pooled={examples.mean}
              format={percent}
              formatSize={count}
              sizeName="index stays"
              selected="Eastgate"
            />
          }
        />
      </Sample>
      <Sample name="Rows">
        <FigureBlock
          title="Caterpillar"
          chart={<Caterpillar name="By age" rows={examples.ages} whole={examples.mean} format={percent} />}
        />
        <FigureBlock
          title="Bars"
          chart={<Bars name="Reasons" rows={reasons.map((row) => ({ ...row, words: money(row.value) }))} />}
        />
        <FigureBlock title="Pareto" chart={<Pareto name="Denials by reason" rows={reasons} total={total} />} />
        <FigureBlock title="Ranges" chart={<Ranges name="Days to payment" rows={examples.lags} />} />
        <FigureBlock
          title="Waterfall"
          chart={
            <Waterfall
              name="Charges to collections"
              rows={examples.steps.map((row) => ({ ...row, words: money(row.change) }))}
            />
          }
        />
      </Sample>
      <Sample name="Stacked months">
        <FigureBlock
          title="What is owed, by age"
          chart={
            <StackedMonths
              name="Receivables by age"
              buckets={examples.buckets}
              stacks={examples.stacks}
              format={moneyShort}
              formatAxis={moneyAxis}
              hiddenWords={t.value.hidden}
            />
          }
        />
      </Sample>
      <Sample name="Heat table">
        <FigureBlock
          title="Denied amounts by payer and category"
          table={
            <HeatTable
              name="Denied amounts"
              corner="Payer"
              columns={examples.heat.columns}
              rows={examples.heat.rows.map((row) => ({
                ...row,
                cells: row.sizes.map((size) => ({
                  size,
                  words: size === null ? t.value.hidden : count(size),
                  hidden: size === null,
                })),
              }))}
            />
          }
        />
      </Sample>
      <Sample name="Spark">
        <p>
          <Spark name="Spark" points={examples.series} />{" "}
          <Spark name="Partly hidden" points={examples.partHidden} />{" "}
          <Spark name="Hidden" points={examples.allHidden} />
        </p>
      </Sample>
    </>
  );
}

export function DesignPage() {
  const [isOpen, setOpen] = useState(false);
  const problem = {
    type: "/problems/timeout",
    title: "The figures took too long",
    status: 504,
    detail: "The query did not end within 5 seconds. Choose a shorter period, or try again.",
    instance: "8d0f8a3e-5d0c-4b5f-9a51-6a3f0f7c1a11",
  };
  return (
    <main className="main">
      <h1>Components and their states</h1>
      <Charts />
      <Sample name="States">
        <div className="figure">
          <Loading height={96} />
          <NothingPublished />
          <NothingFits onClear={noop} />
          <State title={t.state.emptyService} />
          <Forbidden detail="It is open to these roles: quality officer, analyst." />
          <Failed problem={problem} onRetry={noop} />
          <p>
            <Hidden /> <Hidden words={t.value.hiddenSecond} /> <WhyHidden />
          </p>
          <p>
            <SignalWord tone="worse" /> <SignalWord tone="better" /> <SignalWord tone="neither" />
          </p>
        </div>
        <Banner>
          {t.state.newFigures}
          <button type="button" className="button">
            {t.state.reload}
          </button>
        </Banner>
        <Banner tone="late">{t.state.stale("9 days")}</Banner>
        <Banner>{t.state.provisional}</Banner>
        <Banner>{t.state.offline}</Banner>
        <button type="button" className="button" onClick={() => setOpen(true)}>
          Open a panel
        </button>
        <Panel title="March 2024" isOpen={isOpen} onClose={() => setOpen(false)}>
          <dl className="facts">
            <dt>Value</dt>
            <dd>{percent(0.184)}</dd>
          </dl>
        </Panel>
      </Sample>
    </main>
  );
}
