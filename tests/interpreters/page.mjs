// A page in Node, without a browser. It has the parts of window and document that the page side uses, and an interpreter
// with the package.

import { readFileSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

const root = process.cwd();
const web = pathToFileURL(`${root}/web/page/plugin.js`).href;
const dist = readdirSync(`${root}/dist`);

/** The package as an interpreter's own bytecode. @param {any} python @param {string} ending */
function addPackage(python, ending) {
  for (const file of dist.filter((name) => name.endsWith(ending)))
    python.FS.writeFile(file.replace(/-.*/, ending), new Uint8Array(readFileSync(`${root}/dist/${file}`)));
}

/** How often a page has fetched the second file of MicroPython. */
export const rest = { fetched: 0 };

/**
 * @param {string} runtime or the two files of another MicroPython: its image, and the second file
 * @returns {Promise<(bridge: object) => void>} Python's `connect`
 */
export async function connectOf(runtime) {
  if (runtime !== "pyodide") {
    const shipped = ["image", "rest"].map(
      (part) => `${root}/dist/${dist.find((file) => file.startsWith(`micropython-${part}-`))}`,
    );
    const files = runtime === "micropython" ? shipped : runtime.split(",");
    const { resume } = await import(pathToFileURL(`${root}/web/later/micropython.js`).href);
    return resume(globalThis, new WebAssembly.Module(readFileSync(files[0])), () => {
      rest.fetched++;
      return readFileSync(files[1]);
    });
  }
  const python = await interpreterOf(runtime);
  python.runPython("from segment_jimo import connect");
  return python.globals.get("connect");
}

/**
 * Gives an interpreter the whole package, also the parts that only a page with its own Python needs. These are the files
 * of src/, as in dist/segment_jimo.zip.
 *
 * @param {any} python
 */
export function addWholePackage(python) {
  const folder = `${root}/src/segment_jimo`;
  for (const file of dist.filter((name) => /^segment_jimo.*\.(mpy|pyc)$/.test(name)))
    if (python.FS.analyzePath(file.replace(/-.*\./, ".")).exists) python.FS.unlink(file.replace(/-.*\./, "."));
  python.FS.mkdir("segment_jimo");
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".py")))
    python.FS.writeFile(`segment_jimo/${file}`, readFileSync(`${folder}/${file}`, "utf8"));
}

/** @param {string} runtime @returns {Promise<any>} the whole interpreter, with the package in it */
export async function interpreterOf(runtime) {
  const modules = `${root}/node_modules`;
  if (runtime === "micropython") {
    const folder = `${modules}/@micropython/micropython-webassembly-pyscript`;
    const { loadMicroPython } = await import(pathToFileURL(`${folder}/micropython.mjs`).href);
    const url = `${root}/dist/${dist.find((name) => /^micropython-whole-.*\.wasm$/.test(name))}`;
    const python = await loadMicroPython({ url });
    addPackage(python, ".mpy");
    return python;
  }
  const { loadPyodide } = await import(pathToFileURL(`${modules}/pyodide/pyodide.mjs`).href);
  const folder = dist.find((name) => /^pyodide-.*\d-[^.]*$/.test(name));
  const python = await loadPyodide({ stdLibURL: `${root}/dist/${folder}/python_stdlib.zip` });
  addPackage(python, ".pyc");
  return python;
}

/** Makes the globals of a page. Load the interpreters before, because with these globals they would take Node for a browser. */
export function becomePage() {
  const target = new EventTarget();
  console.warn = () => {};
  Object.assign(globalThis, {
    VERSION: "test",
    FILES: {
      start: "../later/start.js",
      client: "../later/client.js",
      liquid: "../later/liquid-engine.js",
      tools: "../inspector/tools.js",
    },
    location: { href: "http://page/" },
    window: globalThis,
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    dispatchEvent: target.dispatchEvent.bind(target),
  });
  globalThis.CustomEvent ??= class extends Event {};
}

/** Does what attach() of segment_jimo does in the page. @param {any} host @param {(bridge: object) => void} connect */
export function attach(host, connect) {
  host.connect = connect;
  host.attached?.();
  host.start();
}

/** Waits a few turns of the event loop for a condition. */
export async function until(condition, most = 500) {
  for (let turns = 0; turns < most && !condition(); turns++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Makes a destination. Its Jimo is live as soon as its script is added, or after `jimoInit()`.
 *
 * @param {object} given settings
 * @param {(bridge: object) => void} connect
 * @param {(command: unknown[]) => unknown} push
 * @param {() => void} [initialized]
 * @param {boolean} [there] Jimo is live on the page before us
 * @param {(plugin: any, listeners: any) => void} [before] called before Python runs
 */
export async function destination(given, connect, push, initialized, there, before) {
  for (const key of ["segmentJimo", "jimo", "jimoInit", "JIMO_PROJECT_ID", "JIMO_MANUAL_INIT"]) delete globalThis[key];
  const live = () => {
    const waiting = globalThis.jimo;
    globalThis.jimo = { push };
    for (const command of waiting) push(command);
  };
  if (there) globalThis.jimo = { push };
  const appendChild = () => {
    if (!globalThis.JIMO_MANUAL_INIT) return live();
    globalThis.jimoInit = () => {
      live();
      initialized?.();
    };
  };
  globalThis.document = {
    baseURI: "http://page/",
    querySelector: () => null,
    scripts: [],
    createElement: () => ({ remove() {} }),
    head: { appendChild },
    implementation: { createHTMLDocument: () => ({ adoptNode() {} }) },
  };
  const { createDestination } = await import(web);
  const plugin = createDestination({ projectId: "p1", runtime: "page", ...given }, { url: web, tag: false });
  const listeners = {};
  await plugin.load({}, { on: (event, listener) => (listeners[event] = listener) });
  const { status, host } = globalThis.segmentJimo;
  before?.(plugin, listeners);
  attach(host, connect);
  await until(() => /running|failed/.test(status().state));
  return { plugin, listeners, status };
}
