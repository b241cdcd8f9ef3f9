// Bundles the files of the npm package for Node and for tests.
//
//   node npm/build.mjs <folder> <version> <names of the files of dist/, as JSON>

import { build } from "esbuild";
import { chmodSync, copyFileSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [folder, version, files] = process.argv.slice(2);
const define = {
  VERSION: JSON.stringify(version),
  ...Object.fromEntries(Object.entries(JSON.parse(files)).map(([key, name]) => [`FILES.${key}`, JSON.stringify(name)])),
};
const here = fileURLToPath(new URL("./", import.meta.url));
const simulator = fileURLToPath(new URL("../web/playground/simulator.js", import.meta.url));

/** `import { startSimulator } from "simulator"`: the classic script as a function. */
const plugins = [
  {
    name: "simulator",
    setup(/** @type {import("esbuild").PluginBuild} */ { onResolve, onLoad }) {
      onResolve({ filter: /^simulator$/ }, () => ({ path: simulator, namespace: "simulator" }));
      onLoad({ filter: /.*/, namespace: "simulator" }, () => ({
        contents: `export function startSimulator(Document) {\n${readFileSync(simulator)}\n}`,
      }));
    },
  },
];

/** @param {string} entry @param {import("esbuild").BuildOptions} [options] */
const bundle = (entry, options) =>
  build({
    entryPoints: [here + entry],
    outfile: `${folder}/${entry}`,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
    define,
    plugins,
    ...options,
  });

await bundle("cli.mjs");
await bundle("worker.mjs");
await bundle("testing.mjs");
// For Jest, which runs tests as CommonJS.
await bundle("testing.mjs", {
  outfile: `${folder}/testing.cjs`,
  format: "cjs",
  define: { ...define, "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
});
await bundle("testing-page.mjs", { platform: "browser", target: "es2022" });
chmodSync(`${folder}/cli.mjs`, 0o755);
copyFileSync(simulator, `${folder}/simulator.js`);
for (const types of ["testing.d.ts", "testing-page.d.ts"]) copyFileSync(here + types, `${folder}/${types}`);
