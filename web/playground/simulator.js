// A simulator of the Jimo SDK. It is not Jimo, but it behaves as Jimo's documentation of the browser SDK says, so the
// playground and the tests run without the real one. To use it, set `data-sdk-url` to the address of this file.
//
// Its options are in the query of its URL; those in `window.JIMO_SIMULATOR` have priority. simulator.d.ts describes them,
// and the data in `window.jimoSimulator`. After each change of these data there is the window event "jimo-simulator".

(() => {
  if (window.jimoSimulator) {
    window.jimoSimulator.load();
    return;
  }

  const ANONYMOUS = "anonymous";
  const IDENTIFY_MS = 80;
  const LATE_MS = 12_000;
  const FETCH_MS = 60;
  const KEPT = "jimo-simulator";
  const KEPT_USER = "jimo-simulator-user";
  const REFUSED = "IDENTIFY_VERIFICATION_SIGNATURE_SIGNIN_FAILED";

  // PyScript replaces document.currentScript while it runs, so ask the prototype.
  const script = /** @type {any} */ (Reflect.get(Document.prototype, "currentScript", document));
  const query = new URL(script.src).searchParams;
  /** @type {JimoSimulatorOptions} */
  const options = {
    boot: 150,
    identify: IDENTIFY_MS,
    fault: "",
    ready: "window",
    kill: "queue",
    ...Object.fromEntries(query),
    ...window.JIMO_SIMULATOR,
  };

  if (options.fault === "throw") throw new Error("The Jimo simulator was told to throw.");

  const userOfBefore = () => (options.keep === "user" && localStorage.getItem(KEPT_USER)) || ANONYMOUS;

  const simulator = {
    simulator: true,
    load,
    /** How often the script has run. */
    loads: 0,
    /** How often jimoKill() has ended it. */
    kills: 0,
    projectId: window.JIMO_PROJECT_ID,
    options,
    live: false,
    active: userOfBefore(),
    /** @type {Record<string, JimoProfile>} */
    profiles: options.keep ? JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") : {},
    /** The profile that sees the experience. @type {string | null} */
    showing: null,
    /** @type {JimoLogEntry[]} */
    log: [],
  };
  window.jimoSimulator = simulator;

  const changed = () => {
    if (options.keep) sessionStorage.setItem(KEPT, JSON.stringify(simulator.profiles));
    window.dispatchEvent(new CustomEvent("jimo-simulator"));
  };

  /** Does something later, unless it has ended by then. @param {() => void} work @param {number} ms */
  function later(work, ms) {
    const { kills } = simulator;
    setTimeout(() => kills === simulator.kills && work(), ms);
  }

  /** Returns the active profile, and makes it first if it does not exist. */
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

  /** Asks which experience the active profile gets. Its attributes at the time of this call decide that. */
  function fetchExperiences() {
    const { key, attributes } = profile();
    profile().fetched++;
    if (!options.experience) return;
    const [trait, value] = options.experience.split(":");
    const whom = String(attributes[trait]) === value ? key : null;
    later(() => {
      // Meanwhile, another user may have logged in.
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
   * Returns whether the site's backend has signed this ID.
   *
   * @param {string} id @param {unknown} signature
   */
  async function isSigned(id, signature) {
    const [secret, text] = [options.secret, id].map((one) => new TextEncoder().encode(one));
    const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, text));
    return signature === [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /**
   * The profile from before stays active until the identify is over. So the commands of a destination that does not wait
   * for the callback go to the wrong profile, and everybody can see the mistake.
   *
   * @param {JimoLogEntry} entry
   * @param {unknown} id
   * @param {(() => void) | null} [callback]
   * @param {unknown} [signature]
   */
  function identify(entry, id, callback, signature) {
    const finish = () => {
      if (!entry.error) {
        simulator.active = String(id);
        if (options.keep === "user") localStorage.setItem(KEPT_USER, simulator.active);
        fetchExperiences();
      }
      try {
        callback?.();
      } finally {
        changed();
      }
    };
    const how = options.identify;
    const whenAllowed = async () => {
      const { kills } = simulator;
      // A browser that cannot check a signature refuses all users.
      if (!(await isSigned(String(id), signature).catch(() => false))) entry.error = REFUSED;
      if (kills === simulator.kills) finish();
    };
    const end = options.secret ? whenAllowed : finish;
    if (how === "sync") return end();
    if (how === "never") return;
    later(end, how === "late" ? LATE_MS : how === "twice" ? IDENTIFY_MS : Number(how));
    if (how === "twice" && callback) later(callback, 2 * IDENTIFY_MS);
  }

  /** @param {object} values */
  const write = (values) => Object.assign(profile(), values);
  const nothing = () => {};
  /** @type {Date | null} */
  let opened = null;

  /** @type {Record<string, (...args: any[]) => unknown>} */
  const commands = {
    // push() does this, because it has the entry of the log.
    "do identify": nothing,
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
    const [verb, method, inner] = Array.isArray(command) ? command : [];
    const args = Array.isArray(inner) ? inner : [];
    const name = `${verb} ${method}`;
    const known = Object.hasOwn(commands, name) || verb === "on" || verb === "off";
    /** @type {JimoLogEntry} */
    const entry = { at: performance.now(), command, profile: simulator.active };
    if (!known) entry.unknown = true;
    if (!simulator.live) entry.ended = true;
    simulator.log.push(entry);
    try {
      if (entry.ended) return undefined;
      if (name === "do segmentio:track") {
        if (options.fault === "push-throws") throw new Error("The Jimo simulator was told to throw on tracks.");
        if (options.fault === "push-rejects") return Promise.reject(new Error("The Jimo simulator rejects tracks."));
      }
      if (name === "do identify") {
        if (options.fault !== "identify-rejects") return void identify(entry, args[0], args[1], args[2]);
        return Promise.reject(new Error("The Jimo simulator rejects identifies."));
      }
      if (!Object.hasOwn(commands, name)) return undefined;
      const answer = commands[name](...args);
      return verb === "get" ? answer : undefined;
    } finally {
      changed();
    }
  }

  function goLive() {
    const queued = Array.isArray(window.jimo) ? window.jimo : [];
    simulator.live = true;
    window.jimo = { push };
    // Every visitor becomes a profile and counts. With manual init, a site names the user before that.
    const named = queued.some((/** @type {any} */ command) => command?.[0] === "do" && command[1] === "identify");
    if (!window.JIMO_MANUAL_INIT || !named) fetchExperiences();
    for (const command of queued) {
      // An error must not stop the commands after it. Nobody waits for this one, so only the console gets the error.
      new Promise((resolve) => resolve(push(command))).catch((error) => console.error(error));
    }
    const target = { window, document }[/** @type {string} */ (options.ready)];
    target?.dispatchEvent(new Event("JIMO_READY"));
    changed();
  }

  let begun = false;

  function begin() {
    begun = true;
    later(() => {
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

  function init() {
    if (options.fault === "init-rejects") return Promise.reject(new Error("The Jimo simulator rejects its start."));
    if (!begun) begin();
  }

  function kill() {
    if (options.kill === "throws") throw new Error("The Jimo simulator was told to throw when it is ended.");
    simulator.kills++;
    simulator.live = begun = false;
    simulator.active = userOfBefore();
    simulator.showing = null;
    card?.remove();
    if (options.kill === "queue") window.jimo = [];
    if (options.kill === "nothing") for (const name of ["jimo", "jimoInit"]) Reflect.deleteProperty(window, name);
    changed();
  }

  /** Runs each time the page loads the script. Does nothing if Jimo already runs. */
  function load() {
    simulator.loads++;
    window.jimoIsMauLimitReached = () => !!window.JIMO_MAU_LIMIT_REACHED;
    if (options.kill !== "missing") window.jimoKill = kill;
    if (window.JIMO_MANUAL_INIT) window.jimoInit = init;
    else if (!begun) begin();
    changed();
  }

  load();
})();
