// Reads { sources, program, events } from standard input, and runs the program on an interpreter with the real page side.
// The program contains rules and defines `connect`. For each event, prints the pushed commands and the number of errors.
//
//   node rules.mjs <micropython|pyodide>

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { becomePage, destination } from "./page.mjs";

const [runtime] = process.argv.slice(2);
const { sources, program, events } = JSON.parse(readFileSync(0, "utf8"));
const modules = `${process.cwd()}/node_modules`;

async function load() {
  if (runtime === "pyodide") {
    const { loadPyodide } = await import(pathToFileURL(`${modules}/pyodide/pyodide.mjs`).href);
    return loadPyodide();
  }
  const folder = `${modules}/@micropython/micropython-webassembly-pyscript`;
  const { loadMicroPython } = await import(pathToFileURL(`${folder}/micropython.mjs`).href);
  return loadMicroPython({ heapsize: 8 * 1024 * 1024 });
}

const python = await load();
python.FS.mkdir("segment_jimo");
for (const [name, text] of Object.entries(sources)) python.FS.writeFile(`segment_jimo/${name}`, text);
python.runPython(program);
becomePage();
/** @type {any[]} */
let pushed = [];
const push = (/** @type {any} */ command) => void pushed.push(command);
const { plugin, status } = await destination({}, python.globals.get("connect"), push, undefined, true);
let before = 0;
for (const event of events) {
  pushed = [];
  plugin.track({ event });
  const errors = status().errors.reduce((/** @type {number} */ sum, /** @type {any} */ { count }) => sum + count, 0);
  console.log(
    JSON.stringify({ pushed: pushed.map(([, , [one]]) => [one.event, one.properties.v]), errors: errors - before }),
  );
  before = errors;
}
process.exit();
