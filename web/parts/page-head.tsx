/** The head of a page: its one h1, the question it answers, and the scope. */
import { type ReactNode, useEffect } from "react";

import { t } from "@/texts";

export interface PageHeadProps {
  title: string;
  lead?: ReactNode;
  /** Where the page belongs, such as the measure of a definition. */
  trail?: ReactNode;
  children?: ReactNode;
}

export function PageHead({ title, lead, trail, children }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} \u00b7 ${t.product}`;
  }, [title]);
  return (
    <header className="page-head">
      {trail !== undefined && <p className="note">{trail}</p>}
      <h1>{title}</h1>
      {lead !== undefined && <p className="lead">{lead}</p>}
      {children}
    </header>
  );
}
