// A simulator of the Jimo SDK, not Jimo: it behaves as Jimo documents its browser SDK, so that the
// playground and the tests can run where the real one cannot be had. Point `data-sdk-url` here.
//
// Options come from the query of its URL, and over those from `window.JIMO_SIMULATOR`:
//   boot      ms from its start until it is live (150)
//   identify  ms that an identify takes (80), or
//             "sync"   the callback runs inside push
//             "late"   after 12 s, when no destination should wait any more
//             "twice"  the callback runs a second time, 80 ms after the first
//             "never"
//   fault     "throw"         the script throws
//             "never-live"    window.jimo stays the queue
//             "quota"         the same, said as Jimo says it of a project over its monthly users
//             "push-throws"   the live push throws on tracks
//             "push-rejects"  the live push answers tracks with a rejected promise
//   experience  "plan:pro" shows an experience, a small card, to profiles whose attribute plan is pro.
//             What a profile is to see is asked for on start, after an identify, and where a refetch is
//             asked for; an attribute that is written in between shows up the next time
//   keep      profiles outlive the page, until the tab is closed
//   answer    is for tools/serve.py: "404", or "stall" for no answer at all
//
// `window.jimoSimulator` shows what came in; the window event "jimo-simulator" says that it changed.

/**
 * @typedef {object} JimoProfile
 * @property {string} key the user's id, or "anonymous"
 * @property {boolean} anonymous
 * @property {unknown} email null until it is set, as the next ones
 * @property {unknown} name
 * @property {unknown} language
 * @property {unknown} group
 * @property {Record<string, unknown>} attributes
 * @property {unknown[]} tracks
 * @property {number} fetched how often its experiences were asked for
 * @property {number} refetched how often that was because of a refetch
 */

/**
 * @typedef {object} JimoLogEntry
 * @property {number} at ms since navigation
 * @property {any} command what was pushed, itself and not a copy
 * @property {string} profile the one that was active when the command arrived
 * @property {true} [unknown] Jimo has no such command
 */

