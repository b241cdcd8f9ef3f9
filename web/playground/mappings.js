// The editor of subscriptions. It shows each error at its place, and tries the subscriptions on a sample event.

import { byId, element, fill, plural } from "./dom.js";
import { calls, code, fields, triggers } from "../inspector/parts.js";
import { HELD } from "../inspector/words.js";
import { dryRun } from "./dryrun.js";
import { wireProgram } from "./program.js";
import { JsonError, lineAt, parse, placeInside } from "./json.js";

/** @param {string} path */
const path = (path) => ({ "@path": path });

/** The presets: see docs/mappings.md. */
const PRESETS = [
  {
    partnerAction: "sendUserData",
    name: "Send User Data",
    enabled: true,
    subscribe: 'type = "identify"',
    mapping: { userId: path("$.userId"), email: path("$.traits.email"), traits: path("$.traits") },
  },
  {
    partnerAction: "sendTrackEvent",
    name: "Send Track Event",
    enabled: true,
    subscribe: 'type = "track"',
    mapping: {
      messageId: path("$.messageId"),
      timestamp: path("$.timestamp"),
      event_name: path("$.event"),
      userId: path("$.userId"),
      anonymousId: path("$.anonymousId"),
      properties: path("$.properties"),
    },
  },
  {
    partnerAction: "sendGroupData",
    name: "Send Group Data",
    enabled: true,
    subscribe: 'type = "group"',
    mapping: { groupId: path("$.groupId"), traits: path("$.traits") },
  },
];

const ALWAYS = { messageId: "m-1", timestamp: "2026-05-04T09:30:00.000Z", anonymousId: "a-1", userId: "ada" };
/** @type {Record<string, object>} */
const SAMPLES = {
  identify: { type: "identify", ...ALWAYS, traits: { email: "ada@example.com", plan: "pro" } },
  track: { type: "track", event: "Order Completed", ...ALWAYS, properties: { total: 42.5, currency: "EUR" } },
  group: { type: "group", groupId: "acme", ...ALWAYS, traits: { name: "Acme", size: 120 } },
  page: { type: "page", name: "Pricing", ...ALWAYS, properties: { path: "/pricing" } },
};
const WIDEST = 74;

/**
 * Writes JSON as a person would: a value that fits is on one line.
 *
 * @param {any} value
 * @param {string} [margin]
 * @returns {string}
 */
