// The playground. What it is set to, and what its fields contain, is in the URL, so that a link
// shows someone else the same thing.

import { call, calls, knownUser, loadAnalytics, loadDestination } from "./site.js";
import { byId, drawCalls, drawCommands, drawProfiles, drawStatus, drawUser } from "./view.js";

const SIMULATOR = "web/simulator.js";
/** What the Jimo setting stands for: the SDK's URL. */
const SDKS = {
  normal: SIMULATOR,
  slow: `${SIMULATOR}?boot=3000&identify=1000`,
  silent: `${SIMULATOR}?identify=never`,
  refuses: `${SIMULATOR}?fault=push-throws`,
  quota: `${SIMULATOR}?fault=quota`,
  blocked: "web/blocked/jimo-invader.js",
};

/** @type {Record<string, string>} */
const DEFAULTS = {
  manual: "",
  refetch: "",
  runtime: "micropython",
  sdk: "normal",
  user: "ada",
  email: "ada@example.com",
  traits: '{"plan": "pro", "seats": 3}',
  event: "Order Completed",
  props: '{"total": 42.5, "currency": "EUR"}',
  group: "acme",
  gtraits: '{"name": "Acme", "size": 120}',
  page: "Pricing",
};
const SETTINGS = ["manual", "refetch", "runtime", "sdk"];

const query = new URLSearchParams(location.search);
const state = { ...DEFAULTS };
for (const name of Object.keys(DEFAULTS)) state[name] = query.get(name) ?? DEFAULTS[name];
if (!Object.hasOwn(SDKS, state.sdk)) state.sdk = DEFAULTS.sdk;
if (!["micropython", "pyodide"].includes(state.runtime)) state.runtime = DEFAULTS.runtime;

/** The URL of this state: what is as by default is left out of it. */
function address() {
  for (const [name, value] of Object.entries(state)) {
    if (value === DEFAULTS[name]) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  return location.pathname + (text && `?${text}`);
}

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/** @param {string} name */
const control = (name) => /** @type {Control} */ (byId(name));

/** @param {string} name @param {string} message "" when all is well */
function fault(name, message) {
  byId(`${name}-error`).textContent = message;
  if (message) control(name).setAttribute("aria-invalid", "true");
  else control(name).removeAttribute("aria-invalid");
}

/** @param {string} name @returns {Record<string, unknown> | undefined} undefined after an error */
function readObject(name) {
  const text = state[name].trim();
  try {
    const value = JSON.parse(text || "{}");
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError();
    fault(name, "");
    return value;
  } catch (error) {
    fault(
      name,
      error instanceof SyntaxError
        ? `This is not JSON. ${error.message}.`
        : 'Write a JSON object, such as {"plan": "pro"}.',
    );
  }
}

/** @param {string} name @param {string} message @returns {string | undefined} */
function readName(name, message) {
  fault(name, state[name] ? "" : message);
  return state[name] || undefined;
}

/** What each form does; nothing is called where a field is wrong. @type {Record<string, () => void>} */
const sends = {
  identify() {
    const traits = readObject("traits");
    if (!traits) return;
    const all = { ...(state.email && { email: state.email }), ...traits };
    if (state.user) call("identify", state.user, all);
    else call("identify", all);
  },
  track() {
    const name = readName("event", "A track needs a name.");
    const properties = readObject("props");
    if (name && properties) call("track", name, properties);
  },
  group() {
    const id = readName("group", "A group needs an id.");
    const traits = readObject("gtraits");
    if (id && traits) call("group", id, traits);
  },
  page: () => call("page", ...(state.page ? [state.page] : [])),
  reset: () => call("reset"),
};

/** @type {Record<string, () => void>} */
const scenes = {
  switch() {
    call("identify", "ada", { email: "ada@example.com", plan: "pro" });
    call("identify", "grace", { email: "grace@example.com", plan: "team" });
    call("track", "Dashboard Opened", { tab: "home" });
  },
  logout() {
    call("identify", "ada", { email: "ada@example.com", plan: "pro" });
    call("reset");
    call("track", "Landing Page Seen");
  },
  burst() {
    for (let number = 1; number <= 200; number++) call("track", "Tick", { number });
  },
};

function wireSettings() {
  const form = /** @type {HTMLFormElement} */ (byId("settings"));
  /** @type {HTMLInputElement} */ (byId("manual")).checked = state.manual === "1";
  /** @type {HTMLInputElement} */ (byId("refetch")).checked = state.refetch === "1";
  /** @type {HTMLInputElement} */ (byId(`runtime-${state.runtime}`)).checked = true;
  control("sdk").value = state.sdk;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) => {
    const changed = /** @type {HTMLInputElement} */ (target);
    state[changed.name] = changed.type === "checkbox" ? (changed.checked ? "1" : "") : changed.value;
    // Whoever came by keyboard goes on where they were.
    sessionStorage.setItem("playground-focus", changed.id);
    location.assign(address());
  });
  const last = sessionStorage.getItem("playground-focus");
  sessionStorage.removeItem("playground-focus");
  if (last) document.getElementById(last)?.focus({ preventScroll: false });
}

