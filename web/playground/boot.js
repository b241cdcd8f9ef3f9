// Shows which files a page fetches, how large they are, and when each step of the boot ends.

import { byId, element, fill, plural, time, weight } from "./dom.js";
import { createSite } from "./visit.js";

/** @typedef {{ name: string, at: number, took: number, bytes: number, ours: boolean, kept: boolean }} File */

const RUNTIMES = { micropython: "MicroPython", pyodide: "Pyodide" };
const DIST = new URL("../../dist/", import.meta.url).href;
/** @type {Promise<Record<string, { gzip: number }>>} */
const sizes = fetch(`${DIST}sizes.json`).then(
  (answer) => answer.json(),
  () => ({}),
);
/** @type {Record<string, { gzip: number }>} */
let gzip = {};
sizes.then((found) => (gzip = found));

/** @param {string} path */
const plain = (path) => path.replace(/-[0-9a-f]{8}(?=[./]|$)/, "").replace(/.*\//, "");

/**
 * Returns the files that a page has fetched, also those of the frames in which Python runs.
 *
 * @param {any} page
 * @returns {File[]}
 */
export function filesOf(page) {
  /** @type {Map<string, File>} */
  const found = new Map();
  /** @param {any} inner */
  const look = (inner) => {
    const later = inner.performance.timeOrigin - page.performance.timeOrigin;
    for (const { name, startTime, duration, transferSize, encodedBodySize } of inner.performance.getEntriesByType(
      "resource",
    )) {
      const path = name.replace(/[?#].*/, "");
      if (!/\.(m?js|wasm|mpy|pyc|zip)$/.test(path) || path.endsWith("/stage.js")) continue;
      const known = found.get(path);
      const took = startTime + later + duration - (known?.at ?? startTime + later);
      // A visitor's page does not fetch the files of debug mode.
      const ours = path.startsWith(DIST) && !path.includes("/segment-jimo-tools-");
      found.set(path, {
        name: plain(path),
        at: known?.at ?? startTime + later,
        // A preload and its later request count as one.
        took: Math.max(known?.took ?? 0, took),
        bytes: gzip[path.slice(DIST.length)]?.gzip || encodedBodySize,
        ours,
        kept: (known?.kept ?? true) && transferSize === 0,
      });
    }
    for (const frame of inner.document.querySelectorAll("iframe")) look(frame.contentWindow);
  };
  look(page);
  return [...found.values()].sort((a, b) => a.at - b.at);
}

/** @param {any} page @param {any} status */
export function draw(page, status) {
  if (!page || !status) return;
  const files = filesOf(page);
  const { timings } = status;
  const ours = files.filter(({ ours }) => ours).reduce((sum, { bytes }) => sum + bytes, 0);
  const facts = [
    `${plural(files.filter(({ ours }) => ours).length, "file")} of ours, ${weight(ours)} as gzip`,
    timings.booted && `Python runs at ${time(timings.booted)}`,
    timings.firstCommand && `first command at ${time(timings.firstCommand)}`,
  ];
  fill(byId("boot-line"), [files, timings], () => [facts.filter(Boolean).join(" · ")]);
  const end = Math.max(1, ...files.map(({ at, took }) => at + took), ...Object.values(timings).map(Number)) * 1.02;
  /** @param {number} ms */
  const part = (ms) => `${((100 * ms) / end).toFixed(2)}%`;
  fill(byId("waterfall"), [files, timings], () => [
    ...files.map(({ name, at, took, bytes, ours, kept }) =>
      element(
        "tr",
        { "data-ours": String(ours) },
        element("th", { scope: "row" }, name),
        element("td", {}, weight(bytes)),
        element("td", {}, time(at)),
        element("td", {}, kept ? "kept" : time(took)),
        element(
          "td",
          { class: "bar", "aria-hidden": "true" },
          element("i", { style: `left: ${part(at)}; width: max(3px, ${part(took)})` }),
        ),
      ),
    ),
  ]);
  /** @type {[string, number | null][]} */
  const moments = [
    ["Registered", timings.registered],
    ["Python runs", timings.booted],
    ["Jimo is live", timings.sdkLive],
    ["First command", timings.firstCommand],
  ];
  fill(byId("moments"), timings, () =>
    moments.map(([name, ms]) =>
      element(
        "li",
        { "data-there": String(ms !== null) },
        element("span", {}, name),
        element("b", {}, ms === null ? "not yet" : time(ms)),
      ),
    ),
  );
}

/** Opens the site once more in a hidden frame, and measures it. @param {string} runtime */
async function measure(runtime) {
  await sizes;
  const frame = /** @type {HTMLIFrameElement} */ (element("iframe", { hidden: "", title: "Measuring" }));
  document.body.append(frame);
  try {
    const site = createSite(frame, { opened() {}, missing() {} });
    const page = await site.open({ runtime, project: "", sdk: "normal" }, { calls: [["track", "Measured"]] });
    for (let turns = 0; turns < 600; turns++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const status = page.segmentJimo?.status();
      if (status?.timings.firstCommand) {
        const bytes = filesOf(page).reduce((sum, { ours, bytes }) => sum + (ours ? bytes : 0), 0);
        return { bytes, booted: status.timings.booted, first: status.timings.firstCommand };
      }
    }
  } finally {
    frame.remove();
  }
}

/** Makes the button that measures both runtimes. */
export function wireMeasuring() {
  const button = byId("measure");
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    /** @type {Record<string, any>} */
    const found = {};
    for (const runtime of Object.keys(RUNTIMES)) {
      byId("measuring").textContent = `Opening the site with ${RUNTIMES[/** @type {"pyodide"} */ (runtime)]}…`;
      found[runtime] = await measure(runtime);
    }
    byId("measuring").textContent = Object.values(found).every(Boolean) ? "Measured." : "One did not start in time.";
    button.removeAttribute("aria-disabled");
    const most = (/** @type {string} */ what) => Math.max(...Object.values(found).map((one) => one?.[what] ?? 0));
    const table = byId("runtimes");
    table.hidden = false;
    table
      .querySelector("tbody")
      .replaceChildren(
        ...Object.entries(found).map(([runtime, one]) =>
          element(
            "tr",
            { "data-runtime": runtime },
            element("th", { scope: "row" }, RUNTIMES[/** @type {"pyodide"} */ (runtime)]),
            ...["bytes", "booted", "first"].map((what) =>
              element(
                "td",
                {},
                one ? (what === "bytes" ? weight(one[what]) : time(one[what])) : "–",
                element("i", { style: `width: ${one ? (100 * one[what]) / most(what) : 0}%`, "aria-hidden": "true" }),
              ),
            ),
          ),
        ),
      );
  });
}
