// node tools/split.mjs image.wasm image-out.wasm rest.wasm needed.json
//
// Splits the image in two. The needed functions (tools/needed.json) stay. All other functions move into the second
// file, with the frozen modules that only they can read. If a function that stays may call a moved one, a stub takes
// its place: it loads the second file synchronously, and then calls the function. Both files share memory, table and
// globals.

import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "binaryen";
import { movable } from "./frozen.mjs";
import { segments } from "./segments.mjs";
import { movableTables } from "./tables.mjs";

const [from, toImage, toRest, needed] = process.argv.slice(2);
const { i32, none } = binaryen;
const TABLE = "0";
const MEMORY = "0";
const PAGES = binaryen.readBinary(readFileSync(from)).getMemoryInfo(MEMORY).initial;
const MOST_PAGES = 32768;
/** The functions that the page side calls. */
const EXPORTS = ["memory", "connect", "malloc", "free", "proxy_c_to_js_call", "proxy_c_free_obj"];

const source = readFileSync(from);
const whole = binaryen.readBinary(source);
const text = whole.emitText();
/** @param {binaryen.Module} wasm */
const functionsOf = (wasm) =>
  Array.from({ length: wasm.getNumFunctions() }, (_, index) =>
    binaryen.getFunctionInfo(wasm.getFunctionByIndex(index)),
  );
const [, TAG] = /** @type {RegExpMatchArray} */ (text.match(/\(tag \$(\S+)/));
const all = functionsOf(whole);
const own = all.filter(({ base }) => !base);
/** Names of functions, which are numbers. @type {Set<string>} */
const stays = new Set(JSON.parse(readFileSync(needed, "utf8")).functions.map(String));

/** The functions that each function calls or refers to. */
const calls = new Map(
  text
    .split("\n (func $")
    .slice(1)
    .map((one) => [
      one.match(/^[^\s)]+/)?.[0],
      [...one.matchAll(/\((?:call|return_call|ref\.func) \$([^\s)]+)/g)].map(([, to]) => to),
    ]),
);
const elements = text.match(/\(elem \$\S+ \(i32\.const (\d+)\) ([^)]*)\)/g) ?? [];
if (elements.length !== 1) throw new Error(`${from} has ${elements.length} lists of functions instead of one.`);
const [, first, listed] = /** @type {RegExpMatchArray} */ (elements[0].match(/\(i32\.const (\d+)\) ([^)]*)\)/));
const inTable = listed
  .trim()
  .split(/\s+/)
  .map((name) => name.replace(/^(func)?\$/, ""));
/** The place of each function in the table. @type {Map<string, number>} */
const places = new Map();
inTable.forEach((name, index) => places.has(name) || places.set(name, Number(first) + index));

const imported = new Set(all.filter(({ base }) => base).map(({ name }) => name));
/** Calls from one part into the other go through the table. */
const added = [];
for (const [caller, callees] of calls) {
  for (const callee of callees) {
    if (imported.has(callee) || stays.has(caller) === stays.has(callee) || places.has(callee)) continue;
    places.set(callee, Number(first) + inTable.length + added.push(callee) - 1);
  }
}
const size = Number(first) + inTable.length + added.length;

/** @param {binaryen.Module} wasm @param {string} name @param {any} made */
function replace(wasm, { name, params, results }, made) {
  wasm.removeFunction(name);
  wasm.addFunction(name, params, results, [], made);
}
/** @param {binaryen.Module} wasm */
const callPlace = (wasm, { name, params, results }) =>
  wasm.call_indirect(
    TABLE,
    wasm.i32.const(/** @type {number} */ (places.get(name))),
    binaryen.expandType(params).map((type, index) => wasm.local.get(index, type)),
    params,
    results,
  );
/** @param {binaryen.Module} wasm */
function small(wasm) {
  if (!wasm.validate()) throw new Error(`${from} could not be parted.`);
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(1);
  wasm.optimize();
  return wasm.emitBinary();
}
/** @param {binaryen.Module} wasm */
const exportsOf = (wasm) =>
  Array.from({ length: wasm.getNumExports() }, (_, index) => binaryen.getExportInfo(wasm.getExportByIndex(index)));
