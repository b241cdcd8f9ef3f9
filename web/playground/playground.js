// The playground: it opens a customer's site in a frame, and shows what happens there.

import * as boot from "./boot.js";
import { SAMPLES } from "./code.js";
import { byId, element, fill, plural, soon, write } from "./dom.js";
import { wireMappings } from "./mappings.js";
import * as pipeline from "./pipeline.js";
import * as profiles from "./profiles.js";
import { SCENARIOS } from "./scenarios.js";
import { address, DEFAULTS, set, state } from "./state.js";
import { createSite } from "./visit.js";

/** After its last step, a scenario waits this long for its checks to pass. */
const PATIENCE_MS = 15_000;
const RUNTIMES = { micropython: "MicroPython", pyodide: "Pyodide", page: "The page’s Python" };

/** @type {string[]} */
const missing = [];
const draw = soon(drawAll);

const site = createSite(byId("stage"), {
  opened(page) {
    pipeline.mark("page", site.number === 1 ? "The visitor opens the site" : `The visitor opens page ${site.number}`);
    page.addEventListener("segment-jimo", (/** @type {CustomEvent} */ { detail }) => {
      pipeline.journal.traced(page, detail);
      draw();
    });
    page.analytics.on("dispatch_start", (/** @type {any} */ { event }) => {
      pipeline.journal.dispatched(page, event);
      draw();
    });
    page.analytics.on("reset", () => {
      pipeline.mark("reset", "reset: the user has ended");
      draw();
    });
    page.analytics.ready(draw);
    page.addEventListener("jimo-simulator", draw);
    draw();
  },
  missing(url) {
    missing.push(new URL(url).pathname);
    draw();
  },
});

// With these names, the console of this page reaches the globals of the site.
for (const name of ["analytics", "segmentJimo", "jimo", "jimoSimulator"]) {
  Object.defineProperty(window, name, { get: () => /** @type {any} */ (byId("stage").contentWindow)?.[name] });
}

/** @returns {import("./visit.js").Settings} */
const settings = () => ({ ...state, manual: state.manual === "1", refetch: state.refetch === "1" });

/** @param {Parameters<typeof site.open>[1]} [how] */
function open(how) {
  missing.length = 0;
  if (how?.fresh) pipeline.clear();
  else pipeline.journal.left();
  const opened = site.open(settings(), how);
  draw();
  return opened;
}

// ---- Scenarios

/** The scenario that runs, or that ran last. @type {{ id: string, done: number, ended: boolean } | undefined} */
let current;

/** @param {string} id */
function choose(id) {
  const { settings } = SCENARIOS[id];
  set({
    scenario: id,
    project: "",
    manual: settings.manual ? "1" : "",
    sdk: settings.sdk ?? DEFAULTS.sdk,
    subscriptions: settings.subscriptions ?? "",
    python: "",
  });
  showSettings();
}

/** Ends the scenario, because a setting has changed and its checks no longer apply. */
function endScenario() {
  current = undefined;
  set({ scenario: "" });
}

/** @param {string} id */
async function play(id) {
  const scenario = SCENARIOS[id];
  const mine = (current = { id, done: 0, ended: false });
  drawBrief();
  await open({ fresh: true, online: !scenario.offline });
  /** @type {Parameters<typeof scenario.run>[1]} */
  const until = async (found) => {
    while (current === mine && !found(facts())) await new Promise((resolve) => setTimeout(resolve, 25));
    // The visitor has chosen another scenario, so this one never continues.
    if (current !== mine) await new Promise(() => {});
  };
  if (current !== mine) return;
  await scenario.run(site, until, (calls) => open({ calls }));
  mine.done = Date.now();
  draw();
}

