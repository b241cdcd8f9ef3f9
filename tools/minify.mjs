// node tools/minify.mjs < micropython.mjs > smaller.mjs
//
// Emscripten's checks of itself go: MicroPython's build has them switched on, and they are a fifth
// of its JavaScript. So does what esbuild has found to be for Node only.

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
  // For bundlers, which else would look for what is imported.
  format: { comments: /webpackIgnore|@vite-ignore/ },
  compress: { passes: 3, pure_funcs: does, pure_getters: true, keep_fargs: false },
});
process.stdout.write(/** @type {string} */ (code));
