// Runs in the pages of tools/soak.py. It does what a visitor does, and notes what reached the simulator of Jimo. The
// notes are in the storage of the tab, so they outlive the page.

(() => {
  const storage = window.sessionStorage;
  const REACHED = "soak reached";
  const own = `soak page ${performance.timeOrigin} ${Math.random()}`;
  /** @type {{ startTime: number, duration: number }[]} */
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(.../** @type {any} */ (list.getEntries())));
  observer.observe({ type: "longtask", buffered: true });

  const read = (/** @type {string} */ key) => JSON.parse(storage.getItem(key) ?? "[]");
  const pause = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

  /** Empties the log of the simulator, so that only the memory of the destination can grow. */
  function keep() {
    const { log = [], profiles = {} } = window.jimoSimulator ?? {};
    const taken = Object.values(profiles).flatMap(({ tracks }) => tracks.splice(0));
    const names = new Set(taken.map(({ event }) => event));
    const reached = log.splice(0).flatMap((/** @type {any} */ { command: [, method, [first]], profile }) => {
      const name = first?.event ?? first?.groupId ?? first?.name ?? first;
      const refused = method === "segmentio:track" && !names.has(name);
      return method === "identify" || refused ? [] : [[method, name, profile]];
    });
    storage.setItem(REACHED, JSON.stringify([...read(REACHED), ...reached]));
    const status = window.segmentJimo?.status();
    if (status) storage.setItem(own, JSON.stringify({ events: status.events, errors: status.errors }));
  }
  // Nothing reaches Jimo after this.
  addEventListener("pagehide", keep);

  const does = {
    identify: (/** @type {string} */ name, /** @type {string} */ user) =>
      window.analytics.identify(user, { name, email: name }),
    traits: (/** @type {string} */ name) => window.analytics.identify({ name, email: name }),
    group: (/** @type {string} */ name) => window.analytics.group(name, { name }),
    track: (/** @type {string} */ name) => window.analytics.track(name),
    page: () => window.analytics.page(),
    reset: () => window.analytics.reset(),
    online: () => void dispatchEvent(new Event("online")),
    simulate: (/** @type {object} */ options) => void Object.assign(window.jimoSimulator?.options ?? {}, options),
    pass: () => pause(),
  };

  window.soak = {
    /** Carries out a list of steps, each [what, ...arguments]. Resolves when analytics.js has delivered all events. */
    async run(/** @type {[keyof typeof does, ...any[]][]} */ steps) {
      const handed = [];
      for (const [what, ...given] of steps) {
        const answer = /** @type {any} */ (does[what])(...given);
        if (what === "pass") await answer;
        else handed.push(answer);
      }
      await Promise.all(handed);
      keep();
    },
    /** Returns what has reached Jimo since the last call: [method, name, profile]. */
    reached() {
      keep();
      const found = read(REACHED);
      storage.removeItem(REACHED);
      return found;
    },
    /** Returns the last status of each page of this tab. */
    pages() {
      keep();
      return Object.keys(storage)
        .filter((key) => key.startsWith("soak page"))
        .map((key) => read(key));
    },
    /** Returns the milliseconds of the longest task since Python runs. Chromium reports tasks from 50 ms on. */
    async longest() {
      await pause(200);
      tasks.push(.../** @type {any} */ (observer.takeRecords()));
      const { booted } = window.segmentJimo.status().timings;
      return Math.max(0, ...tasks.flatMap(({ startTime, duration }) => (startTime > booted ? duration : [])));
    },
    /**
     * Gives events to another destination, without analytics.js, which is not fast enough: first a burst before Python
     * runs, then this many a second.
     */
    async load(/** @type {string} */ runtime, burst = 10_000, rate = 1_000, seconds = 5) {
      let number = 0;
      let last = -1;
      let reached = 0;
      let outOfOrder = 0;
      window.jimo = {
        push([, , [{ event }]]) {
          if (+event <= last) outOfOrder++;
          last = +event;
          reached++;
        },
      };
      const plugin = window.jimoDestination({ projectId: "load", runtime });
      await plugin.load({}, { on() {} });
      const { status } = window.segmentJimo;
      const one = () => {
        const event = { type: "track", event: `${number}`, messageId: `m${number++}`, timestamp: new Date() };
        plugin.track({ event: { ...event, properties: { price: 1, currency: "EUR" } } });
      };
      let most = 0;
      const look = () => (most = Math.max(most, status().events.held));
      const start = performance.now();
      while (number < burst) one();
      const each = ((performance.now() - start) / burst) * 1000;
      look();
      while (status().state !== "running" || status().events.held) await pause(10);
      const settled = { ...status().events, errors: status().errors };
      const begun = performance.now();
      while (number < burst + rate * seconds) {
        const due = burst + Math.min(seconds, (performance.now() - begun) / 1000) * rate;
        while (number < due) one();
        look();
        await pause(5);
      }
      const took = (performance.now() - begun) / 1000;
      while (status().events.held) await pause(10);
      const { delivered, dropped } = status().events;
      const perSecond = (rate * seconds) / took;
      const longest = await window.soak.longest();
      return { sent: number, reached, delivered, dropped, most, outOfOrder, each, perSecond, settled, longest };
    },
  };
})();