/** @param {binaryen.Module} wasm */
const mutable = (wasm) =>
  Array.from({ length: wasm.getNumGlobals() }, (_, index) =>
    binaryen.getGlobalInfo(wasm.getGlobalByIndex(index)),
  ).filter((one) => one.mutable);
/** @param {binaryen.Module} wasm @param {Map<number, string>} names by their places in the table */
function fill(wasm, names) {
  const sorted = [...names].sort(([one], [other]) => one - other);
  for (let at = 0; at < sorted.length;) {
    const run = [sorted[at][1]];
    while (sorted[at + run.length]?.[0] === sorted[at][0] + run.length) run.push(sorted[at + run.length][1]);
    wasm.addActiveElementSegment(TABLE, `at${sorted[at][0]}`, run, wasm.i32.const(sorted[at][0]));
    at += run.length;
  }
}
/** @param {binaryen.Module} wasm */
function enlarge(wasm) {
  wasm.removeElementSegment("0");
  wasm.removeTable(TABLE);
  wasm.addTable(TABLE, size, size);
}
/** All of the table. @type {Map<number, string>} */
const table = new Map([...inTable, ...added].map((name, index) => [Number(first) + index, name]));

// The data: a list of segments for each part.
const memory = new Uint8Array(PAGES << 16);
for (let index = 0; index < whole.getNumDataSegments(); index++) {
  const { offset, data } = whole.getDataSegmentInfo(whole.getDataSegmentByIndex(index));
  memory.set(new Uint8Array(data), /** @type {number} */ (offset));
}
const staying = text
  .split("\n (func $")
  .slice(1)
  .filter((one) => stays.has(/** @type {any} */ (one.match(/^[^\s)]+/))[0]));
const constants = staying.flatMap((code) =>
  [...code.matchAll(/(?:i32\.const |offset=)(\d+)/g)].map(([, value]) => Number(value)),
);
const moved = new Uint8Array(memory.length);
for (const [from, to] of [...movable(memory, constants), ...movableTables(memory, constants)]) {
  moved.set(memory.subarray(from, to), from);
  memory.fill(0, from, to);
}

// What stays.
const image = binaryen.readBinary(source);
for (const { name } of exportsOf(image)) if (!EXPORTS.includes(name)) image.removeExport(name);
image.addFunctionImport("complete", "env", "complete", none, none);
for (const one of own) {
  if (stays.has(one.name)) continue;
  if (places.has(one.name))
    replace(image, one, image.block(null, [image.call("complete", [], none), callPlace(image, one)], one.results));
}
enlarge(image);
fill(image, table);
for (const { name } of mutable(image)) image.addGlobalExport(name, name);
image.removeExport("memory");
image.setMemory(PAGES, MOST_PAGES, "memory", segments(image, memory), false, false, MEMORY);
image.addTableExport(TABLE, "table");
image.addTagExport(TAG, "longjmp");
writeFileSync(toImage, small(image));

// The rest.
const rest = binaryen.readBinary(source);
for (const { name } of exportsOf(rest)) rest.removeExport(name);
for (const one of own) {
  if (stays.has(one.name) && places.has(one.name)) replace(rest, one, callPlace(rest, one));
}
enlarge(rest);
fill(rest, new Map([...table].filter(([, name]) => !stays.has(name) && !imported.has(name))));
for (const { name } of mutable(rest)) rest.addGlobalImport(name, "env", name, i32, true);
rest.setMemory(PAGES, MOST_PAGES, null, segments(rest, moved), false, false, MEMORY);
rest.addMemoryImport(MEMORY, "env", "memory", false);
rest.addTableImport(TABLE, "env", "table");
rest.addTagImport(TAG, "env", "longjmp", none, none);
writeFileSync(toRest, small(rest));
