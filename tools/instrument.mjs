// node tools/instrument.mjs image.wasm instrumented.wasm
//
// Makes the image note each function that runs, in a global named `ran:` and the function's name.

import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "binaryen";

const [from, to] = process.argv.slice(2);
const wasm = binaryen.readBinary(readFileSync(from));
const functions = Array.from({ length: wasm.getNumFunctions() }, (_, index) =>
  binaryen.getFunctionInfo(wasm.getFunctionByIndex(index)),
);
for (const { name, params, results, vars, body, base } of functions) {
  if (base) continue;
  const note = `ran:${name}`;
  wasm.addGlobal(note, binaryen.i32, true, wasm.i32.const(0));
  wasm.addGlobalExport(note, note);
  wasm.removeFunction(name);
  wasm.addFunction(
    name,
    params,
    results,
    vars,
    wasm.block(null, [wasm.global.set(note, wasm.i32.const(1)), body], results),
  );
}
writeFileSync(to, wasm.emitBinary());
