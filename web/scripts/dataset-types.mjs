/**
 * Returns the TypeScript of the datasets' rows, from `generated/datasets.json`; run as a program it
 * writes `api/datasets.ts`. Parts of a key and flags always have a value; dates of a key may be
 * missing, because a row over the whole time has none.
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

export function datasetTypes() {
  const { datasets } = JSON.parse(readFileSync(here("../../generated/datasets.json"), "utf8"));
  const rows = datasets.map((dataset) => {
    const columns = dataset.columns.map(
      (column) => `    /** ${column.meaning} */\n    ${column.name}: ${typeOf(column, dataset.key)};`,
    );
    return `  /** ${dataset.meaning} */\n  ${dataset.name}: {\n${columns.join("\n")}\n  };`;
  });
  return `// Written from generated/datasets.json by \`npm run types\`; do not edit.\nexport interface Datasets {\n${rows.join("\n")}\n}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(here("../api/datasets.ts"), datasetTypes());
}