/** @returns {import("./scenarios.js").Facts} */
function facts() {
  const { page } = site;
  const simulator = page?.jimoSimulator;
  const log = simulator?.log ?? [];
  return {
    status: page?.segmentJimo?.status(),
    log,
    commands: log.map((/** @type {any} */ { command }) => `${command[0]} ${command[1]}`),
    profiles: simulator?.profiles ?? {},
    simulator,
    fetched: page ? boot.filesOf(page).map(({ name }) => name) : [],
    rows: pipeline.all(),
  };
}

/** @param {(facts: import("./scenarios.js").Facts) => unknown} held @param {import("./scenarios.js").Facts} found */
function holds(held, found) {
  try {
    return !!held(found);
  } catch {
    return false;
  }
}

function drawBrief() {
  const scenario = current && SCENARIOS[current.id];
  const found = current?.done ? facts() : undefined;
  const late = current?.done && Date.now() - current.done > PATIENCE_MS;
  const checks = (scenario?.checks ?? []).map(([must, held]) => {
    const good = found && holds(held, found);
    return { must, state: good ? "good" : late ? "bad" : "open" };
  });
  const state = !scenario
    ? "none"
    : checks.every(({ state }) => state === "good")
      ? "good"
      : checks.some(({ state }) => state === "bad")
        ? "bad"
        : "running";
  byId("brief").dataset.state = state;
  fill(byId("pipeline-title"), [scenario?.title, state], () => [
    scenario?.title ?? "Pipeline",
    ...(state === "good" ? [element("span", { class: "verdict" }, "passed")] : []),
    ...(state === "bad" ? [element("span", { class: "verdict" }, "failed")] : []),
  ]);
  if (scenario) write(byId("look"), scenario.look);
  fill(byId("checks"), checks, () =>
    checks.map(({ must, state }) => {
      const words = { good: "Passed: ", bad: "Failed: ", open: "Open: " }[state];
      return element("li", { "data-state": state }, element("span", { class: "visually-hidden" }, words ?? ""), must);
    }),
  );
  if (current && !current.ended && (state === "good" || state === "bad")) {
    current.ended = true;
    say(`${scenario?.title}: ${state === "good" ? "all checks have passed." : "a check has failed."}`);
  }
}

function wireScenarios() {
  byId("scenarios").append(
    ...Object.entries(SCENARIOS).map(([id, { title }]) => {
      const link = element("a", { href: "", "data-scenario": id }, title);
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        choose(id);
        play(id);
        // If the parts are below each other, the pipeline would be out of sight.
        if (byId("pipeline").offsetTop > byId("scenarios").offsetTop + 300) byId("pipeline").scrollIntoView();
      });
      return element("li", {}, link);
    }),
  );
}

// ---- Settings

function showSettings() {
  byId("manual").checked = state.manual === "1";
  byId("refetch").checked = state.refetch === "1";
  byId(`runtime-${state.runtime}`).checked = true;
  byId("sdk").value = state.sdk;
  byId("project").value = state.project;
  mappings.show();
  drawCode();
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-scenario]"))) {
    const id = link.dataset.scenario ?? "";
    link.href = address({ ...state, scenario: id });
    if (id === state.scenario) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  document.body.dataset.jimo = state.project ? "real" : "simulator";
  byId("real").hidden = !state.project;
  write(
    byId("real"),
    `This is Jimo’s own SDK, for the project ${state.project}. Look in Jimo for the effect of the commands.`,
  );
}

/** @param {Record<string, string>} changes */
function change(changes) {
  set(changes);
  const scenario = state.scenario;
  // A scenario stays valid with another runtime, and with or without refetching.
  if (scenario && Object.keys(changes).every((name) => ["runtime", "refetch"].includes(name))) {
    showSettings();
    play(scenario);
    return;
  }
  endScenario();
  showSettings();
  open({ fresh: true });
}

function wireSettings() {
  const form = byId("settings");
  form.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
  form.addEventListener("change", (/** @type {any} */ { target }) => {
    change({ [target.name]: target.type === "checkbox" ? (target.checked ? "1" : "") : target.value.trim() });
  });
}

