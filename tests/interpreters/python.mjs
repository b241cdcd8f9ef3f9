// Runs each line of standard input as Python, in an interpreter that ships. Prints one JSON line with all results: the
// repr of a value, or the name of an error.

import { readFileSync } from "node:fs";
import { interpreterOf } from "./page.mjs";

const python = await interpreterOf(process.argv[2]);
const { before, lines } = JSON.parse(readFileSync(0, "utf8"));
python.runPython(before);
const found = lines.map((line) => {
  try {
    python.runPython(`found = repr(eval(${JSON.stringify(line)}, globals()))`);
    return { result: python.globals.get("found") };
  } catch (error) {
    return { error: /(\w+Error)\b(?!.*\w+Error\b)/s.exec(error.message)?.[1] ?? error.message };
  }
});
console.log(JSON.stringify(found));
process.exit(0);
