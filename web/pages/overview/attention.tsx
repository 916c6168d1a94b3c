/** What is unusual, in sentences that lead to the figure; that nothing is unusual is a result too. */
import { Link } from "@tanstack/react-router";

import { useAlertHeadlines } from "@/api/alerts";
import { rulesInWords, type Series } from "@/api/charts";
import { useKpis } from "@/api/kpis";
import { useMeasures } from "@/api/measures";
import type { Row } from "@/api/rows";
import { useRight } from "@/app/viewer";
import type { Tone } from "@/charts/frame";
import { type Grain, period } from "@/format/dates";
import { count } from "@/format/numbers";
import { Loading, WithCode } from "@/parts/states";
import { SignalWord } from "@/parts/signal-word";
import { t } from "@/texts";

/** Sentences shown: more would not be read. */
const MOST = 7;
const GRAIN: Grain = "quarter";
const ORDER: Tone[] = ["worse", "neither", "better"];

export interface Checked {
  to: string;
  /** The KPI that its page shows first. */
  kpi?: string;
  title: string;
  grain: Grain;
  spark: Series;
  signal: Series["signal"];
  hospitals_outside?: number | null;
}

export interface Sentence {
  to: string;
  kpi?: string | undefined;
  tone: Tone;
  words: string;
  /** What stands for the tone; absent where the tone says it. */
  label?: string;
}

/** Return a sentence for each open alert, failures first. */
export function sentencesOfAlerts(alerts: readonly Pick<Row<"alert_headlines">, "meaning" | "page" | "severity">[]): Sentence[] {
  const isFailure = (severity: string | null) => severity === "failure";
  return [...alerts]
    .sort((a, b) => Number(isFailure(b.severity)) - Number(isFailure(a.severity)))
    .map(({ meaning, page, severity }) => ({
      to: page ?? "/quality",
      tone: isFailure(severity) ? "worse" : "neither",
      words: meaning ?? "",
      label: isFailure(severity) ? t.alerts.failure : t.alerts.warning,
    }));
}

/** Return a sentence for each signal and each funnel with hospitals outside, worse ones first. */
export function sentencesOf(checked: readonly Checked[]): Sentence[] {
  const sentences = checked.flatMap(({ to, kpi, title, grain, signal, hospitals_outside }): Sentence[] => {
    const found: Sentence[] = [];
    if (signal !== null) {
      const words = t.overview.signal(title, period(signal.period_start, grain), rulesInWords(signal.signals));
      found.push({ to, kpi, tone: signal.verdict ?? "neither", words });
    }
    const outside = hospitals_outside ?? 0;
    if (outside > 0) {
      found.push({ to, kpi, tone: "neither", words: t.overview.funnel(title, t.measure.hospitals(outside, count(outside))) });
    }
    return found;
  });
  return sentences.sort((a, b) => ORDER.indexOf(a.tone) - ORDER.indexOf(b.tone));
}

export function Attention() {
  const mayReadMoney = useRight("finance:read");
  const mayReadMeasures = useRight("quality:read");
  const measures = useMeasures(mayReadMeasures, { grain: GRAIN });
  const kpis = useKpis(mayReadMoney, { grain: "month" });
  const alerts = useAlertHeadlines();
  if (alerts.isPending || (mayReadMeasures && measures.isPending) || (mayReadMoney && kpis.isPending)) {
    return <Loading height={140} />;
  }
  const checked: Checked[] = [
    ...(measures.data?.data ?? []).map((measure) => ({ ...measure, to: `/measures/${measure.measure_id}`, grain: GRAIN })),
    ...(kpis.data?.data ?? []).map((kpi) => ({ ...kpi, to: "/revenue", kpi: kpi.kpi_id, grain: "month" as const })),
  ];
  const all = [...sentencesOfAlerts(alerts.data?.data ?? []), ...sentencesOf(checked)];
  const sentences = all.slice(0, MOST);
  const withLimits = checked.filter(({ spark }) => spark.reason === null && spark.points.length > 0).length;
  return (
    <section className="attention">
      <h2>{t.overview.attention(all.length)}</h2>
      {sentences.length === 0 ? (
        <p className="muted">{t.overview.nothing}</p>
      ) : (
        <ul>
          {sentences.map((sentence) => (
            <li key={sentence.words}>
              <SignalWord tone={sentence.tone} words={sentence.label} />
              <Link to={sentence.to} search={{ kpi: sentence.kpi }}>
                <WithCode text={sentence.words} />
              </Link>
            </li>
          ))}
        </ul>
      )}
      {all.length > sentences.length && <p className="note">{t.overview.more(all.length - sentences.length)}</p>}
      {checked.length > 0 && <p className="note">{t.overview.checked(withLimits, checked.length)}</p>}
    </section>
  );
}
