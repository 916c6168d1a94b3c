/** A figure: what it shows, the chart or its table, what can be done with it, and its source. */
import { Menu } from "@base-ui/react/menu";
import { type ReactNode, useId, useRef, useState } from "react";

import { t } from "@/texts";

import { saveChart, savePicture } from "./save-chart";
import { workbookOf } from "./workbook-of";

export interface FigureProps {
  /** The finding where one is certain, else the question. */
  title: ReactNode;
  /** Unit and period. */
  under?: ReactNode;
  chart?: ReactNode;
  table?: ReactNode;
  isTable?: boolean | undefined;
  onTable?: ((isTable: boolean) => void) | undefined;
  /** Address of the same rows as CSV; there is a workbook beside it. */
  csv?: string | undefined;
  /** Saves the rows with small counts, which a plain link cannot fetch. */
  onFile?: (() => Promise<void>) | undefined;
  definition?: string | undefined;
  evidence?: string | undefined;
  source?: string | undefined;
  asOf?: string | undefined;
  hiddenRows?: number | undefined;
  children?: ReactNode;
}

export function FigureBlock(props: FigureProps) {
  const title = useId();
  const block = useRef<HTMLElement>(null);
  const isTable = props.isTable === true || props.chart === undefined;
  const hasBoth = props.chart !== undefined && props.table !== undefined;
  const notes = [
    props.source !== undefined && props.asOf !== undefined
      ? t.figure.source(props.source, props.asOf)
      : null,
    props.hiddenRows !== undefined && props.hiddenRows > 0
      ? t.figure.hiddenCount(props.hiddenRows)
      : null,
  ].filter((note) => note !== null);
  return (
    <figure className="figure" ref={block} aria-labelledby={title}>
      <figcaption className="figure-head">
        <div>
          <h2 id={title}>{props.title}</h2>
          {props.under !== undefined && <p className="note">{props.under}</p>}
        </div>
        <div className="figure-tools">
          {hasBoth && (
            <button
              type="button"
              className="button quiet"
              data-key="t"
              onClick={() => props.onTable?.(!isTable)}
            >
              {isTable ? t.figure.chart : t.figure.table}
            </button>
          )}
          <FigureMenu {...props} isTable={isTable} block={block} />
        </div>
      </figcaption>
      {isTable ? props.table : props.chart}
      {props.children}
      {notes.length > 0 && <p className="note figure-foot">{notes.join(" \u00b7 ")}</p>}
    </figure>
  );
}

function FigureMenu(props: FigureProps & { isTable: boolean; block: React.RefObject<HTMLElement | null> }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(window.location.href);
    setCopied(true);
  };
  const links = [
    { words: t.figure.csv, to: props.csv },
    { words: t.figure.xlsx, to: props.csv === undefined ? undefined : workbookOf(props.csv) },
    { words: t.figure.definition, to: props.definition },
    { words: t.figure.evidence, to: props.evidence },
  ].filter((link) => link.to !== undefined);
  return (
    <Menu.Root>
      <Menu.Trigger className="button quiet">{t.figure.more}</Menu.Trigger>
      <span className="visually-hidden" aria-live="polite">
        {isCopied ? t.figure.copied : ""}
      </span>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end">
          <Menu.Popup className="menu">
            <Menu.Item className="menu-item" onClick={() => void copy()}>
              {t.figure.copyLink}
            </Menu.Item>
            {!props.isTable && (
              <>
                <Menu.Item className="menu-item" onClick={() => saveChart(props.block.current)}>
                  {t.figure.svg}
                </Menu.Item>
                <Menu.Item className="menu-item" onClick={() => void savePicture(props.block.current)}>
                  {t.figure.png}
                </Menu.Item>
              </>
            )}
            {props.onFile !== undefined && (
              <Menu.Item className="menu-item" onClick={() => void props.onFile?.()}>
                {t.figure.smallCsv}
              </Menu.Item>
            )}
            {links.map((link) => (
              <Menu.LinkItem key={link.words} className="menu-item" href={link.to}>
                {link.words}
              </Menu.LinkItem>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
