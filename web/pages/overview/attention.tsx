/** What is unusual, in sentences that lead to the figure; that nothing is unusual is a result too. */
import { Link } from "@tanstack/react-router";

import { rulesInWords } from "@/api/charts";
import { type MeasureSummary, useMeasures } from "@/api/measures";
import type { Tone } from "@/charts/frame";
import { period } from "@/format/dates";
import { count } from "@/format/numbers";
import { Loaded } from "@/parts/loaded";
import { SignalWord } from "@/parts/signal-word";
import { t } from "@/texts";

/** Sentences shown: more would not be read. */
const MOST = 7;

interface Sentence {
  measure: string;
  tone: Tone;
  words: string;
}

/** Return a sentence for each signal and each funnel with hospitals outside, worse ones first. */
export function sentencesOf(measures: readonly MeasureSummary[]): Sentence[] {
  const sentences = measures.flatMap((measure): Sentence[] => {
    const { signal, title, measure_id } = measure;
    const outside = measure.hospitals_outside ?? 0;
    return [
      ...(signal === null
        ? []
        : [
            {
              measure: measure_id,
              tone: signal.verdict ?? ("neither" as const),
              words: t.overview.signal(title, period(signal.period_start, "month"), rulesInWords(signal.signals)),
            },
          ]),
      ...(outside === 0
        ? []
        : [{ measure: measure_id, tone: "neither" as const, words: t.overview.funnel(title, t.measure.hospitals(outside, count(outside))) }]),
    ];
  });
  const order: Tone[] = ["worse", "neither", "better"];
  return sentences.sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone)).slice(0, MOST);
}

export function Attention() {
  const measures = useMeasures(true, { grain: "month" });
  return (
    <Loaded of={measures} height={120}>
      {(catalogue) => {
        const sentences = sentencesOf(catalogue.data);
        return (
          <section className="attention">
            <h2>{t.overview.attention(sentences.length)}</h2>
            {sentences.length === 0 ? (
              <p className="muted">{t.overview.nothing}</p>
            ) : (
              <ul>
                {sentences.map((sentence) => (
                  <li key={sentence.words}>
                    <SignalWord tone={sentence.tone} />
                    <Link to="/measures/$id" params={{ id: sentence.measure }}>
                      {sentence.words}
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </section>
        );
      }}
    </Loaded>
  );
}