// ---- Calls

/** @param {string} name @param {string} message "" if the field is right */
function fault(name, message) {
  byId(`${name}-error`).textContent = message;
  if (message) byId(name).setAttribute("aria-invalid", "true");
  else byId(name).removeAttribute("aria-invalid");
  return !message;
}

/** @param {string} name @returns {Record<string, unknown> | undefined} undefined after an error */
function readObject(name) {
  try {
    const value = JSON.parse(state[name].trim() || "{}");
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError();
    fault(name, "");
    return value;
  } catch (error) {
    const syntax = error instanceof SyntaxError;
    fault(name, syntax ? `This is not JSON. ${error.message}.` : 'Write a JSON object, such as {"plan": "pro"}.');
  }
}

/** Returns the arguments of each method, or undefined if a field is wrong. @type {Record<string, () => unknown[] | undefined>} */
const ARGUMENTS = {
  identify() {
    const traits = readObject("traits");
    return traits && (state.user ? [state.user, traits] : [traits]);
  },
  track() {
    const properties = readObject("properties");
    return fault("event", state.event ? "" : "A track needs a name.") && properties
      ? [state.event, properties]
      : undefined;
  },
  group() {
    const traits = readObject("groupTraits");
    return fault("group", state.group ? "" : "A group needs an id.") && traits ? [state.group, traits] : undefined;
  },
  page: () => (state.page ? [state.page] : []),
  reset: () => [],
};

function wireCalls() {
  const form = byId("call");
  const showMethod = () => {
    for (const part of form.querySelectorAll(".fields")) part.hidden = part.dataset.method !== state.method;
    write(byId("send"), `Call ${state.method}`);
  };
  form.elements.method.value = state.method;
  showMethod();
  for (const field of form.querySelectorAll(".fields input")) {
    field.value = state[field.id];
    field.addEventListener("input", () => {
      set({ [field.id]: field.value });
      if (field.hasAttribute("aria-invalid")) field.dataset.json === "" ? readObject(field.id) : fault(field.id, "");
    });
  }
  form.addEventListener("change", (/** @type {any} */ { target }) => {
    if (target.name === "method") {
      set({ method: target.value });
      showMethod();
    } else if (target.dataset.json === "") readObject(target.id);
  });
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    const args = ARGUMENTS[state.method]();
    if (args) site.call(state.method, ...args);
    else form.querySelector(".fields:not([hidden]) [aria-invalid]")?.focus();
  });
}

// ---- The visitor's page

function wireVisitor() {
  byId("next-page").addEventListener("click", () => open());
  byId("new-visitor").addEventListener("click", () => {
    endScenario();
    showSettings();
    open({ fresh: true });
  });
  byId("network").addEventListener("click", async () => {
    await site.setOnline(!site.online);
    draw();
  });
}

// ---- Code

function drawCode() {
  const wanted = { ...state, ...settings() };
  const { note, code } = SAMPLES[state.code];
  for (const tab of byId("tabs").children) {
    const chosen = tab.dataset.code === state.code;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  byId("panel").setAttribute("aria-labelledby", `tab-${state.code}`);
  write(byId("sample-note"), note);
  write(byId("embed"), code(/** @type {any} */ (wanted)));
}

function wireCode() {
  const names = Object.keys(SAMPLES);
  byId("tabs").append(
    ...names.map((name) => {
      const tab = element(
        "button",
        { type: "button", role: "tab", id: `tab-${name}`, "data-code": name, "aria-controls": "panel" },
        SAMPLES[name].title,
      );
      tab.addEventListener("click", () => {
        set({ code: name });
        drawCode();
      });
      return tab;
    }),
  );
  byId("tabs").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const at = names.indexOf(state.code);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    set({ code: names[(next + names.length) % names.length] });
    drawCode();
    byId(`tab-${state.code}`).focus();
  });
}

// ---- Words

