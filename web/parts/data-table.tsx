/** A sortable table of rows. On a phone each row becomes two lines: the name, then its figures. */
import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { type ReactNode, useMemo } from "react";

import { t } from "@/texts";

import { ScrollRegion } from "./scroll-region";

export interface Column<Row> {
  key: string;
  header: string;
  isNumber?: boolean;
  cell(row: Row): ReactNode;
  /** What rows are sorted by; absent where order says nothing. */
  sortBy?(row: Row): number | string | null;
}

export interface DataTableProps<Row> {
  name: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  /** `column` or `-column` for descending, as in the address. */
  sort?: string | undefined;
  onSort?: ((sort: string | undefined) => void) | undefined;
  selected?: string | undefined;
  /** Lines the first cells with their row, where it names what the row is about. */
  isFirstHeader?: boolean;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const NO_ROWS: never[] = [];

/** Return -1, 0 or 1; missing figures are last in both directions. */
function compared(a: number | string | null, b: number | string | null): number {
  if (typeof a === "number" && typeof b === "number") {
    return Math.sign(a - b);
  }
  return String(a ?? "").localeCompare(String(b ?? ""), "en", { numeric: true });
}

function sorting(sort: string | undefined): SortingState {
  return sort === undefined || sort === ""
    ? NO_ROWS
    : [{ id: sort.replace(/^-/, ""), desc: sort.startsWith("-") }];
}

export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const definitions = useMemo(
    () =>
      props.columns.map(
        (column): ColumnDef<typeof features, Row, unknown> => ({
          id: column.key,
          header: column.header,
          accessorFn: (row) => column.sortBy?.(row) ?? undefined,
          enableSorting: column.sortBy !== undefined,
          sortUndefined: "last",
          sortFn: (a, b, id) => compared(a.getValue(id), b.getValue(id)),
        }),
      ),
    [props.columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: props.rows as Row[],
    state: { sorting: sorting(props.sort) },
  });
  const columns = new Map(props.columns.map((column) => [column.key, column]));
  return (
    <ScrollRegion name={props.name}>
      <table className="table">
        <caption className="visually-hidden">{props.name}</caption>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <HeaderCell key={column.key} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => {
            const key = props.rowKey(row.original);
            return (
              <tr key={key} className={key === props.selected ? "selected" : undefined}>
                {row.getAllCells().map((cell, index) => {
                  const column = columns.get(cell.column.id);
                  const content = column?.cell(row.original);
                  return index === 0 && props.isFirstHeader !== false ? (
                    <th key={cell.id} scope="row">
                      {content}
                    </th>
                  ) : (
                    <td
                      key={cell.id}
                      data-label={column?.header}
                      className={column?.isNumber === true ? "number" : undefined}
                    >
                      {content}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function HeaderCell<Row>(props: {
  column: Column<Row>;
  sort: string | undefined;
  onSort: DataTableProps<Row>["onSort"];
}) {
  const { column, sort, onSort } = props;
  const direction =
    sort === column.key ? "ascending" : sort === `-${column.key}` ? "descending" : undefined;
  // First click: largest first for figures, A to Z for names; then the other way; then as published.
  const order = column.isNumber === true ? [`-${column.key}`, column.key] : [column.key, `-${column.key}`];
  const at = order.indexOf(sort ?? "");
  return (
    <th scope="col" className={column.isNumber === true ? "number" : undefined} aria-sort={direction}>
      {column.sortBy === undefined || onSort === undefined ? (
        column.header
      ) : (
        <button
          type="button"
          className="sort"
          title={t.table.sortBy(column.header)}
          onClick={() => onSort(at === -1 ? order[0] : order[at + 1])}
        >
          {column.header}
          <span aria-hidden="true">
            {direction === "ascending" ? " \u2191" : direction === "descending" ? " \u2193" : ""}
          </span>
        </button>
      )}
    </th>
  );
}
