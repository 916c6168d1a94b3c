/** Marks that several charts share. A signal differs by shape, word and colour. */
import type { Tone } from "./frame";

/** Radius of a point, in pixels. */
export const POINT = 3.5;
const SIGNAL = 6;

/** A signal: a triangle points up for worse, down for better; a square is neither. */
export function SignalMark({ x, y, tone }: { x: number; y: number; tone: Tone }) {
  const r = SIGNAL;
  const paths: Record<Tone, string> = {
    worse: `M0 ${-r - 1}L${r} ${r - 1}H${-r}Z`,
    better: `M0 ${r + 1}L${r} ${-r + 1}H${-r}Z`,
    neither: `M${-r + 1} ${-r + 1}h${2 * r - 2}v${2 * r - 2}h${2 - 2 * r}Z`,
  };
  return <path className={`signal ${tone}`} d={paths[tone]} transform={`translate(${x} ${y})`} />;
}

/** The same mark inside a line of text. */
export function SignalGlyph({ tone }: { tone: Tone }) {
  return (
    <svg className="glyph" viewBox="-8 -8 16 16" width="14" height="14" aria-hidden="true">
      <SignalMark x={0} y={0} tone={tone} />
    </svg>
  );
}

/** The pattern of hidden cells. `id` is the chart's own: patterns are found by page-wide ids. */
export function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" className="hatch-ground" />
        <line x1="0" y1="0" x2="0" y2="6" className="hatch-line" />
      </pattern>
    </defs>
  );
}
