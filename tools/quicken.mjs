// node tools/quicken.mjs micropython.wasm quicker.wasm
//
// The published MicroPython catches its own exceptions in JavaScript. For that, calls go through the invoke_… functions
// of the loader, and this takes most of the time. This script turns these functions into WebAssembly, which catches the
// exceptions itself. It also removes code for a linker, a REPL and the loader's other entry points. Binaryen makes the
// rest smaller.

import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "binaryen";

const [from, to] = process.argv.slice(2);
const { i32, none } = binaryen;

/** The sources of the loader's functions, which only a linker reads. */
const SOURCES = /\([^\0<]*\)<::>\{[^\0]*/g;
/** Exports that nobody calls here; the loader only checks that they exist. */
const UNUSED = ["mp_js_repl_init", "mp_js_repl_process_char"];

const published = readFileSync(from).toString("latin1");
const bytes = Buffer.from(
  published.replace(SOURCES, (source) => "\0".repeat(source.length)),
  "latin1",
);
const wasm = binaryen.readBinary(bytes);
wasm.setFeatures(wasm.getFeatures() | binaryen.Features.ExceptionHandling);
const functions = Array.from({ length: wasm.getNumFunctions() }, (_, index) =>
  binaryen.getFunctionInfo(wasm.getFunctionByIndex(index)),
);

/** @param {string} name of an export @returns {string} the name inside the module */
const inner = (name) => binaryen.getExportInfo(wasm.getExport(name)).value;

/**
 * @param {string} name
 * @param {import("binaryen").Type} params
 * @param {import("binaryen").Type} results
 * @param {import("binaryen").Type[]} locals
 * @param {import("binaryen").ExpressionRef} body
 */
function replace(name, params, results, locals, body) {
  wasm.removeFunction(name);
  wasm.addFunction(name, params, results, locals, body);
}

/**
 * Calls a function of the table. After a longjmp, it restores the stack; longjmp sets a flag that tells the caller. The
 * `try` has no value, because WebKit's interpreter of WebAssembly (seen in 2.50) does not catch in a `try` with a value.
 *
 * @param {import("binaryen").FunctionInfo} invoke
 */
function catchInside({ name, params, results }) {
  const types = binaryen.expandType(params);
  const [stack, answer] = [types.length, types.length + 1];
  const args = types.slice(1).map((type, index) => wasm.local.get(index + 1, type));
  const restore = () => wasm.call(inner("_emscripten_stack_restore"), [wasm.local.get(stack, i32)], none);
  const call = wasm.call_indirect(
    inner("__indirect_function_table"),
    wasm.local.get(0, i32),
    args,
    binaryen.createType(types.slice(1)),
    results,
  );
  const answers = results !== none;
  const body = [
    wasm.local.set(stack, wasm.call(inner("emscripten_stack_get_current"), [], i32)),
    wasm.try(
      "call",
      answers ? wasm.local.set(answer, call) : call,
      ["longjmp"],
      [restore(), wasm.block(null, [restore(), wasm.rethrow("call")])],
    ),
  ];
  if (answers) body.push(wasm.local.get(answer, i32));
  replace(name, params, results, [i32, i32], wasm.block(null, body, results));
}

wasm.addTag("longjmp", none, none);
for (const one of functions) {
  if (one.base === "_emscripten_throw_longjmp") {
    replace(one.name, none, none, [], wasm.throw("longjmp", []));
  } else if (one.base?.startsWith("invoke_")) {
    catchInside(one);
  }
}
for (const name of UNUSED) {
  const { params, results } = binaryen.getFunctionInfo(wasm.getFunction(inner(name)));
  replace(inner(name), params, results, [], wasm.unreachable());
}
if (!wasm.validate()) throw new Error(`${from} could not be changed.`);
// As -Os does.
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(1);
wasm.optimize();
writeFileSync(to, wasm.emitBinary());
