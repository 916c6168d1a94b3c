// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const WEB = fileURLToPath(new URL("..", import.meta.url));
const ROOMS = ["app", "charts", "pages", "parts"];

function files(room: string): string[] {
  return readdirSync(`${WEB}${room}`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".tsx") && !name.includes(".test.") && !name.startsWith("design"))
    .map((name) => `${WEB}${room}/${name}`);
}

test("components hold no text of their own: every word is in the catalogue", () => {
  const bare = ROOMS.flatMap(files).flatMap((file) => {
    const source = readFileSync(file, "utf8");
    return [...source.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+[^<{]*)</g)].map((match) => `${file}: ${match[1]}`);
  });
  expect(bare).toEqual([]);
});
