import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env.METRICCARE_SERVER ?? "http://127.0.0.1:8440";

/** Puts the font's licence (OFL 1.1) beside the font, as it asks. */
const fontLicence = {
  name: "font-licence",
  generateBundle(this: { emitFile(file: object): void }) {
    const source = readFileSync(folder("node_modules/@fontsource-variable/source-sans-3/LICENSE"));
    this.emitFile({ type: "asset", fileName: "assets/source-sans-3.LICENSE.txt", source });
  },
};

export default defineConfig({
  root: folder("."),
  plugins: [react(), fontLicence],
  resolve: { alias: { "@": folder(".") } },
  build: {
    outDir: folder("../src/metriccare/web"),
    emptyOutDir: true,
    manifest: "manifest.json",
    license: { fileName: "licences.md" },
    // A font or picture inside the style sheet would need `data:` in more of the policy.
    assetsInlineLimit: 0,
    // The polyfill is for browsers older than modules with top-level await, which we do not serve.
    modulePreload: { polyfill: false },
  },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(
      ["/v1", "/auth", "/health", "/beacon.json"].map((path) => [path, { target: server }]),
    ),
  },
  test: { environment: "jsdom", setupFiles: [folder("vitest.setup.ts")], restoreMocks: true },
});
