/** What the figures are of: period, grain, hospital and more, always in the same place. */
import type { Search } from "@/app/search";
import { useAddress } from "@/app/search";
import { t } from "@/texts";

export interface Option {
  value: string;
  label: string;
}

export interface Choice {
  name: keyof Search;
  label: string;
  options: readonly Option[];
  /** The value without a trace in the address. */
  standard: string;
}

function chosen(search: Search, choice: Choice): string {
  const value = search[choice.name];
  return (Array.isArray(value) ? value[0] : value) ?? choice.standard;
}

function change(choice: Choice, value: string): Search {
  const isStandard = value === choice.standard;
  const isMany = ["hospital", "facility", "payer"].includes(choice.name);
  return { [choice.name]: isStandard ? undefined : isMany ? [value] : value } as Search;
}

export function ScopeBar({ choices }: { choices: readonly Choice[] }) {
  const [search, set] = useAddress();
  const changed = choices.filter((choice) => chosen(search, choice) !== choice.standard);
  return (
    <div className="scope" role="group" aria-label={t.scope.name}>
      {choices.map((choice) => (
        <ChoiceField key={choice.name} choice={choice} value={chosen(search, choice)} onChange={(value) => set(change(choice, value))} />
      ))}
      {changed.length > 0 && (
        <button
          type="button"
          className="button quiet"
          onClick={() => set(Object.assign({}, ...changed.map((choice) => change(choice, choice.standard))) as Search)}
        >
          {t.scope.clear}
        </button>
      )}
    </div>
  );
}

function ChoiceField(props: { choice: Choice; value: string; onChange(value: string): void }) {
  const { choice, value, onChange } = props;
  const at = choice.options.findIndex((option) => option.value === value);
  const isKnown = at >= 0;
  const isPeriod = choice.name === "period";
  const step = (by: number) => {
    const next = choice.options[at + by];
    return next === undefined ? null : () => onChange(next.value);
  };
  // Options are newest first after "whole time", so going back in time is going down the list.
  const back = step(1);
  const forward = step(-1);
  return (
    <label className={value === choice.standard ? "field" : "field changed"}>
      {choice.label}
      <span className="field-line">
        <select value={value} onChange={(event) => onChange(event.target.value)}>
          {!isKnown && <option value={value}>{value}</option>}
          {choice.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        {isPeriod && (
          <>
            <button type="button" className="button step" data-key="back" disabled={back === null} onClick={back ?? undefined} aria-label={t.scope.back}>
              {"\u2039"}
            </button>
            <button type="button" className="button step" data-key="forward" disabled={forward === null} onClick={forward ?? undefined} aria-label={t.scope.forward}>
              {"\u203a"}
            </button>
          </>
        )}
      </span>
    </label>
  );
}
