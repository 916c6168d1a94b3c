/** A few figures side by side, each with its denominator: a line of a report, not cards. */
import type { ReactNode } from "react";

export interface StripFigure {
  key: string;
  label: string;
  value: ReactNode;
  under?: ReactNode;
  spark?: ReactNode;
}

export function FigureStrip({ name, figures }: { name: string; figures: readonly StripFigure[] }) {
  return (
    <dl className="strip" aria-label={name}>
      {figures.map((figure) => (
        <div key={figure.key}>
          <dt>{figure.label}</dt>
          <dd className="strip-value">{figure.value}</dd>
          {figure.under !== undefined && <dd className="note">{figure.under}</dd>}
          {figure.spark !== undefined && <dd>{figure.spark}</dd>}
        </div>
      ))}
    </dl>
  );
}
