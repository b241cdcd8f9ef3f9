// Has each event go out when its turn has come: offers the first of the line to Python, and carries
// out the verdict. Whatever happens meanwhile goes into an inbox, and is told to Python before
// anything else goes out, so that neither Python nor Jimo is ever entered while it is at work.

import { keep } from "./copy.js";
import { takeOver } from "./takeOver.js";
import { unpack } from "./unpack.js";

/** After so long, and so many events, the page has its turn before more of the line goes out. */
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
  /** What has happened, for Python. @type {[name: string, number: number][]} */
  const inbox = [];
  /** "new": it has not begun. "held": Python has said so, and only what happens can change that. "resting": the page has its turn. */
  let state = /** @type {"new" | "free" | "working" | "held" | "resting" | "stopped"} */ ("new");
  /** Python's last verdict holds for all events of this era and user. */
  let verdict = { value: 0, era: NaN, user: 0 };
  /** An event that names a user would start Jimo. */
  let waiting = false;
  /** The era before which everything is to go out, so that Python can be told. */
  let drainBefore = 0;
  /** What goes out in one task of the page. @type {{ began: number, events: number } | undefined} */
  let slice;
  let tokens = 0;

  /** @param {number} flags what Python answers to a signal */
  function heard(flags) {
    const { waiting: bit, known } = python.protocol;
    waiting = (flags & bit) !== 0;
    verdict.era = NaN;
    return (flags & known) !== 0;
  }

  /** Tells Python what has happened. @returns {boolean} whether something had */
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
    const { era, user } = item.stamp;
    const profile = commands.profileOf(item);
    // Of an event that has begun, Python knows more than its era and user.
    if (profile || item.started || item.resumed) {
      item.token = profile && ++tokens;
      return python.offer(item.id, era, user, profile, item.token);
    }
    if (verdict.era !== era || verdict.user !== user) {
      verdict = { value: python.offer(item.id, era, user, 0, 0), era, user };
    }
    // That is about no other event.
    if (verdict.value === python.protocol.givenUp) verdict.era = NaN;
    return verdict.value;
  }

  /** @param {Item} item that is first @returns {boolean} whether it is done with, for now */
  function offer(item) {
    // A rule that runs for it may end the user, or this destination.
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
      // Jimo answers the identify first.
      return false;
    }
    // Jimo, or who listens for a track, may have ended this destination.
    if (isStopped()) return true;
    if (item.deferred) {
      keep(item);
      aside.push(item);
      commands.trace(item, "deferred");
    } else {
      commands.settle(item);
    }
    return true;
  }

  /** What was put aside of an event comes before what is left of it. @param {Item} item */
  function resume(item) {
    if (!item.deferred) return;
    item.steps = [...item.deferred, ...(item.steps ?? []).slice(item.next)];
    item.next = 0;
    item.deferred = undefined;
    item.resumed = true;
  }

  /** Offers what was put aside once more, since something has happened. */
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

  /** @param {boolean} [all] without a turn for the page */
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
        // An identified-only page looks for its user among all that waits.
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

  /** Tells when all has gone out that came before a reset, or cannot. @param {boolean} held */
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
    // Where Jimo answers at once, one signal follows another in the same task.
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

  /** Finds out, ahead of its turn, whether an event is wanted. @param {Item} item that waits */
  function examine(item) {
    const before = state;
    state = "working";
    const wanted = look(item);
    if (isWorking()) state = before;
    if (!wanted && line.includes(item)) line.splice(line.indexOf(item), 1);
  }

  /** The page's own middlewares have let an event through, or have dropped it. @param {Item} item */
  function filtered(item) {
    if (!waiting && line.includes(item)) examine(item);
    work();
  }

  /**
   * Finds out whether an event is wanted. Where an identified-only page waits for a user, tells Python of
   * one whom the event names, wanted or not.
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

  /** Takes up what is held: by the page side before Python ran, or for the next page. */
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

    /** Python has begun. */
    begin() {
      takeUp();
      state = "free";
      dispatcher.signal("start");
    },

    /** The page goes on, perhaps after it seemed to be left. */
    resume() {
      takeUp();
      work();
    },

    /** An event has come, or a command. @param {Item} item */
    take(item) {
      if (isStopped()) return;
      const filtering = filter.holds(item, filtered);
      if (state === "free" && !line.length && !waiting && !filtering) {
        // Where nothing is ahead of it, it goes out at once, without a copy.
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
      // What came before it and only waits for its turn goes out first.
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
