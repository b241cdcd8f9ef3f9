// Code to copy into a page, with the settings of the playground.

const DIST = new URL("../../dist/", import.meta.url).pathname;

/**
 * @typedef {object} Wanted
 * @property {boolean} manual
 * @property {boolean} refetch
 * @property {string} runtime
 * @property {string} project
 * @property {string} subscriptions as JSON, "" for the presets
 * @property {string} python a program, "" for none
 */

/** @param {string} text for use inside a script element */
const inScript = (text) => text.replaceAll("</", "<\\x2f");

/**
 * @param {any} value
 * @param {boolean} python
 * @param {string} margin
 * @returns {string}
 */
function literal(value, python, margin = "") {
  if (typeof value !== "object" || value === null) {
    const text = JSON.stringify(value);
    return python ? ({ true: "True", false: "False", null: "None" }[text] ?? text) : text;
  }
  const list = Array.isArray(value);
  const step = python ? "    " : "  ";
  const inner = margin + step;
  /** @param {string} key */
  const name = (key) => (!python && /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key));
  const parts = list
    ? value.map((one) => literal(one, python, inner))
    : Object.entries(value).map(([key, one]) => `${name(key)}: ${literal(one, python, inner)}`);
  const [open, close] = list ? "[]" : "{}";
  const space = list || python ? "" : " ";
  const flat = open + space + parts.join(", ") + space + close;
  if (!parts.length) return open + close;
  if (flat.length + margin.length <= 88 && !flat.includes("\n")) return flat;
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${margin}${close}`;
}

/** @param {Wanted} wanted @returns {Record<string, unknown>} */
function settings({ manual, refetch, runtime, project, subscriptions, python }) {
  return {
    projectId: project || "YOUR_PROJECT_ID",
    ...(manual && { manualInit: true }),
    ...(refetch && { refetchExperiencesOnTraitsUpdate: true }),
    ...(runtime !== "micropython" && { runtime }),
    ...(subscriptions && { subscriptions: JSON.parse(subscriptions) }),
    ...(python && { python: "/jimo.py" }),
  };
}

/** @param {Wanted} wanted @returns the content of the file that `settings` names */
const asFile = ({ python }) =>
  python ? `// The file /jimo.py:\n${python.trimEnd().replaceAll(/^/gm, "//   ")}\n\n` : "";

/** @param {Wanted} wanted */
function scriptTag({ manual, refetch, runtime, project }) {
  const words = [
    `data-project-id="${project || "YOUR_PROJECT_ID"}"`,
    manual && "data-manual-init",
    refetch && "data-refetch-experiences-on-traits-update",
    runtime !== "micropython" && `data-runtime="${runtime}"`,
  ];
  return `<script src="${DIST}segment-jimo.js"\n        ${words.filter(Boolean).join("\n        ")}></script>`;
}

/** @type {Record<string, { title: string, note: string, code: (wanted: Wanted) => string }>} */
export const SAMPLES = {
  tag: {
    title: "Script tag",
    note: "Beside Segment’s snippet, before or after it.",
    code(wanted) {
      const { python, subscriptions } = wanted;
      const program = python && `<script type="text/x-python" data-segment-jimo>\n${inScript(python)}</script>\n`;
      const given = subscriptions && JSON.stringify({ subscriptions: JSON.parse(subscriptions) }, null, 2);
      // Between quotes, an escape means the same.
      const json =
        given &&
        `<script type="application/json" data-segment-jimo>\n${given.replaceAll("</", "<\\u002f")}\n</script>\n`;
      return program + json + scriptTag(wanted);
    },
  },
  npm: {
    title: "npm",
    note: "With the npm build of analytics.js. assets is where your host serves the files of the package: npx segment-jimo copy public/segment-jimo puts them there.",
    code: (wanted) => `${asFile(wanted)}import { AnalyticsBrowser } from "@segment/analytics-next";
import { jimoDestination } from "segment-jimo";

const jimo = jimoDestination(${literal({ ...settings(wanted), assets: "/segment-jimo/" }, false)});
export const analytics = AnalyticsBrowser.load({ writeKey: "YOUR_WRITE_KEY", plugins: [jimo] });`,
  },
  pyscript: {
    title: "PyScript",
    note: "On a page with PyScript and Segment’s snippet. Triggers and mappings may then be Python functions.",
    code(wanted) {
      const { subscriptions, python } = wanted;
      // The arguments of attach().
      const given = subscriptions ? `subscriptions=${inScript(literal(JSON.parse(subscriptions), true))}` : "";
      // With the ID in the tag, the destination receives events from the start, not only when Python runs.
      return `${scriptTag({ ...wanted, runtime: "page" })}
<script type="${wanted.runtime === "pyodide" ? "py" : "mpy"}" config='{"files": {"${DIST}segment_jimo.zip": "./*"}}'>
${python ? inScript(python) : `import segment_jimo\n\nsegment_jimo.attach(${given})\n`}</script>`;
    },
  },
  segment: {
    title: "Segment’s plugin",
    note: "Takes the place of the last line of Segment’s snippet. A workspace with Jimo (Actions) enabled can keep its own settings and change the url only.",
    code: (wanted) => `${asFile(wanted)}analytics.load("YOUR_WRITE_KEY", {
  updateCDNSettings: (settings) => ({
    ...settings,
    remotePlugins: [
      ...settings.remotePlugins.filter(({ name }) => name !== "Jimo (Actions)"),
      {
        name: "Jimo (Actions)",
        creationName: "Jimo (Actions)",
        libraryName: "jimoDestination",
        url: "${DIST}segment-jimo.js",
        settings: ${literal(settings(wanted), false, "        ")},
      },
    ],
  }),
});`,
  },
};
