// The rest of the page side, fetched when there is a reason to run Python: boots the runtime in a
// hidden frame of its own, so that no global of the page is touched, and connects the bridge.

import { createBridge } from "./bridge.js";

/**
 * @param {Page} page
 * @param {{ over: boolean }} attempt becomes over when nobody waits for it any more
 * @param {(() => void)[]} undo
 */
export async function start(page, attempt, undo) {
  const connect = page.python ?? (await boot(page, attempt, undo));
  if (attempt.over) return;
  page.mark("booted");
  const { bridge, open, signal } = createBridge(page, undo);
  connect(bridge);
  if (attempt.over) {
    // Python has refused the settings.
    page.state = "failed";
    return;
  }
  page.state = "running";
  // The first look at who the user is was a guess; now the compiled mapping tells.
  if (page.given.manualInit) {
    page.user = undefined;
    page.waiting = true;
  }
  open();
  if (page.user) signal("user", page.user.item);
  else signal("start");
}

/**
 * @param {Page} page
 * @param {{ over: boolean }} attempt
 * @param {(() => void)[]} undo
 * @returns {Promise<(bridge: object) => void>}
 */
async function boot(page, attempt, undo) {
  /** @param {string} file */
  const at = (file) => new URL(file, page.base).href;
  const pyodide = page.given.runtime === "pyodide";
  const packages = pyodide ? [FILES.wheel] : [FILES.package];
  // Where the presets apply, the language of triggers and mappings is not needed.
  if (!pyodide && page.given.subscriptions) packages.push(FILES.language);
  const fetched = Promise.all(packages.map((file) => fetchBytes(at(file))));
  fetched.catch(() => {});

  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.tabIndex = -1;
  frame.setAttribute("aria-hidden", "true");
  frame.title = "segment-jimo";
  const remove = () => frame.remove();
  try {
    await new Promise((resolve) => {
      frame.onload = resolve;
      // Some engines tell of an empty frame's load at once, some later, and some replace it then.
      document.documentElement.append(frame);
    });
    const inner = open(frame);
    const script = await addModule(inner, at(pyodide ? FILES.pyodide : FILES.micropython), page.from.nonce);
    script.remove();
    const interpreter = pyodide
      ? await inner.loadPyodide({ indexURL: at(FILES.pyodideDir) })
      : await inner.loadMicroPython({ url: at(FILES.micropythonWasm) });
    if (attempt.over) throw new Error("given up");
    const [first, language] = await fetched;
    if (pyodide) interpreter.unpackArchive(first, "wheel");
    else interpreter.FS.writeFile("segment_jimo.mpy", new Uint8Array(first));
    if (language) interpreter.FS.writeFile("segment_jimo_language.mpy", new Uint8Array(language));
    interpreter.runPython(`from segment_jimo${pyodide ? ".browser" : ""} import connect`);
    undo.push(remove);
    return interpreter.globals.get("connect");
  } catch (error) {
    remove();
    throw error;
  }
}

/** @param {HTMLIFrameElement} frame @returns {any} its window */
function open(frame) {
  try {
    if (frame.contentWindow?.document) return frame.contentWindow;
  } catch {
    // A sandboxed page has no origin, and so none that it could share with a frame.
  }
  throw {
    code: "no-same-origin",
    message: "Python runs in a frame of its own, which a sandbox without allow-same-origin forbids.",
  };
}

/** @param {string} url */
async function fetchBytes(url) {
  const response = await fetch(url, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.arrayBuffer();
}

/**
 * Runs a module in the frame's own realm.
 *
 * @param {any} inner
 * @param {string} url
 * @param {string} [nonce]
 * @returns {Promise<HTMLScriptElement>}
 */
function addModule(inner, url, nonce) {
  return new Promise((resolve, reject) => {
    const script = inner.document.createElement("script");
    script.type = "module";
    if (nonce) script.nonce = nonce;
    script.onload = () => resolve(script);
    script.onerror = () => reject(new Error(`${url} could not be loaded`));
    const policy = inner.trustedTypes?.createPolicy("segment-jimo", {
      createScriptURL: (/** @type {string} */ address) => address,
    });
    script.src = policy ? policy.createScriptURL(url) : url;
    inner.document.head.append(script);
  });
}