function wireForms() {
  for (const name of Object.keys(DEFAULTS)) {
    if (SETTINGS.includes(name)) continue;
    const field = control(name);
    field.value = state[name];
    field.addEventListener("input", () => {
      state[name] = field.value;
      history.replaceState(null, "", address());
      if (field.hasAttribute("aria-invalid")) field.hasAttribute("data-json") ? readObject(name) : fault(name, "");
    });
    field.addEventListener("change", () => {
      if (field.hasAttribute("data-json")) readObject(name);
    });
  }
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-method]"))) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sends[form.dataset.method ?? ""]();
      /** @type {HTMLElement | null} */ (form.querySelector("[aria-invalid]"))?.focus();
    });
  }
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-scene]"))) {
    button.addEventListener("click", () => scenes[button.dataset.scene ?? ""]());
  }
}

/** @param {string} id @param {() => string} text @param {string} done */
function wireCopy(id, text, done) {
  const button = byId(id);
  const label = button.textContent ?? "";
  button.addEventListener("click", async () => {
    // The clipboard is refused outside secure contexts and without focus; then the text is shown.
    const copied = await navigator.clipboard?.writeText(text()).then(
      () => true,
      () => false,
    );
    if (!copied) window.prompt("Copy this", text());
    button.textContent = copied ? "Copied" : label;
    byId("announce").textContent = copied ? done : "";
    setTimeout(() => {
      button.textContent = label;
      byId("announce").textContent = "";
    }, 2000);
  });
}

/** The attributes of our tag that follow from the settings. */
function attributes() {
  /** @type {Record<string, string | true>} */
  const found = {};
  if (state.manual) found["data-manual-init"] = true;
  if (state.refetch) found["data-refetch-experiences-on-traits-update"] = true;
  if (state.runtime !== DEFAULTS.runtime) found["data-runtime"] = state.runtime;
  return found;
}

function embed() {
  /** @type {[string, string | true][]} */
  const words = [["data-project-id", "YOUR_PROJECT_ID"], ...Object.entries(attributes())];
  const tail = words.map(([name, value]) => `\n  ${name}${value === true ? "" : `="${value}"`}`).join("");
  return `<script src="/dist/segment-jimo.js"${tail}\n></script>`;
}

/** @type {string[]} */
const missing = [];
let drawing = false;

/** Draws once per frame at most, however much happens. */
function draw() {
  if (drawing) return;
  drawing = true;
  // Not an animation frame: those stop in a tab that nobody looks at.
  setTimeout(() => {
    drawing = false;
    const simulator = window.jimoSimulator;
    const user = knownUser();
    drawCalls(calls);
    drawCommands(simulator?.log ?? []);
    drawProfiles(simulator);
    drawUser(user);
    drawStatus(window.segmentJimo?.status(), {
      manual: state.manual === "1",
      sdk: state.sdk,
      ready: user !== undefined,
      missing,
    });
  }, 16);
}

/** @param {string} what */
function miss(what) {
  missing.push(what);
  draw();
}

wireSettings();
wireForms();
wireCopy("copy-link", () => new URL(address(), location.href).href, "The link is copied.");
wireCopy("copy-embed", embed, "The tag is copied.");
byId("embed").textContent = embed();

loadAnalytics(draw, miss);
loadDestination(
  {
    "data-project-id": "playground",
    "data-sdk-url": SDKS[/** @type {"normal"} */ (state.sdk)],
    "data-debug": true,
    ...attributes(),
  },
  miss,
);
call("page");

window.addEventListener("jimo-simulator", draw);
// The status changes on its own, and says nothing when it does.
setInterval(draw, 200);
draw();
