/** Why one stay is in or out: the verdict in sentences, and each row behind it with file and line. */
import type { Definition } from "@/api/measures";
import { useReading } from "@/api/reading";
import { useAddress } from "@/app/search";
import { StayTimeline } from "@/charts/stay-timeline";
import { Loaded } from "@/parts/loaded";
import { type ExplainedLine, SourceLine } from "@/parts/source-line";
import { t } from "@/texts";

import { SourceText } from "./source-text";
import { useStays } from "./stays";

interface ExplanationAnswer {
  command: string;
  person: string;
  data: ExplainedLine[];
}

/** Days that measures look at after a stay or an admission. */
const WINDOWS: Record<string, number> = { readmission_30d: 30 };

/** Return the lines in groups of one part, in their order. */
export function partsOf(lines: readonly ExplainedLine[]): [string, ExplainedLine[]][] {
  const parts: [string, ExplainedLine[]][] = [];
  for (const line of lines) {
    const last = parts.at(-1);
    if (last?.[0] === line.part) {
      last[1].push(line);
    } else {
      parts.push([line.part, [line]]);
    }
  }
  return parts;
}

export function Explanation({ measure, stay }: { measure: Definition; stay: string }) {
  const [, change] = useAddress();
  const listed = useStays(measure.measure_id).data?.data.find((row) => row.stay_id === stay);
  const window = WINDOWS[measure.measure_id];
  const answer = useReading<ExplanationAnswer>(`/v1/evidence/stays/${stay}/explanation`, {
    parameters: { measure: measure.measure_id },
    needsPurpose: true,
    isPublished: false,
  });
  return (
    <section className="figure" aria-label={t.evidence.why}>
      <header className="figure-head">
        <h2>{t.evidence.why}</h2>
        <button type="button" className="button quiet" onClick={() => change({ stay: undefined } as never)}>
          {t.panel.close}
        </button>
      </header>
      {window !== undefined && listed?.admit_date != null && listed.discharge_date !== null && (
        <StayTimeline
          admitted={listed.admit_date}
          discharged={listed.discharge_date}
          window={window}
          outcome={listed.outcome_date}
        />
      )}
      <Loaded of={answer} height={320}>
        {(explanation) => (
          <>
            {partsOf(explanation.data).map(([part, lines]) => (
              <section key={part} className="part">
                <h3>{part}</h3>
                <ul>
                  {lines.map((line) => (
                    <li key={`${line.id} ${line.says} ${line.source_line}`}>
                      <SourceLine line={line} />
                      {line.record_type != null && line.id !== null && <SourceText type={line.record_type} id={line.id} />}
                    </li>
                  ))}
                </ul>
              </section>
            ))}
            <p className="note">
              {t.evidence.command} <code>{explanation.command}</code>
            </p>
          </>
        )}
      </Loaded>
    </section>
  );
}
