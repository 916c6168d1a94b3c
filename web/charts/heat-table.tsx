/** A table whose cells carry a number first and a shade second. */
import { max } from "d3-array";

import { ScrollRegion } from "@/parts/scroll-region";

export interface HeatCell {
  words: string;
  /** What the shade shows; null for no shade. */
  size: number | null;
  hidden?: boolean;
}

export interface HeatTableProps {
  name: string;
  corner: string;
  columns: readonly string[];
  rows: readonly { key: string; label: string; cells: readonly HeatCell[] }[];
}

const SHADES = 5;

export function HeatTable({ name, corner, columns, rows }: HeatTableProps) {
  const largest = max(rows, (row) => max(row.cells, (cell) => cell.size ?? 0)) || 1;
  const shade = (cell: HeatCell) =>
    cell.size === null || cell.size === 0
      ? "shade-0"
      : `shade-${Math.min(SHADES, Math.ceil((cell.size / largest) * SHADES))}`;
  return (
    <ScrollRegion name={name}>
      <table className="table heat">
        <thead>
          <tr>
            <th scope="col">{corner}</th>
            {columns.map((column) => (
              <th key={column} scope="col" className="number">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">{row.label}</th>
              {row.cells.map((cell, index) => (
                <td
                  key={columns[index]}
                  className={cell.hidden === true ? "number hidden" : `number ${shade(cell)}`}
                >
                  {cell.words}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
