// @vitest-environment node
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { datasetTypes } from "../scripts/dataset-types.mjs";

test("the types of rows are those of generated/datasets.json; `npm run types` writes them", () => {
  const written = readFileSync(fileURLToPath(new URL("./datasets.ts", import.meta.url)), "utf8");
  expect(written).toBe(datasetTypes());
});
