// A simulator of the Jimo SDK, not Jimo: it follows what Jimo documents of its browser SDK, for the
// playground and the tests. `window.jimoSimulator` shows what it was told: `log` and `profiles`.
//
// Options, in the query of its URL or in `window.JIMO_SIMULATOR`: `boot` and `identify`, times in
// milliseconds (identify also "never", "sync" or "twice"), and `fault`: "quota", "throw",
// "push-throws", "push-rejects", "never-live".

(() => {
  if (window.jimoSimulator) {
    window.jimoSimulator.loads++;
    return;
  }
  const query = new URL(/** @type {HTMLScriptElement} */ (document.currentScript).src).searchParams;
  /** @type {Record<string, any>} */
  const options = { boot: 150, identify: 80, ...Object.fromEntries(query), ...window.JIMO_SIMULATOR };
  if (options.fault === "throw") throw new Error("The Jimo simulator was told to throw.");

  /** @type {Record<string, any>} */
  const profiles = {};
  const simulator = {
    simulator: true,
    loads: 1,
    options,
    profiles,
    log: /** @type {object[]} */ ([]),
    active: "",
  };
  window.jimoSimulator = simulator;

  const changed = () => window.dispatchEvent(new CustomEvent("jimo-simulator"));

  /** @param {string} key @param {boolean} anonymous */
  function activate(key, anonymous) {
    profiles[key] ??= { key, anonymous, attributes: {}, tracks: [], refetched: 0 };
    simulator.active = key;
  }

  /** @param {unknown} id @param {(() => void) | null} [callback] */
  function identify(id, callback) {
    const finish = () => {
      activate(String(id), false);
      callback?.();
      if (options.identify === "twice") callback?.();
      changed();
    };
    if (options.identify === "sync") finish();
    else if (options.identify !== "never") setTimeout(finish, Number(options.identify) || 80);
  }

  /** @type {Record<string, (...args: any[]) => unknown>} */
  const commands = {
    "do identify": identify,
    "set user:email": (email) => Object.assign(profile(), { email }),
    "set user:name": (name) => Object.assign(profile(), { name }),
    "set user:attributes": (attributes, refetch) => {
      Object.assign(profile().attributes, attributes);
      if (refetch === true || refetch?.refetchBoosted) profile().refetched++;
    },
    "set user:group": (group) => Object.assign(profile(), { group }),
    "set core:language": (language) => Object.assign(profile(), { language }),
    "do segmentio:track": (track) => profile().tracks.push(track),
    "do boosted:trigger": () => {},
    "do boosted:hash-change": () => {},
    "do widget:open": () => {},
    "get jimer:attributes": () => profile().attributes,
    "get widget:lastOpenDate": () => null,
    "get widget:unreadCount": () => Promise.resolve(0),
  };
  const profile = () => profiles[simulator.active];

  /** @param {any} command */
  function push(command) {
    const [verb, method, args = []] = Array.isArray(command) ? command : [];
    const run = commands[`${verb} ${method}`];
    const known = `${verb} ${method}` in commands || verb === "on" || verb === "off";
    simulator.log.push({
      at: Math.round(performance.now()),
      command,
      profile: simulator.active,
      ...(known ? {} : { unknown: true }),
    });
    changed();
    if (method === "segmentio:track") {
      if (options.fault === "push-throws") throw new Error("The Jimo simulator refuses tracks.");
      if (options.fault === "push-rejects") return Promise.reject(new Error("The simulator rejects tracks."));
    }
    const answer = run?.(...args);
    changed();
    return verb === "get" ? answer : undefined;
  }

  function live() {
    console.info("This is a simulator of Jimo, not Jimo.");
    activate("anonymous", true);
    const waiting = Array.isArray(window.jimo) ? window.jimo : [];
    window.jimo = { push };
    for (const command of waiting) push(command);
    changed();
  }

  const wait = () => setTimeout(live, Number(options.boot));
  if (options.fault === "quota") {
    window.JIMO_MAU_LIMIT_REACHED = true;
    window.dispatchEvent(new Event("jimo:mau-limit-reached"));
  } else if (options.fault !== "never-live") {
    if (window.JIMO_MANUAL_INIT) window.jimoInit = wait;
    else wait();
  }
})();
