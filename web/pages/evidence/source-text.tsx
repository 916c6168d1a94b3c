/** The text a record was sent as, read on demand: what could name a person comes masked. */
import { useState } from "react";

import { useReading } from "@/api/reading";
import { count } from "@/format/numbers";
import { Loaded } from "@/parts/loaded";
import { Panel } from "@/parts/panel";
import { ScrollRegion } from "@/parts/scroll-region";
import { t } from "@/texts";

import { brokenIntoLines } from "./source-lines";

interface RecordAnswer {
  text: string;
  masked: number;
  versions: number;
  source_file: string | null;
  source_line: number | null;
}

export function SourceText({ type, id }: { type: string; id: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {" "}
      <button type="button" className="link note" onClick={() => setOpen(true)}>
        {t.evidence.sourceText}
      </button>
      {isOpen && (
        <Panel title={t.evidence.sourceOf(type)} isOpen onClose={() => setOpen(false)}>
          <Text type={type} id={id} />
        </Panel>
      )}
    </>
  );
}

function Text({ type, id }: { type: string; id: string }) {
  const answer = useReading<RecordAnswer>(`/v1/evidence/records/${type}/${id}`, { needsPurpose: true, isPublished: false });
  return (
    <Loaded of={answer} height={240}>
      {(record) => (
        <>
          <p className="note">
            {t.evidence.masked(count(record.masked))} {record.versions > 1 && t.evidence.versions(count(record.versions))}
          </p>
          {record.source_file !== null && (
            <p className="note file">{t.evidence.line(record.source_file.split("/").at(-1) ?? "", String(record.source_line ?? ""))}</p>
          )}
          <ScrollRegion name={t.evidence.sourceOf(type)}>
            <pre className="source">{brokenIntoLines(record.text)}</pre>
          </ScrollRegion>
        </>
      )}
    </Loaded>
  );
}
