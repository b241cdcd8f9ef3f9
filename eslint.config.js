import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    files: ["web/**/*.js", "tools/*.js"],
    languageOptions: { globals: { ...globals.browser, VERSION: "readonly", FILES: "readonly" } },
    rules: { "no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }] },
  },
  {
    files: ["tests/**/*.js"],
    languageOptions: {
      sourceType: "script",
      globals: { ...globals.browser, analytics: "readonly", segmentJimo: "readonly" },
    },
    rules: { "no-unused-vars": ["error", { vars: "local" }] },
  },
  { files: ["tests/**/*.mjs", "tools/*.mjs", "npm/*.mjs", "*.js"], languageOptions: { globals: globals.nodeBuiltin } },
  { files: ["tests/**/*.mjs"], languageOptions: { globals: { Event: "readonly" } } },
  {
    files: ["npm/*.mjs"],
    languageOptions: { globals: { ...globals.browser, VERSION: "readonly", FILES: "readonly" } },
    rules: { "no-unused-vars": ["error", { argsIgnorePattern: "^_" }] },
  },
  { ignores: ["dist/", "examples/", "release/", ".build/", ".venv/", "node_modules/"] },
];
