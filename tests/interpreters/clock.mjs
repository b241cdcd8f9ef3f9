// Time that only passes when a test says so, for all code that is loaded after it.

const turn = globalThis.setImmediate;

/** Lets promises go on, and modules load. */
export const settle = () => new Promise((resolve) => turn(resolve));

/** Takes the place of the timers and clocks of this process. */
export function simulateTime() {
  let now = 1_000;
  let numbers = 0;
  /** @type {Map<number, { due: number, work: () => void }>} */
  const timers = new Map();
  Object.assign(globalThis, {
    setTimeout(work, ms = 0) {
      timers.set(++numbers, { due: now + ms, work });
      return numbers;
    },
    clearTimeout: (number) => void timers.delete(number),
  });
  performance.now = () => now;
  Date.now = () => 1_700_000_000_000 + now;

  /** @param {number} end @returns {number | undefined} the timer that is due first */
  function next(end) {
    let first;
    for (const [number, { due }] of timers) {
      if (due <= end && (first === undefined || due < timers.get(first).due)) first = number;
    }
    return first;
  }

  return {
    now: () => now,
    /** @param {number} ms */
    async pass(ms) {
      const end = now + ms;
      for (let number = next(end); number !== undefined; number = next(end)) {
        const { due, work } = timers.get(number);
        timers.delete(number);
        now = Math.max(now, due);
        work();
        for (let turns = 0; turns < 4; turns++) await undefined;
      }
      now = end;
      for (let turns = 0; turns < 4; turns++) await undefined;
    },
    /** The page that has set them is gone. */
    clear: () => timers.clear(),
  };
}
