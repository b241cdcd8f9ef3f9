// A clock that moves only when told to, so that no run waits for a real timeout.

/** Replaces the timers of a page. All times are in milliseconds. */
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
      // If several are due at the same time, the oldest is first, because a Map keeps the order.
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