(() => {
  if (window.jimoSimulator) {
    window.jimoSimulator.loads++;
    return;
  }

  const ANONYMOUS = "anonymous";
  const IDENTIFY_MS = 80;
  const LATE_MS = 12_000;
  const FETCH_MS = 60;
  const KEPT = "jimo-simulator";

  // Not document.currentScript, which PyScript puts its own in the place of at times.
  const script = /** @type {any} */ (Reflect.get(Document.prototype, "currentScript", document));
  const query = new URL(script.src).searchParams;
  /** @type {Record<string, any>} */
  const options = {
    boot: 150,
    identify: IDENTIFY_MS,
    fault: "",
    ...Object.fromEntries(query),
    ...window.JIMO_SIMULATOR,
  };

  if (options.fault === "throw") throw new Error("The Jimo simulator was told to throw.");

  const simulator = {
    simulator: true,
    loads: 1,
    projectId: window.JIMO_PROJECT_ID,
    options,
    live: false,
    active: ANONYMOUS,
    /** @type {Record<string, JimoProfile>} */
    profiles: options.keep ? JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") : {},
    /** Whom the page shows the experience to. @type {string | null} */
    showing: null,
    /** @type {JimoLogEntry[]} */
    log: [],
  };
  window.jimoSimulator = simulator;

  const changed = () => {
    if (options.keep) sessionStorage.setItem(KEPT, JSON.stringify(simulator.profiles));
    window.dispatchEvent(new CustomEvent("jimo-simulator"));
  };

  /** The active profile. One that nobody has written to yet comes into being here. */
  function profile() {
    const { profiles, active: key } = simulator;
    profiles[key] ??= {
      key,
      anonymous: key === ANONYMOUS,
      email: null,
      name: null,
      language: null,
      group: null,
      attributes: {},
      tracks: [],
      fetched: 0,
      refetched: 0,
    };
    return profiles[key];
  }

  /** What the active profile is to see is decided by its attributes at the time of asking. */
  function fetchExperiences() {
    const { key, attributes } = profile();
    profile().fetched++;
    if (!options.experience) return;
    const [trait, value] = options.experience.split(":");
    const whom = String(attributes[trait]) === value ? key : null;
    setTimeout(() => {
      // Another user may have come meanwhile.
      if (simulator.active === key && simulator.showing !== whom) show(whom, trait, value);
    }, FETCH_MS);
  }

  /** @type {HTMLElement | undefined} */
  let card;

  /** @param {string | null} key @param {string} trait @param {string} value */
  function show(key, trait, value) {
    card?.remove();
    simulator.showing = key;
    if (key !== null) {
      card = document.createElement("aside");
      card.id = "jimo-simulator-experience";
      card.setAttribute("aria-label", "Experience of the Jimo simulator");
      card.style.cssText = `position: fixed; right: 12px; bottom: 12px; z-index: 9; width: min(15rem, 100vw - 56px);
        padding: 14px 16px; border-radius: 14px; background: #fff; color: #10202f; box-shadow: 0 8px 30px #0006;
        font-size: 14px; line-height: 1.4; text-align: left`;
      card.innerHTML = `<small style="background: #ffd43b; padding: 1px 6px; border-radius: 4px"
        >Experience, by the Jimo simulator</small><p style="margin: 8px 0 10px"></p><button type="button"
        style="font: inherit; font-weight: 600; padding: 4px 12px; border: 1px solid #10202f; border-radius: 8px;
        background: #fff; color: #10202f">Got it</button>`;
      const [words, button] = [card.children[1], /** @type {HTMLElement} */ (card.children[2])];
      words.textContent = `A tour for profiles whose ${trait} is ${value}.`;
      button.onclick = () => card?.remove();
      document.body.append(card);
    }
    changed();
  }

  /**
   * Until the flow is over the profile from before stays the active one: that is what makes a
   * destination visible that does not wait for the callback.
   *
   * @param {unknown} id
   * @param {(() => void) | null} [callback]
   */
  function identify(id, callback) {
    const finish = () => {
      simulator.active = String(id);
      fetchExperiences();
      try {
        callback?.();
      } finally {
        changed();
      }
    };
    const how = options.identify;
    if (how === "sync") return finish();
    if (how === "never") return;
    setTimeout(finish, how === "late" ? LATE_MS : how === "twice" ? IDENTIFY_MS : Number(how));
    if (how === "twice" && callback) setTimeout(callback, 2 * IDENTIFY_MS);
  }

  /** @param {object} values */
  const write = (values) => Object.assign(profile(), values);
  const nothing = () => {};
  /** @type {Date | null} */
  let opened = null;

  /** @type {Record<string, (...args: any[]) => unknown>} */
  const commands = {
    "do identify": identify,
    "set user:email": (email) => write({ email }),
    "set user:name": (name) => write({ name }),
    "set user:group": (group) => write({ group }),
    "set core:language": (language) => write({ language }),
    "set user:attributes": (traits, refetch) => {
      const { attributes } = profile();
      if (refetch?.removeUnspecified) for (const key of Object.keys(attributes)) delete attributes[key];
      Object.assign(attributes, traits);
      if (refetch !== true && !refetch?.refetchBoosted) return;
      profile().refetched++;
      fetchExperiences();
    },
    "do segmentio:track": (track) => profile().tracks.push(track),
    "do boosted:trigger": nothing,
    "do boosted:hash-change": nothing,
    "do widget:open": () => {
      opened = new Date();
    },
    "get jimer:attributes": () => profile().attributes,
    "get widget:lastOpenDate": () => opened,
    "get widget:unreadCount": () => Promise.resolve(0),
  };

  /** @param {any} command @returns {unknown} */
  function push(command) {
    const [verb, method, args] = Array.isArray(command) ? command : [];
    const name = `${verb} ${method}`;
    const known = Object.hasOwn(commands, name) || verb === "on" || verb === "off";
    /** @type {JimoLogEntry} */
    const entry = { at: performance.now(), command, profile: simulator.active };
    if (!known) entry.unknown = true;
    simulator.log.push(entry);
    try {
      if (name === "do segmentio:track") {
        if (options.fault === "push-throws") throw new Error("The Jimo simulator was told to throw on tracks.");
        if (options.fault === "push-rejects") return Promise.reject(new Error("The Jimo simulator rejects tracks."));
      }
      if (!Object.hasOwn(commands, name)) return undefined;
      const answer = commands[name](...(Array.isArray(args) ? args : []));
      return verb === "get" ? answer : undefined;
    } finally {
      changed();
    }
  }

  function goLive() {
    const queued = Array.isArray(window.jimo) ? window.jimo : [];
    simulator.live = true;
    window.jimo = { push };
    // Every visitor becomes a profile, and is counted; manual init is there to name the user first.
    const named = queued.some((/** @type {any} */ command) => command?.[0] === "do" && command[1] === "identify");
    if (!window.JIMO_MANUAL_INIT || !named) fetchExperiences();
    for (const command of queued) {
      try {
        push(command);
      } catch (error) {
        // Nobody is left to tell but the console, and the commands after it must not be lost.
        console.error(error);
      }
    }
    changed();
  }

  function begin() {
    setTimeout(() => {
      if (options.fault === "never-live") return;
      if (options.fault === "quota") {
        window.JIMO_MAU_LIMIT_REACHED = true;
        window.dispatchEvent(new Event("jimo:mau-limit-reached"));
        changed();
      } else {
        console.info("This page uses a simulator of Jimo, not Jimo.");
        goLive();
      }
    }, Number(options.boot));
  }

  let begun = false;
  if (window.JIMO_MANUAL_INIT) {
    window.jimoInit = () => {
      if (!begun) begin();
      begun = true;
    };
  } else {
    begin();
  }
  changed();
})();
