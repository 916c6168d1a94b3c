import jsxA11y from "eslint-plugin-jsx-a11y";
import react from "eslint-plugin-react";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", "api/datasets.ts", "api/schema.d.ts"] },
  ...tseslint.configs.strict,
  jsxA11y.flatConfigs.strict,
  {
    files: ["**/*.{ts,tsx}"],
    plugins: { react, "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "react/no-danger": "error",
      "react/jsx-no-target-blank": "error",
      "react/jsx-no-script-url": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "max-lines": ["error", { max: 260, skipBlankLines: true }],
      // Explorable charts and tables that scroll are one tab stop each.
      "jsx-a11y/no-noninteractive-tabindex": ["error", { roles: ["application", "region"] }],
    },
  },
  // One catalogue of texts, for translators.
  { files: ["texts/en.ts"], rules: { "max-lines": "off" } },
);
