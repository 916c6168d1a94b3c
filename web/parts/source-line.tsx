/** One line of an explanation: what a row says, and the file and line it came from. */
import { t } from "@/texts";

export interface ExplainedLine {
  part: string;
  id: string | null;
  says: string;
  source_file: string | null;
  source_line: number | null;
  /** The kind of record it is about, where the text that was sent can be read. */
  record_type?: string | null;
}

export function SourceLine({ line }: { line: ExplainedLine }) {
  return (
    <>
      {line.says}
      {line.source_file !== null && (
        <span className="note file">
          {t.evidence.line(line.source_file.split("/").at(-1) ?? "", String(line.source_line ?? ""))}
        </span>
      )}
    </>
  );
}
