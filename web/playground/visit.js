// A visit to the customer's site in the frame: opens it and calls analytics.js there.

const STAGE = new URL("stage.html", import.meta.url).href;
const SIMULATOR = new URL("simulator.js", import.meta.url).href;
const NOWHERE = new URL("blocked/jimo-invader.js", import.meta.url).href;
/** Profiles with the plan "pro" get an experience. Profiles outlive a page, as Jimo's do. */
const BASICS = "experience=plan:pro&keep=1";

/** The URL of the SDK for each choice of the simulated Jimo. @type {Record<string, string>} */
const SDKS = {
  normal: `${SIMULATOR}?${BASICS}`,
  slow: `${SIMULATOR}?${BASICS}&boot=3000&identify=600`,
  silent: `${SIMULATOR}?${BASICS}&identify=never`,
  refuses: `${SIMULATOR}?${BASICS}&fault=push-throws`,
  quota: `${SIMULATOR}?fault=quota`,
  verifies: `${SIMULATOR}?${BASICS}&secret=playground`,
  blocked: NOWHERE,
  snippet: `${SIMULATOR}?${BASICS}`,
};

/**
 * What stage.js gets: data, and functions to call.
 *
 * @typedef {object} Visit
 * @property {Record<string, string | true> | null} tag attributes of the script tag, or null if stage.js
 *   makes the plugin from `given`
 * @property {Record<string, any>} given settings in Segment's spelling
 * @property {string} python the page's own program, or ""
 * @property {string} sdk
 * @property {string} jimo the SDK's URL if the page has Jimo's own snippet
 * @property {string} nowhere a URL without a file
 * @property {boolean} online
 * @property {[method: string, ...args: unknown[]][]} calls that stage.js makes at once
 * @property {() => void} clear deletes the data of the visitor, for a new one
 * @property {(site: any) => void} begin called with the window once `analytics` accepts calls
 * @property {(url: string) => void} missing called if a script did not load
 */

/** @typedef {{ manual?: boolean, refetch?: boolean, runtime?: string, sdk?: string, project?: string, subscriptions?: string, python?: string }} Settings */

/**
 * @param {Settings} settings
 * @returns {Pick<Visit, "tag" | "given" | "sdk" | "jimo" | "python">}
 */
export function describe({
  manual,
  refetch,
  runtime = "micropython",
  sdk = "normal",
  project,
  subscriptions,
  python = "",
}) {
  const sdkUrl = project ? undefined : SDKS[sdk];
  const given = {
    projectId: project || "playground",
    ...(manual && { manualInit: true }),
    ...(refetch && { refetchExperiencesOnTraitsUpdate: true }),
    ...(subscriptions && { subscriptions: JSON.parse(subscriptions) }),
    runtime,
    sdkUrl,
    debug: true,
  };
  /** @type {Record<string, string | true>} */
  const tag = { "data-project-id": given.projectId, "data-runtime": runtime, "data-debug": true };
  if (manual) tag["data-manual-init"] = true;
  if (refetch) tag["data-refetch-experiences-on-traits-update"] = true;
  if (sdkUrl) tag["data-sdk-url"] = sdkUrl;
  // An attribute cannot contain subscriptions.
  return {
    given,
    tag: subscriptions ? null : tag,
    python,
    sdk: sdkUrl ?? "",
    jimo: sdk === "snippet" ? (sdkUrl ?? "") : "",
  };
}

/** Deletes all that analytics.js, this destination and the simulator store about a visitor. */
export function forgetVisitor() {
  const ours = /^(ajs_|persisted-queue|segment-jimo:|jimo-simulator)/;
  for (const storage of [localStorage, sessionStorage]) {
    for (const name of Object.keys(storage)) if (ours.test(name)) storage.removeItem(name);
  }
  const parts = location.hostname.split(".");
  const domains = parts.map((_, index) => `; domain=${parts.slice(index).join(".")}`);
  for (const name of document.cookie.match(/ajs_\w+/g) ?? []) {
    for (const domain of ["", ...domains]) document.cookie = `${name}=; path=/; max-age=0${domain}`;
  }
}

/**
 * The site in one frame. Calls the functions of `on` when something happens there, with the window of that page.
 *
 * @param {HTMLIFrameElement} frame
 * @param {{ opened(page: any): void, missing(url: string): void }} on
 */
export function createSite(frame, on) {
  /** @type {Visit} */
  let visit;
  /** The window of the page that is open now. @type {any} */
  let page;
  /** @type {(page: any) => void} */
  let opened = () => {};
  let ready = Promise.resolve(page);
  let begun = ready;
  let number = 0;

  const site = {
    get page() {
      return page;
    },
    /** How many pages this visitor has opened. */
    get number() {
      return number;
    },
    get online() {
      return visit?.online ?? true;
    },

    /**
     * Opens the site.
     *
     * @param {Settings} settings
     * @param {{ fresh?: boolean, online?: boolean, calls?: Visit["calls"] }} [how]
     */
    open(settings, { fresh = false, online = true, calls = [["page"]] } = {}) {
      number = fresh ? 1 : number + 1;
      page = undefined;
      ready = new Promise((resolve) => (opened = resolve));
      begun = ready.then(() => begun);
      const mine = (visit = {
        ...describe(settings),
        nowhere: NOWHERE,
        online,
        calls,
        clear: () => fresh && forgetVisitor(),
        begin(window) {
          if (visit !== mine) return;
          page = window;
          on.opened(page);
          opened(page);
          begun = new Promise((resolve) => window.analytics.on("dispatch_start", () => resolve(window)));
        },
        missing: on.missing,
      });
      Object.assign(frame, { visit });
      frame.contentWindow?.location.replace(STAGE);
      return ready;
    },

    /**
     * Calls analytics.js after the page's own first call has gone out. Before that, the snippet collects calls and groups
     * them by method.
     *
     * @param {string} method
     * @param {unknown[]} args
     */
    async call(method, ...args) {
      const { analytics, JSON: theirs } = await begun;
      // Makes the values in the site's own realm, as if the site's code had made them.
      analytics[method](...theirs.parse(JSON.stringify(args)));
    },

    /** @param {boolean} online */
    async setOnline(online) {
      const page = await ready;
      visit.online = online;
      page.dispatchEvent(new page.Event(online ? "online" : "offline"));
    },
  };
  return site;
}
