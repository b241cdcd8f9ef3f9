// Time that passes only when it is told to, so that no run waits for a real timeout.

/** Takes the place of a page's timers. All times are in milliseconds. */
export function createClock() {
  let now = 0;
  let last = 0;
  /** @type {Map<number, { at: number, every: number | undefined, work: () => void }>} */
  const timers = new Map();

  /** @param {() => void} work @param {number} ms @param {number} [every] */
  function add(work, ms, every) {
    timers.set(++last, { at: now + Math.max(0, Number(ms) || 0), every, work });
    return last;
  }

  return {
    now: () => now,
    setTimeout: (/** @type {(...args: any[]) => void} */ work, ms = 0, /** @type {any[]} */ ...args) =>
      add(() => work(...args), ms),
    setInterval: (/** @type {(...args: any[]) => void} */ work, ms = 0, /** @type {any[]} */ ...args) =>
      add(() => work(...args), ms, Math.max(1, ms)),
    clear: (/** @type {number} */ timer) => void timers.delete(timer),

    /**
     * Runs the timer that is due next, if it is due by then, and moves the time to it.
     *
     * @param {number} until
     * @returns {boolean} whether there was one
     */
    step(until) {
      let next;
      // The first of those that are due at the same time is the oldest: a Map keeps their order.
      for (const entry of timers) if (!next || entry[1].at < next[1].at) next = entry;
      if (!next || next[1].at > until) return false;
      const [id, timer] = next;
      now = Math.max(now, timer.at);
      if (timer.every === undefined) timers.delete(id);
      else timer.at = now + timer.every;
      timer.work();
      return true;
    },
  };
}
