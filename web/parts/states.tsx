/** The states of a figure that is not (or not only) a figure. Each says why, and what to do next. */
import { type ReactNode, useEffect, useState } from "react";

import type { Problem } from "@/api/problem";
import { t } from "@/texts";

/** Milliseconds before a skeleton shows: quicker answers would only flicker. */
const PATIENCE = 200;

export function Loading({ height = 200 }: { height?: number }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="loading" role="status" style={{ minHeight: height }}>
      <span className="visually-hidden">{t.state.loading}</span>
      {isSlow && <div className="skeleton" aria-hidden="true" />}
    </div>
  );
}

/** A text in which words between backticks are commands. */
export function WithCode({ text }: { text: string }) {
  return text
    .split("`")
    .map((part, index) => (index % 2 === 0 ? part : <code key={part}>{part}</code>));
}

interface StateProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** A state with a title, its reason and the next action. */
export function State({ title, children, action }: StateProps) {
  return (
    <div className="state">
      <p className="state-title">{title}</p>
      {children !== undefined && <div className="muted">{children}</div>}
      {action}
    </div>
  );
}

export function NothingPublished() {
  return (
    <State title={t.state.emptyNone}>
      <WithCode text={t.state.emptyNoneNext} />
    </State>
  );
}

export function NothingFits({ onClear }: { onClear(): void }) {
  return (
    <State
      title={t.state.emptyFiltered}
      action={
        <button type="button" className="button" onClick={onClear}>
          {t.state.emptyFilteredNext}
        </button>
      }
    />
  );
}

/** A hidden figure: the word, hatched, with the rule one tap away. */
export function Hidden({ words = t.value.hiddenRange }: { words?: string }) {
  return <span className="hidden-figure">{words}</span>;
}

/** `detail` is the server's sentence, which names the roles that may. */
export function Forbidden({ detail }: { detail: string }) {
  return <State title={t.state.forbiddenTitle}>{detail}</State>;
}

export function Failed({ problem, onRetry }: { problem: Problem; onRetry(): void }) {
  return (
    <div className="state error" role="alert">
      <p className="state-title">{problem.title || t.state.errorTitle}</p>
      <p className="muted">
        <WithCode text={problem.detail} />
      </p>
      {problem.instance !== "" && (
        <p className="note">
          {t.state.requestId} <code>{problem.instance}</code>
        </p>
      )}
      <button type="button" className="button" onClick={onRetry}>
        {t.state.retry}
      </button>
    </div>
  );
}

/** A line over the page that never moves the figures beneath by itself. */
export function Banner({ tone = "plain", children }: { tone?: "plain" | "late"; children: ReactNode }) {
  return (
    <div className={`banner ${tone}`} role="status">
      {children}
    </div>
  );
}