export function pretty(value, margin = "") {
  const flat = JSON.stringify(value, null, 1)?.replace(/\n\s*/g, " ") ?? "null";
  if (typeof value !== "object" || value === null || flat.length + margin.length <= WIDEST) return flat;
  const inner = `${margin}  `;
  const [open, close, parts] = Array.isArray(value)
    ? ["[", "]", value.map((one) => pretty(one, inner))]
    : ["{", "}", Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${pretty(one, inner)}`)];
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${margin}${close}`;
}

/** @typedef {{ from: number, to: number, message: string }} Fault */

/** @param {any} error */
const isOfSettings = ({ code }) => code === "invalid-settings" || code === "settings-warning";

/**
 * Finds the place of an error of the settings in the text.
 *
 * @param {any} error of `segmentJimo.status()`
 * @param {string} text
 * @param {ReturnType<typeof parse>} parsed
 * @returns {Fault}
 */
function locate({ subscription = "", field = "", message }, text, { value, places }) {
  const [first, line, caret] = message.split("\n");
  const words = first.replace(/^subscription ".*?", [^:]*: |^[\w.[\]]+: /, "");
  const list = Array.isArray(value) ? value : [];
  const numbered = /subscriptions\[(\d+)\]/.exec(subscription || field);
  const index = numbered ? Number(numbered[1]) : list.findIndex((one) => one?.name === subscription);
  // Such as "at @if.then: …", inside the mapping of the field.
  const inside = /^at (\S+): /.exec(words)?.[1] ?? "";
  const steps = `${field}.${inside}`.match(/[^.[\]]+|\[\d+\]/g) ?? [];
  let path = index < 0 ? "" : `[${index}]`;
  for (const step of numbered && !subscription ? [] : steps) {
    const next = [`${path}.${step}`, `${path}[${step}]`, path + step].find((one) => places.has(one));
    if (!next) break;
    path = next;
  }
  const { key, value: whole } = /** @type {import("./json.js").Place} */ (places.get(path) ?? places.get(""));
  let [from, to] = key && /no such field|[Uu]nknown/.test(words) ? key : whole;
  if (caret?.trim() === "^" && typeof list[index]?.subscribe === "string") {
    const start = list[index].subscribe.indexOf(line.slice(4));
    from = placeInside(text, whole[0], start + caret.length - 5);
    to = Math.min(from + 1, whole[1] - 1);
  }
  // Of a value with several lines, it marks only the first.
  const end = text.indexOf("\n", from);
  return { from, to: Math.max(from + 1, Math.min(to, end < 0 ? to : end)), message: words };
}

/**
 * @typedef {{ subscriptions: string, python: string }} Rules subscriptions as JSON, "" for the presets, or a program
 *
 * @param {{ given: () => Rules, apply: (rules: Rules) => void, say: (words: string) => void }} page
 *   `given` are the rules that the page runs with
 */
export function wireMappings(page) {
  /** @type {HTMLTextAreaElement} */
  const editor = byId("subscriptions");
  /** @type {HTMLTextAreaElement} */
  const sample = byId("sample");
  /** @type {HTMLSelectElement} */
  const kind = byId("sample-kind");
  /** @type {Fault[]} */
  let faults = [];
  let run = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function paint() {
    const text = editor.value;
    const lines = text.split("\n");
    editor.rows = lines.length;
    editor.style.minWidth = `${Math.max(...lines.map((line) => line.length)) + 3}ch`;
    const wrong = new Set(faults.map(({ from }) => lineAt(text, from).line));
    byId("gutter").replaceChildren(
      ...lines.map((_, index) => element("span", { class: wrong.has(index) ? "wrong" : "" }, `${index + 1}`)),
    );
    const tokens =
      text.match(/"(?:[^"\\\n]|\\.)*"(?=\s*:)|"(?:[^"\\\n]|\\.)*"?|[-\d.]+|\b(?:true|false|null)\b|[\s\S]/g) ?? [];
    let at = 0;
    byId("paint").replaceChildren(
      ...tokens.map((token) => {
        const after = text.slice((at += token.length)).trimStart()[0];
        const type =
          token.length < 2
            ? ""
            : token[0] !== '"'
              ? "atom"
              : after !== ":"
                ? "text"
                : token[1] === "@"
                  ? "directive"
                  : "key";
        return type ? element("span", { class: type }, token) : token;
      }),
      "\n",
    );
    const sorted = [...faults].sort((a, b) => a.from - b.from);
    const marks = [];
    let done = 0;
    for (const { from, to } of sorted) {
      if (from < done) continue;
      marks.push(text.slice(done, from), element("mark", {}, text.slice(from, to) || " "));
      done = to;
    }
    byId("marks").replaceChildren(...marks, text.slice(done), "\n");
    const first = sorted[0];
    const bubble = byId("bubble");
    bubble.hidden = !first;
    if (first) {
      const { line, column } = lineAt(text, first.from);
      bubble.textContent = first.message;
      bubble.style.setProperty("--line", String(line + 1));
      bubble.style.setProperty("--column", String(Math.min(column, 40)));
    }
    if (faults.length) editor.setAttribute("aria-invalid", "true");
    else editor.removeAttribute("aria-invalid");
    fill(byId("faults"), faults, () =>
      faults.map(({ from, to, message }) => {
        const { line, column } = lineAt(text, from);
        const button = element("button", { type: "button" }, `Line ${line + 1}, column ${column + 1}`);
        button.addEventListener("click", () => {
          editor.focus();
          editor.setSelectionRange(from, to);
        });
        return element("li", {}, button, ` ${message}`);
      }),
    );
  }

  async function check() {
    const number = ++run;
    const python = program.chosen ? program.text : undefined;
    const text = python === undefined ? editor.value : "[]";
    const result = byId("dry-run");
    /** @type {ReturnType<typeof parse>} */
    let parsed;
    /** @type {any} */
    let event;
    try {
      parsed = parse(text);
    } catch (error) {
      const at = error instanceof JsonError ? error.at : 0;
      faults = [{ from: at, to: at + 1, message: /** @type {Error} */ (error).message }];
      paint();
      verdict("not-tried", "Not tried: the subscriptions are not JSON.");
      result.dataset.state = "waiting";
      return;
    }
    try {
      event = JSON.parse(sample.value);
      if (!Object.hasOwn(SAMPLES, event?.type))
        throw new TypeError(`"type" has to be one of ${Object.keys(SAMPLES).join(", ")}.`);
      byId("sample-error").textContent = "";
      sample.removeAttribute("aria-invalid");
    } catch (error) {
      byId("sample-error").textContent = String(/** @type {Error} */ (error).message);
      sample.setAttribute("aria-invalid", "true");
    }
    result.dataset.state = "running";
    /** @type {import("./dryrun.js").Outcome} */
    let outcome;
    try {
      outcome = await dryRun(python === undefined ? { subscriptions: parsed.value } : { python }, event);
    } catch (error) {
      outcome = { errors: [{ code: "not-run", message: String(error) }], explanation: undefined };
    }
    if (number !== run) return;
    if (python === undefined) {
      faults = outcome.errors.filter(isOfSettings).map((error) => locate(error, text, parsed));
      paint();
    } else {
      program.point([...outcome.errors, ...errorsOf(outcome)]);
    }
    draw(outcome);
    result.dataset.state = "done";
  }

  /** @param {Pick<import("./dryrun.js").Outcome, "explanation">} outcome */
  const errorsOf = ({ explanation }) => (explanation?.subscriptions ?? []).flatMap(({ error }) => error ?? []);

  /** @param {string} outcome @param {string} words @param {(Node | string)[]} more */
  function verdict(outcome, words, ...more) {
    byId("dry-run").replaceChildren(element("p", { class: "verdict", "data-outcome": outcome }, words), ...more);
  }

  /** @param {import("./dryrun.js").Outcome} outcome */
  function draw({ errors, explanation }) {
    const others = errors
      .filter((error) => program.chosen || !isOfSettings(error))
      .concat(errorsOf({ explanation }))
      .map(({ code, message }) => element("p", { class: "problem" }, element("code", {}, code), ` ${message}`));
    if (!explanation) return verdict("not-tried", "No event was tried.", ...others);
    const { outcome, reason, subscriptions, commands } = explanation;
    const refused = errors.filter(({ code, subscription }) => code === "invalid-settings" && subscription);
    const besides = refused.length ? `; ${plural(refused.length, "subscription")} refused` : "";
    const words = {
      delivered: `Delivered with ${commands.length === 1 ? "one command" : `${commands.length} commands`}.`,
      dropped: "Dropped.",
      unmatched: `No subscription wants it${besides}.`,
      held: `Held. ${HELD[reason ?? ""] ?? ""}`,
    };
    const wanting = subscriptions.filter(({ matched }) => matched);
    verdict(
      outcome,
      words[outcome],
      ...others,
      triggers(subscriptions),
      ...refused.map(({ subscription, message }) =>
        element("p", { class: "problem" }, element("b", {}, subscription), " is refused. ", message.split("\n")[0]),
      ),
      ...wanting.map(fields),
      ...(commands.length ? [element("h3", {}, "What is pushed"), code("What is pushed", calls(commands))] : []),
    );
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(check, 400);
  }

  function choose() {
    sample.value = JSON.stringify(SAMPLES[kind.value], null, 2);
    sample.rows = sample.value.split("\n").length;
  }

  /** @param {string} words beside the button */
  const tell = (words) => {
    byId("applied").textContent = words;
  };

  editor.addEventListener("input", () => {
    tell("");
    faults = [];
    paint();
    later();
  });
  sample.addEventListener("input", later);
  kind.addEventListener("change", () => {
    choose();
    check();
  });
  byId("apply").addEventListener("click", () => {
    try {
      const { value } = parse(editor.value);
      const text = JSON.stringify(value);
      page.apply({ subscriptions: text === JSON.stringify(PRESETS) ? "" : text, python: "" });
      tell("Applied. The visitor’s page was opened again with these subscriptions.");
    } catch (error) {
      tell(`Not applied. ${/** @type {Error} */ (error).message}`);
    }
  });
  byId("presets").addEventListener("click", () => {
    editor.value = pretty(PRESETS);
    page.apply({ subscriptions: "", python: "" });
    tell("The presets apply again.");
    check();
  });
  byId("apply-program").addEventListener("click", () => {
    page.apply({ subscriptions: "", python: program.text });
    byId("program-applied").textContent = "Applied. The visitor’s page was opened again with this program.";
  });
  const program = wireProgram(() => {
    byId("program-applied").textContent = "";
    later();
  });
  kind.value = "track";
  choose();

  let given = "none";
  return {
    /** Shows the rules that the page runs with. */
    show() {
      const { subscriptions, python } = page.given();
      if (given === subscriptions + python) return;
      given = subscriptions + python;
      editor.value = pretty(subscriptions ? JSON.parse(subscriptions) : PRESETS);
      faults = [];
      paint();
      program.show(python);
    },
  };
}
