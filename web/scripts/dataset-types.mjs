/**
 * Returns the TypeScript of the datasets' rows, filters and orders, from `generated/datasets.json`;
 * run as a program it writes `api/datasets.ts`. Parts of a key and flags always have a value; dates
 * of a key may be missing, because a row over the whole time has none.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TYPES = { bigint: "number", boolean: "boolean", double: "number", int: "number" };

function typeOf(column, key) {
  // Amounts are decimals, which JSON carries as strings so that no cent is lost.
  const type = TYPES[column.type] ?? "string";
  const isSure = column.kind === "flag" || (key.includes(column.name) && column.kind !== "date" && type === "string");
  return isSure ? type : `${type} | null`;
}

/** Returns the parameters that a filter stands for, as the server names them. */
function parametersOf(dataset, { column, operators, values }) {
  const { type } = dataset.columns.find(({ name }) => name === column);
  const one = values.length > 0 ? values.map((value) => JSON.stringify(value)).join(" | ") : type === "boolean" ? '"true" | "false"' : "string";
  const parameters = [];
  if (operators.includes("eq") || operators.includes("in")) {
    parameters.push(`${column}?: ${operators.includes("in") ? `OneOrMany<${one}>` : one} | undefined;`);
  }
  if (operators.includes("contains")) {
    parameters.push(`${column}_contains?: string | undefined;`);
  }
  if (operators.includes("ge")) {
    parameters.push("from?: string | undefined;", "to?: string | undefined;");
  }
  return parameters.map((parameter) => `    ${parameter}`);
}

function filtersOf(dataset) {
  const columns = dataset.sorts.map((name) => JSON.stringify(name)).join(" | ");
  const filters = dataset.filters.flatMap((filter) => parametersOf(dataset, filter));
  return `  ${dataset.name}: {\n${filters.join("\n")}\n    /** Default: ${dataset.order.join(", ")}. */\n    sort?: Sorts<${columns}> | undefined;\n  };`;
}

export function datasetTypes() {
  const { datasets } = JSON.parse(readFileSync(here("../../generated/datasets.json"), "utf8"));
  const rows = datasets.map((dataset) => {
    const columns = dataset.columns.map(
      (column) => `    /** ${column.meaning} */\n    ${column.name}: ${typeOf(column, dataset.key)};`,
    );
    return `  /** ${dataset.meaning} */\n  ${dataset.name}: {\n${columns.join("\n")}\n  };`;
  });
  return `// Written from generated/datasets.json by \`npm run types\`; do not edit.
export interface Datasets {
${rows.join("\n")}
}

export type OneOrMany<Value extends string> = Value | readonly Value[];
/** A column to sort by, with \`-\` for falling; more may follow after commas. */
export type Sorts<Column extends string> = Column | \`-\${Column}\` | \`\${Column},\${string}\` | \`-\${Column},\${string}\`;

/** What may be asked of a dataset's rows. */
export interface DatasetFilters {
${datasets.map(filtersOf).join("\n")}
}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(here("../api/datasets.ts"), datasetTypes());
}
