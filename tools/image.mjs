// node tools/image.mjs whole.wasm image.wasm package.mpy…
//
// Starts MicroPython and imports the package. Then it stores the memory as the data of the module, so a page need not
// do this at each visit. web/later/micropython.js continues from there, with the same numbers for JavaScript objects.

import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import binaryen from "binaryen";
import { segments } from "./segments.mjs";

const [from, to, ...packages] = process.argv.slice(2);
/** The name that Binaryen gives to a module's only memory. */
const MEMORY = "0";
/**
 * How many bytes Python takes before it looks for garbage. With MicroPython's own value, 16 kB, it searches its whole
 * memory several times while it reads the settings.
 */
const BEFORE_GARBAGE = 256 * 1024;
/** The loader keeps the first two of its references: the global object, and undefined. */
const STATIC_REFERENCES = 2;

/**
 * MicroPython's heap consists of blocks of 16 bytes, after a table with two bits for each block: 0 for a free one.
 * MicroPython has a record of it: the table, its length, the table of finalisers, the first block and the end. This
 * function finds the record by the conditions that these values must meet.
 *
 * @param {Uint8Array} memory
 */
function clearFree(memory) {
  const words = new Uint32Array(memory.buffer);
  const found = [];
  for (let at = 0; at + 4 < words.length; at++) {
    const [table, length, finalisers, first, end] = words.subarray(at, at + 5);
    if (
      length &&
      end - first === length * 64 &&
      finalisers - table - length < 4 &&
      first > finalisers &&
      end < memory.length
    )
      found.push([table, length, first]);
  }
  if (found.length !== 1) throw new Error(`Found ${found.length} heaps of MicroPython instead of one.`);
  const [[table, length, first]] = found;
  for (let block = 0; block < length * 4; block++) {
    if (!((memory[table + (block >> 2)] >> ((block & 3) * 2)) & 3))
      memory.fill(0, first + block * 16, first + block * 16 + 16);
  }
}

const wasm = binaryen.readBinary(readFileSync(from));
const globals = Array.from({ length: wasm.getNumGlobals() }, (_, index) =>
  binaryen.getGlobalInfo(wasm.getGlobalByIndex(index)),
).filter(({ mutable }) => mutable);
for (const { name } of globals) wasm.addGlobalExport(name, `global:${name}`);
const running = `${to}.running`;
writeFileSync(running, wasm.emitBinary());

/** @type {any} */
let exported;
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (/** @type {any} */ ...given) => {
  const made = await instantiate(...given);
  exported = made.instance.exports;
  return made;
};
const folder = `${process.cwd()}/node_modules/@micropython/micropython-webassembly-pyscript`;
const { loadMicroPython } = await import(pathToFileURL(`${folder}/micropython.mjs`).href);
const python = await loadMicroPython({ url: running });
const names = packages.map((file) => basename(file, ".mpy"));
for (const [index, file] of packages.entries()) {
  python.FS.writeFile(`${names[index]}.mpy`, new Uint8Array(readFileSync(file)));
  python.runPython(`import ${names[index]}`);
}
python.runPython(`from ${names[0]} import connect`);
const connect = python.globals.get("connect");
python.runPython(`import gc; gc.threshold(${BEFORE_GARBAGE}); gc.collect(); del gc`);
const references = /** @type {any} */ (globalThis).proxy_js_ref.length;
if (references !== STATIC_REFERENCES) throw new Error(`Python keeps ${references} references to JavaScript.`);

const memory = new Uint8Array(exported.memory.buffer.slice(0));
const stack = exported["emscripten_stack_get_current"]();
// Clears unused memory, so that the image gets smaller: the free blocks of Python's heap, and the unused part of the
// stack, which ends where the data begin.
memory.fill(0, 0, stack);
clearFree(memory);

for (const { name, type } of globals) {
  wasm.removeExport(`global:${name}`);
  wasm.removeGlobal(name);
  wasm.addGlobal(name, type, true, wasm.i32.const(exported[`global:${name}`].value));
}
wasm.removeExport("memory");
wasm.setMemory(memory.length >> 16, 32768, "memory", segments(wasm, memory), false, false, MEMORY);
wasm.addGlobal("connect", binaryen.i32, false, wasm.i32.const(connect._ref));
wasm.addGlobalExport("connect", "connect");
if (!wasm.validate()) throw new Error(`${from} could not be made an image.`);
writeFileSync(to, wasm.emitBinary());
process.exit();
