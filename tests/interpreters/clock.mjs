// A clock that only the test moves, for all code that is loaded after this file.

const turn = globalThis.setImmediate;

/** Gives promises and modules a turn. */
export const settle = () => new Promise((resolve) => turn(resolve));

/**
 * Replaces the timers and clocks of this process.
 *
 * @param {() => unknown} ownerNow returns the owner of a timer that is set now
 * @param {(owner: any, ask?: boolean) => boolean} enter called before the work of a timer. With `ask`, it only says
 *   whether the timer may run now
 */
export function simulateTime(ownerNow, enter) {
  let now = 1_000;
  let numbers = 0;
  /** @type {Map<number, { due: number, work: () => void, owner: unknown }>} */
  const timers = new Map();
  Object.assign(globalThis, {
    setTimeout(work, ms = 0) {
      timers.set(++numbers, { due: now + ms, work, owner: ownerNow() });
      return numbers;
    },
    clearTimeout: (number) => void timers.delete(number),
  });
  performance.now = () => now;
  Date.now = () => 1_700_000_000_000 + now;

  /** @param {number} end @returns {number | undefined} the timer that is due first */
  function next(end) {
    let first;
    for (const [number, { due, owner }] of timers) {
      if (due <= end && enter(owner, true) && (first === undefined || due < timers.get(first).due)) first = number;
    }
    return first;
  }

  return {
    now: () => now,
    /** @param {number} ms */
    async pass(ms) {
      const end = now + ms;
      const owner = ownerNow();
      for (let number = next(end); number !== undefined; number = next(end)) {
        const { due, work, owner: its } = timers.get(number);
        timers.delete(number);
        now = Math.max(now, due);
        enter(its);
        work();
        for (let turns = 0; turns < 4; turns++) await undefined;
      }
      now = end;
      for (let turns = 0; turns < 4; turns++) await undefined;
      enter(owner);
    },
    /** Removes the timers of a page that is gone. @param {unknown} gone */
    clear(gone) {
      for (const [number, { owner }] of timers) if (owner === gone) timers.delete(number);
    },
  };
}
