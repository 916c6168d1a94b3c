/** An account: its claims, answers and ledger, each line with what it came from. */
import { useReading } from "@/api/reading";
import { Loaded } from "@/parts/loaded";
import { Panel } from "@/parts/panel";
import { t } from "@/texts";

interface Line {
  part: string;
  id: string | null;
  says: string;
  source_file: string | null;
  source_line: number | null;
}

export function AccountPanel({ id, onClose }: { id: string; onClose(): void }) {
  const answer = useReading<{ data: Line[] }>(`/v1/evidence/accounts/${id}`, { needsPurpose: true, isPublished: false });
  return (
    <Panel title={t.denials.account} isOpen onClose={onClose}>
      <Loaded of={answer} height={320}>
        {({ data }) => (
          <ul className="lines">
            {data.map((line) => (
              <li key={`${line.part} ${line.id} ${line.says}`}>
                <span className="note">{line.part}</span>
                <br />
                {line.says}
                {line.source_file !== null && (
                  <span className="note file">
                    {t.evidence.line(line.source_file.split("/").at(-1) ?? "", String(line.source_line ?? ""))}
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
