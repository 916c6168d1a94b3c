/** An account: its claims, answers and ledger, each line with what it came from. */
import { useReading } from "@/api/reading";
import { Loaded } from "@/parts/loaded";
import { Panel } from "@/parts/panel";
import { type ExplainedLine, SourceLine } from "@/parts/source-line";
import { t } from "@/texts";

export function AccountPanel({ id, onClose }: { id: string; onClose(): void }) {
  const answer = useReading<{ data: ExplainedLine[] }>(`/v1/evidence/accounts/${id}`, { needsPurpose: true, isPublished: false });
  return (
    <Panel title={t.denials.account} isOpen onClose={onClose}>
      <Loaded of={answer} height={320}>
        {({ data }) => (
          <ul className="lines">
            {data.map((line) => (
              <li key={`${line.part} ${line.id} ${line.says}`}>
                <span className="note">{line.part}</span>
                <br />
                <SourceLine line={line} />
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