/** @param {string} words for screen readers */
function say(words) {
  byId("announce").textContent = words;
}

/** @param {string} id @param {() => string} text @param {string} done */
function wireCopy(id, text, done) {
  const button = byId(id);
  const label = button.textContent ?? "";
  button.addEventListener("click", async () => {
    // Without a secure context or without focus, there is no clipboard. Then the page shows the text.
    const copied = await navigator.clipboard?.writeText(text()).then(
      () => true,
      () => false,
    );
    if (!copied) return window.prompt("Copy this", text());
    button.textContent = "Copied";
    say(done);
    setTimeout(() => (button.textContent = label), 2000);
  });
}

/** The status in one sentence. @param {any} status */
function sentence(status) {
  if (missing.length) return `${missing.join(" and ")} did not load. Start the page with make demo.`;
  if (!status) return "The site is opening.";
  const { state: python, sdk, events, runtime } = status;
  const name = RUNTIMES[/** @type {"pyodide"} */ (runtime)] ?? "Python";
  const jimo = state.project ? "Jimo" : "the simulated Jimo";
  if (python === "waiting" && state.manual) return "Waiting for a user. The page has fetched neither Python nor Jimo.";
  if (python === "failed") return "Python does not run here.";
  if (python !== "running") return `${name} is on its way.`;
  if (sdk === "live") {
    if (events.held) return `${name} is running and ${jimo} is live. ${plural(events.held, "event")} held.`;
    return `${name} is running and ${jimo} is live. ${events.dropped ? "Each dropped event has a reason." : "No event waits, and none is lost."}`;
  }
  if (sdk === "failed") return `${name} is running, but ${jimo} cannot be had.`;
  if (sdk === "quota") return `${name} is running, but the Jimo project is over its quota.`;
  return `${name} is running, ${jimo} is ${state.manual && sdk === "none" ? "not asked for yet" : "starting"}.`;
}

/** @param {any} status */
function drawStatus(status) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-count]"))) {
    const count = status?.events[place.dataset.count ?? ""] ?? 0;
    write(place, String(count));
    place.classList.toggle("some", count > 0);
  }
  write(byId("sentence"), sentence(status));
  const errors = status?.errors ?? [];
  fill(byId("errors"), errors, () =>
    errors.map((/** @type {any} */ { code, message, count }) => {
      // In the message of a trigger, a caret is below the place of the error.
      const [words, ...place] = message.split("\n");
      const times = count > 1 ? ` (${count} times)` : "";
      const shown = place.length ? [element("pre", {}, place.join("\n"))] : [];
      return element("li", {}, element("code", {}, code), ` ${words}${times}`, ...shown);
    }),
  );
  write(byId("raw"), JSON.stringify(status ?? null, null, 2));
  write(byId("network"), site.online ? "Go offline" : "Go online");
}

function drawAll() {
  const { page } = site;
  const status = page?.segmentJimo?.status();
  pipeline.draw(page, status);
  profiles.draw(page?.jimoSimulator);
  boot.draw(page, status);
  drawStatus(status);
  drawBrief();
}

const mappings = wireMappings({
  given: () => ({ subscriptions: state.subscriptions, python: state.python }),
  apply(rules) {
    const { subscriptions, python } = rules;
    if (subscriptions !== state.subscriptions || python !== state.python) change(rules);
  },
  say,
});
wireScenarios();
wireSettings();
wireCalls();
wireVisitor();
wireCode();
wireCopy("copy-link", () => new URL(address(), location.href).href, "The link is copied.");
wireCopy("copy-code", () => byId("embed").textContent, "The code is copied.");
boot.wireMeasuring();

if (Object.hasOwn(SCENARIOS, state.scenario)) {
  choose(state.scenario);
  play(state.scenario);
} else {
  set({ scenario: "" });
  showSettings();
  open();
}
// There is no event for a change of the status, so look often.
setInterval(draw, 200);
