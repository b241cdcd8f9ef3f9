// Sends the events in order: offers the first one to Python, and carries out the verdict. All signals go into an inbox
// first, and Python gets them before the next event. So nothing calls Python or Jimo while it is running.

import { keep } from "./copy.js";
import { takeOver } from "./takeOver.js";
import { unpack } from "./unpack.js";

/** After this time, and this number of events, the page gets its turn. */
const SLICE_MS = 10;
const SLICE_EVENTS = 5;

/**
 * @param {Host} host
 * @param {import("./bridge.js").Python} python
 * @param {ReturnType<typeof import("./commands.js").createCommands>} commands
 * @param {ReturnType<typeof import("./middleware.js").createFilter>} filter
 */
export function createDispatcher(host, python, commands, filter) {
  const { queue } = host;
  const { line, aside } = queue;
  /** Signals for Python. @type {[name: string, number: number][]} */
  const inbox = [];
  /**
   * "new": not started. "held": Python said so, and only a signal can change that. "resting": the page has its turn.
   */
  let state = /** @type {"new" | "free" | "working" | "held" | "resting" | "stopped"} */ ("new");
  /** Python's last verdict holds for all events of this era and user. */
  let verdict = { value: 0, era: NaN, user: 0 };
  /** Whether an event that names a user would start Jimo. */
  let waiting = false;
  /** The era whose beginning Python gets as "drained", once all older events are out. */
  let drainBefore = 0;
  /** The events that go out in one task of the page. @type {{ began: number, events: number } | undefined} */
  let slice;
  let tokens = 0;

  /** @param {number} flags the result of a signal */
  function heard(flags) {
    const { waiting: bit, known } = python.protocol;
    waiting = (flags & bit) !== 0;
    verdict.era = NaN;
    return (flags & known) !== 0;
  }

  /** Gives Python all signals. @returns {boolean} whether there were any */
  function hear() {
    let any = false;
    for (let next = inbox.shift(); next && !isStopped(); next = inbox.shift()) {
      const [name, number] = next;
      if (heard(python.signal(name, number)) && name === "answered") commands.told.known();
      any = true;
    }
    return any;
  }

  /** @param {Item} item @returns {number} */
  function ask(item) {
    const { era } = item.stamp;
    const user = host.stamps.ownerOf(item.stamp);
    const profile = commands.profileOf(item);
    // For an event that has begun, Python does not decide by era and user alone.
    if (profile || item.started || item.resumed) {
      item.token = profile && ++tokens;
      return python.offer(item.id, era, user, profile, item.token);
    }
    if (verdict.era !== era || verdict.user !== user) {
      verdict = { value: python.offer(item.id, era, user, 0, 0), era, user };
    }
    // This verdict holds for this event only.
    if (verdict.value === python.protocol.givenUp) verdict.era = NaN;
    return verdict.value;
  }

  /** @param {Item} item the first one @returns {boolean} whether the next one may follow */
  function offer(item) {
    // A rule that runs for it may reset the user, or end this destination.
    if (!look(item)) return true;
    if (hear()) release();
    if (isStopped()) return true;
    resume(item);
    const answer = ask(item);
    if (answer === python.protocol.hold) {
      commands.trace(item, "held", { waiting });
      return false;
    }
    if (!commands.run(item, answer)) {
      // The rest waits for Jimo's answer to the identify.
      return false;
    }
    // Jimo, or a listener of the window event for tracks, may have ended this destination.
    if (isStopped()) return true;
    if (item.deferred) {
      keep(item);
      // A page that comes back has commands in here that came after what it holds again.
      aside.splice(aside.findLastIndex(({ turn }) => turn <= item.turn) + 1, 0, item);
      commands.trace(item, "deferred");
    } else {
      commands.settle(item);
    }
    return true;
  }

  /** Puts the deferred commands of an event before its remaining ones. @param {Item} item */
  function resume(item) {
    if (!item.deferred) return;
    item.steps = [...item.deferred, ...(item.steps ?? []).slice(item.next)];
    item.next = 0;
    item.deferred = undefined;
    item.resumed = true;
  }

  /** Offers the deferred events again after a signal. */
  function release() {
    for (const item of [...aside]) {
      const answer = ask(item);
      if (isStopped()) return;
      if (answer === python.protocol.hold || !aside.includes(item)) continue;
      resume(item);
      commands.run(item, answer);
      if (isStopped()) return;
      if (item.deferred) continue;
      aside.splice(aside.indexOf(item), 1);
      commands.settle(item);
    }
  }

  /** @param {boolean} [all] true: without a turn for the page */
  function work(all) {
    if (["new", "working", "stopped"].includes(state)) return;
    const rested = state === "resting";
    let held = state === "held";
    state = "working";
    do {
      if (hear()) {
        held = false;
        release();
      }
      while (isWorking() && !inbox.length) {
        // An identified-only page looks for its user among all waiting events.
        const unseen = waiting && line.find(({ steps }) => !steps);
        const item = unseen || (!held && line[0]);
        if (!item || filter.holds(item, filtered)) break;
        if ((rested || isLong()) && !all) return rest();
        if (slice) slice.events++;
        if (unseen) {
          examine(item);
          continue;
        }
        if (drained(held)) break;
        held = !offer(item);
        if (!held && line[0] === item) line.shift();
      }
      if (!inbox.length) drained(held);
    } while (inbox.length && isWorking());
    if (isWorking()) state = held ? "held" : "free";
  }

  const isWorking = () => state === "working";
  const isStopped = () => state === "stopped";

  /** Signals that all events from before a reset are out, or cannot go out. @param {boolean} held */
  function drained(held) {
    if (!drainBefore || (!held && line[0]?.stamp.era < drainBefore)) return false;
    drainBefore = 0;
    inbox.push(["drained", 0]);
    return true;
  }

  /** A hidden page needs no turn, and its timers are slow. */
  function isLong() {
    slice ??= beginSlice();
    return slice.events >= SLICE_EVENTS && performance.now() - slice.began > SLICE_MS && !document.hidden;
  }

  function beginSlice() {
    // If Jimo answers at once, one signal follows another in the same task.
    setTimeout(() => {
      slice = undefined;
      if (state !== "resting") return;
      state = "free";
      work();
    });
    return { began: performance.now(), events: 0 };
  }

  function rest() {
    if (isWorking()) state = "resting";
  }

  /** Finds out before its turn whether any subscription wants an event. @param {Item} item that waits */
  function examine(item) {
    const before = state;
    state = "working";
    const wanted = look(item);
    if (isWorking()) state = before;
    if (!wanted && line.includes(item)) line.splice(line.indexOf(item), 1);
  }

  /** The page's own middlewares have passed an event on, or dropped it. @param {Item} item */
  function filtered(item) {
    if (!waiting && line.includes(item)) examine(item);
    work();
  }

  /**
   * Finds out whether any subscription wants an event. If an identified-only page waits for a user, tells Python about
   * the user that the event names, wanted or not.
   *
   * @param {Item} item
   */
  function look(item) {
    const seen = item.steps;
    const wanted = commands.match(item);
    const profile = waiting && !seen && item.steps && !item.command ? commands.userOf(item) : 0;
    if (profile && !isStopped()) heard(python.named(item.id, item.stamp.era, item.stamp.user, profile));
    return wanted;
  }

  /** Takes over waiting events: those of earlier pages, and those from before Python ran. */
  function takeUp() {
    takeOver(host);
    for (const item of line) {
      if (item.text) Object.assign(item, { event: unpack(item.text, item.shared), text: undefined, copied: true });
    }
  }

  const dispatcher = {
    /** Whether an identified-only page waits for a user. */
    get isWaiting() {
      return waiting;
    },

    /** @param {string} name @param {number} [number] */
    signal(name, number = 0) {
      inbox.push([name, number]);
      work();
    },

    /** Python runs now. */
    begin() {
      takeUp();
      state = "free";
      dispatcher.signal("start");
    },

    /** The page continues, perhaps after it seemed to be left. */
    resume() {
      host.stamps.notice();
      if (commands.isStarterGone()) inbox.push(["starter-gone", 0]);
      takeUp();
      work();
    },

    /** An event or a command has arrived. @param {Item} item */
    take(item) {
      if (isStopped()) return;
      const filtering = filter.holds(item, filtered);
      if (state === "free" && !line.length && !waiting && !filtering) {
        // If nothing is ahead of it, it goes out at once, without a copy.
        line.push(item);
        work(true);
        if (!line.includes(item)) return;
        keep(item);
      } else {
        keep(item);
        queue.hold(item);
        if (state === "new" || state === "working" || filtering) return;
        if (!waiting) examine(item);
      }
      work();
    },

    /** @param {number} era that has begun */
    reset(era) {
      // Older events that only wait for their turn go out first.
      work(true);
      drainBefore = era;
      dispatcher.signal("reset", era);
    },

    stop() {
      state = "stopped";
      python.stop();
    },
  };

  return dispatcher;
}
