// Runs the page's own Python, a file or the text of a script element, in the destination's interpreter. The same program
// also runs in PyScript: it calls segment_jimo.attach().

import pyscript from "./pyscript.py";
import { nameOf, show } from "../page/quietly.js";
import { INLINE_PYTHON } from "../page/settings.js";
import { heal } from "./heal.js";

const NOT_FETCHED = "python-not-fetched";
/** MicroPython's name for any program. */
const UNNAMED = "<stdin>";
/** A line of a traceback; the last lines have the error itself. */
const PLACE = /^ *File "(.+)", line (\d+)/;
const MISSING = ["ImportError", "ModuleNotFoundError"];
/** Errors whose text is about the program and its settings. That of others may quote a visitor. */
const QUOTED = [...MISSING, "SyntaxError", "IndentationError", "SettingsError", "AttachError"];

/**
 * @param {Host} host
 * @param {AbortSignal} over aborted when nobody waits for Python any more
 */
export function createProgram(host, over) {
  const { given, report } = host;
  const { python, runtime = "micropython", debug } = given;
  const name = python || "inline Python";
  const text = python
    ? fetchText(name, over)
    : Promise.resolve(dedent(document.querySelector(INLINE_PYTHON)?.textContent));
  text.catch(() => {});
  host.runsProgram = true;
  host.report = (code, message, ...more) => report(code, message.replaceAll(UNNAMED, name), ...more);
  // Its connection ends with its interpreter.
  over.addEventListener("abort", () => {
    Object.assign(host, { given, report, runsProgram: false });
    delete host.connect;
  });

  /** @param {string} problem */
  function fail(problem) {
    // A program that waits goes on when nobody waits for it any more. The destination may run anew by then.
    if (!over.aborted) host.stop("python-failed", `${name}${problem}`);
  }

  return {
    /** Receives what it prints. @param {string} line */
    print: (line) => console.log(line),

    /**
     * Runs it. If it fails, the destination ends, because it does not know the rules.
     *
     * @param {any} interpreter with the whole package in it
     * @returns {Promise<(bridge: object) => void>}
     */
    async run(interpreter) {
      // The interpreter is in a frame, but `js` must be the page.
      interpreter.registerJsModule("js", window);
      // Without the page, it can no longer attach in the place of its successor. Not now: Python may be running.
      over.addEventListener("abort", () => setTimeout(() => interpreter.registerJsModule("js", {})));
      interpreter.FS.writeFile("pyscript.py", pyscript);
      try {
        const code = await text;
        heal(host, [NOT_FETCHED]);
        await interpreter.runPythonAsync(code, { filename: UNNAMED });
        if (!host.connect) fail(": the program did not call segment_jimo.attach(). Add the call.");
      } catch (error) {
        // The file did not load; the starter tries again.
        if (/** @type {any} */ (error).code) throw error;
        if (debug) console.debug("[segment-jimo]", error);
        fail(describe(error, runtime));
      }
      over.throwIfAborted();
      return /** @type {(bridge: object) => void} */ (host.connect);
    },
  };
}

/** @param {string} url @param {AbortSignal} signal @returns {Promise<string>} rejected with `{code, message}` */
async function fetchText(url, signal) {
  /** @param {string} problem */
  const missing = (problem) => ({ code: NOT_FETCHED, message: `${url} ${problem}. Check data-python.` });
  const response = await fetch(new URL(url, document.baseURI), { signal }).catch((error) => {
    throw missing(`did not load (${show(error)})`);
  });
  if (!response.ok) throw missing(`did not load: the server answered ${response.status}`);
  const text = await response.text();
  // Many servers send their start page for a missing file.
  if (/^\s*</.test(text)) throw missing("is HTML, not Python");
  return text;
}

/**
 * Removes the indentation of the first line from all lines, as PyScript does.
 *
 * @param {string} [text]
 */
function dedent(text = "") {
  const [indent] = /^[ \t]*(?=\S)/m.exec(text) ?? [""];
  return indent ? text.replaceAll(new RegExp(`^${indent}`, "gm"), "") : text;
}

/**
 * @param {any} error
 * @param {unknown} runtime
 * @returns {string} the line in the program, and the error
 */
function describe(error, runtime) {
  const lines = String(error.message).split("\n");
  const places = lines.map((line) => PLACE.exec(line));
  const line = places.findLast((place) => place?.[1] === UNNAMED)?.[2];
  const at = line ? `, line ${line}` : "";
  // An error of JavaScript has none.
  const { type } = error;
  if (!QUOTED.includes(type)) return `${at}: ${type ?? nameOf(error)}. Switch data-debug on, and look at the console.`;
  const last = places.findLastIndex(Boolean);
  // Some interpreters quote the line between the two.
  const first = lines.findIndex((text, index) => index > last && /^\w/.test(text));
  const what = lines
    .slice(Math.max(first, 0))
    .join("\n")
    .trim()
    .replace(/^segment_jimo\w*\./, "");
  const hint = MISSING.includes(type)
    ? `. Only segment_jimo, js, a part of pyscript and a part of the standard library of ${runtime} are available. Put other code into the same file.`
    : "";
  return `${at}: ${what}${hint}`;
}
