/** One figure by stratum: dots with intervals round the whole, and the table of the same rows. */
import type { ReactNode } from "react";

import { csvOf, type Figures, type StratumFigures } from "@/api/rows";
import type { Meta } from "@/api/reading";
import { useAddress, useTableSwitch } from "@/app/search";
import { Caterpillar, type IntervalRow } from "@/charts/row-charts";
import { figure, numeric, type Unit } from "@/format/numbers";
import { t } from "@/texts";

import { type Column, DataTable } from "./data-table";
import { FigureBlock, type FigureProps } from "./figure-block";
import { NothingPublished } from "./states";
import { WhyHidden } from "./why-hidden";
import { countsOf, Interval, Value } from "./value";

type Result = StratumFigures & { currency?: string };

export interface StrataFigureProps extends Pick<FigureProps, "title" | "under" | "evidence" | "definition"> {
  id: string;
  name: string;
  heading: string;
  rows: readonly Result[];
  whole: Figures | undefined;
  unit: Unit;
  meta: Meta;
  /** A choice of strata, under the figure. */
  tools?: ReactNode;
  onOpen?: (key: string) => void;
}

function intervalRow(row: Result, unit: Unit): IntervalRow {
  const value = numeric(row.value);
  return {
    key: row.stratum_value,
    label: row.stratum_label ?? row.stratum_value,
    words: value === null ? t.value.none : figure(value, unit, row.currency),
    hidden: row.suppressed,
    value,
    low: numeric(row.ci_low),
    high: numeric(row.ci_high),
  };
}

/** Return rows by their size, the largest first; hidden ones have none and are last. */
export function bySize<Each extends Result>(rows: readonly Each[]): Each[] {
  return [...rows].sort((a, b) => (numeric(b.denominator) ?? -1) - (numeric(a.denominator) ?? -1));
}

/** Hidden rows drawn as hatched rows; more are named beneath the chart. */
const MOST_HIDDEN = 2;

/** Return the rows to draw: those with a figure, and a few hidden ones; empty strata are left out. */
function drawn(rows: readonly Result[]): Result[] {
  const hidden = rows.filter((row) => row.suppressed);
  const shown = rows.filter((row) => !row.suppressed && numeric(row.value) !== null);
  return hidden.length > MOST_HIDDEN ? shown : rows.filter((row) => row.suppressed || numeric(row.value) !== null);
}

export function StrataFigure(props: StrataFigureProps) {
  const { rows, unit } = props;
  const hidden = rows.filter((row) => row.suppressed);
  const [isTable, setTable] = useTableSwitch(props.id);
  const [search, change] = useAddress();
  const columns: Column<Result>[] = [
    {
      key: "name",
      header: props.heading,
      cell: (row) => row.stratum_label ?? row.stratum_value,
      sortBy: (row) => row.stratum_label ?? row.stratum_value,
    },
    {
      key: "value",
      header: t.column.value,
      isNumber: true,
      cell: (row) => <Value row={row} unit={unit} currency={row.currency ?? null} />,
      sortBy: (row) => numeric(row.value),
    },
    { key: "interval", header: t.column.interval, isNumber: true, cell: (row) => <Interval row={row} unit={unit} /> },
    {
      key: "counts",
      header: t.column.counts,
      isNumber: true,
      cell: (row) => (row.suppressed ? "" : countsOf(row, unit, row.currency)),
      sortBy: (row) => numeric(row.denominator),
    },
  ];
  return (
    <FigureBlock
      {...props}
      isTable={isTable}
      onTable={setTable}
      {...(drawn(rows).length > 0 && {
        chart: (
          <Caterpillar
            name={props.name}
            rows={drawn(rows).map((row) => intervalRow(row, unit))}
            whole={numeric(props.whole?.value ?? null)}
            format={(value) => figure(value, unit)}
            onOpen={props.onOpen}
          />
        ),
      })}
      table={
        rows.length === 0 ? (
          <NothingPublished />
        ) : (
          <DataTable
            name={props.name}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.stratum_value}
            sort={search.sort}
            onSort={(sort) => change({ sort } as never)}
          />
        )
      }
      csv={csvOf({ meta: props.meta })}
      source={props.meta.dataset ?? ""}
      asOf={props.meta.as_of ?? undefined}
      hiddenRows={hidden.length}
    >
      {!isTable && hidden.length > MOST_HIDDEN && (
        <p className="note">{t.chart.notDrawn(hidden.map((row) => row.stratum_label ?? row.stratum_value).join("; "))}</p>
      )}
      <div className="figure-line">
        {props.tools}
        {hidden.length > 0 && <WhyHidden />}
      </div>
    </FigureBlock>
  );
}
