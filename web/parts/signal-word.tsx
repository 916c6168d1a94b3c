/** A signal in a line of text: shape, word and colour together. */
import type { Tone } from "@/charts/frame";
import { SignalGlyph } from "@/charts/marks";
import { t } from "@/texts";

export function SignalWord({ tone, words }: { tone: Tone; words?: string | undefined }) {
  return (
    <span className={`word ${tone}`}>
      <SignalGlyph tone={tone} /> {words ?? t.tone[tone]}
    </span>
  );
}
