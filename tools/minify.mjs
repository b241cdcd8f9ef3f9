// node tools/minify.mjs < micropython.mjs > smaller.mjs
//
// Removes two parts of the JavaScript of MicroPython's build: Emscripten's assertions, which are a fifth of it, and the
// code for Node.

import { text } from "node:stream/consumers";
import { minify } from "terser";

const CHECKS = ["assert", "checkStackCookie", "consumedModuleProp", "missingLibrarySymbol", "unexportedRuntimeSymbol"];
/** @param {any} node */
const name = (node) => node.print_to_string();
/** @param {{ expression: any, args: any[] }} call such as assert(…), or […].forEach(assert) */
const does = ({ expression, args }) => ![expression, ...args].some((node) => CHECKS.includes(name(node)));

const script = await text(process.stdin);
const { code } = await minify(script, {
  module: true,
  sourceMap: script.includes("\n//# sourceMappingURL=") && { content: "inline", url: "inline", includeSources: true },
  ecma: 2022,
  // Without these comments, bundlers would try to resolve the import.
  format: { comments: /webpackIgnore|@vite-ignore/ },
  compress: { passes: 3, pure_funcs: does, pure_getters: true, keep_fargs: false },
});
process.stdout.write(/** @type {string} */ (code));
