/** A choice of two or three forms of the same figure. */
import type { Option } from "./scope-bar";

export interface SwitchProps {
  name: string;
  options: readonly Option[];
  value: string;
  onChange(value: string): void;
}

export function Switch({ name, options, value, onChange }: SwitchProps) {
  return (
    <div className="switch" role="group" aria-label={name}>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} onClick={() => onChange(option.value)}>
          {option.label}
        </button>
      ))}
    </div>
  );
}
