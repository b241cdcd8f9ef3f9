// Commands of the page's own Python (segment_jimo.Jimo). Each takes its place in the line of events,
// so that what it waits for, and whose profile it may touch, is decided where that is decided for
// events. It is not counted as one, and not kept for the next page.

import { DROPPED, HELD } from "../page/destination.js";

// Why a command is refused; the numbers are those of jimo.py.
const CLOSED = -10;
const WAITING = -11;
const TOO_MANY = -12;

const MOST = 100;
/** Commands have neither constants of the settings nor functions in them. */
const context = { constants: [], call: () => undefined };
/** How long Jimo may take for an answer, and analytics.js for an event of a user it has. */
const LONGEST_MS = 10_000;
const RESET = "The user was reset.";

/**
 * @param {Page} page
 * @param {typeof import("./plan.js").compile} compile
 * @param {() => void} drain lets go out what may
 * @param {(work: () => void) => void} whenFree does something that enters Python, once it is not at work
 */
export function createClient(page, compile, drain, whenFree) {
  /** Python's function for what becomes of a command. @type {(number: number, what: string, text: string) => number} */
  let hear;
  let closed = false;
  /** In the line, on the way to it, or put aside. @type {Set<Item>} */
  const waiting = new Set();
  /** Of a user whom analytics.js has, while no event of theirs has come. @type {Item[]} */
  const early = [];
  // The user of the last event that has come.
  let seen = known();
  // Whom a command has identified, and whom analytics.js had at that time.
  /** @type {{ id: unknown, beside: unknown } | undefined} */
  let identified;

  /** @returns {any} the visitor as analytics.js knows them now */
  function user() {
    return /** @type {any} */ (window)[page.from.tag || ""]?.user?.();
  }
  function known() {
    return user()?.id?.() ?? undefined;
  }

  /** @param {number} number @param {string} what @param {string} text */
  function tell(number, what, text) {
    whenFree(() => {
      try {
        hear(number, what, text);
      } catch (error) {
        page.report("python-error", String(error));
      }
    });
  }

  /** @param {Item} item @param {number} outcome @param {string} why */
  function settle(item, outcome, why) {
    const own = /** @type {Own} */ (item.own);
    if (!waiting.delete(item)) return;
    own.outcome = outcome;
    own.why = why;
    if (!own.returned) return;
    if (outcome === DROPPED) tell(item.id, "failed", why);
    else if (own.identifies && own.answered) tell(item.id, "answer", "null");
    else if (own.identifies) {
      tell(item.id, "failed", item.stale ? RESET : `Jimo has not called back within ${LONGEST_MS / 1000} s.`);
    }
  }

  /** @param {Item} item */
  function lineUp(item) {
    page.queue.push(item);
    whenFree(drain);
  }

  /** @param {(item: Item) => boolean} which @param {string} why */
  function giveUp(which, why) {
    for (const item of [...waiting]) {
      if (!which(item)) continue;
      if (early.includes(item)) early.splice(early.indexOf(item), 1);
      settle(item, DROPPED, why);
    }
  }

  // The next page of this tab may have taken over what was in the line when this one was left.
  const comeBack = () =>
    giveUp(
      (item) => ![...page.queue, ...page.aside.values(), ...early].includes(item),
      "The page was left before this could reach Jimo.",
    );

  return {
    settle,

    /** @param {typeof hear} python */
    listen(python) {
      hear = python;
      window.addEventListener("pageshow", comeBack);
      return 0;
    },

    /**
     * @param {string} json the command's plan, and what else there is to know of it
     * @param {number} number what Python calls it; below 0, where no event's is
     * @returns {number} what has become of it by now, or why it is refused
     */
    command(json, number) {
      if (closed) return CLOSED;
      if (page.waiting) return WAITING;
      if (waiting.size >= MOST) return TOO_MANY;
      const { plan, matched, ...given } = JSON.parse(json);
      const now = known();
      /** @type {Own} */
      const own = { ...given, run: compile(plan, context), now, outcome: HELD, why: "" };
      if (own.identifies) identified = { id: own.identifies, beside: now };
      const event = {
        type: "command",
        messageId: `segment-jimo-${Date.now()}-${Math.random().toString(36).slice(2)}`,
        timestamp: new Date(),
        userId: identified && identified.beside === now ? identified.id : now,
        anonymousId: user()?.anonymousId?.() ?? undefined,
      };
      // Not for the next page (sent), and the last to go when too much waits (started).
      const item = {
        id: number,
        event,
        ctx: { event },
        stale: false,
        matched,
        own,
        kind: undefined,
        sent: true,
        started: true,
      };
      waiting.add(item);
      if (early.length || (now !== undefined && now !== seen && now === event.userId)) {
        early.push(item);
        const why = `analytics.js has the user ${now}, of whom no event has come within ${LONGEST_MS / 1000} s.`;
        setTimeout(() => giveUp((one) => one === item && early.includes(item), why), LONGEST_MS);
      } else lineUp(item);
      own.returned = true;
      return own.outcome;
    },

    /**
     * An event has come: what waits for one of its user goes behind it.
     *
     * @param {unknown} userId
     */
    see(userId) {
      seen = userId;
      while (early.length && early[0].own?.now === userId) {
        const item = /** @type {Item} */ (early.shift());
        queueMicrotask(() => lineUp(item));
      }
    },

    /** @param {Item} item @param {any} answer what Jimo's push has returned */
    pushed({ id, own }, answer) {
      if (!own?.answers) return;
      const late = new Promise((_, reject) => {
        setTimeout(reject, LONGEST_MS, `Jimo has not answered within ${LONGEST_MS / 1000} s.`);
      });
      Promise.race([answer, late])
        .then((value) => JSON.stringify(value) ?? "null")
        .then(
          (text) => tell(id, "answer", text),
          (error) => tell(id, "failed", String(error)),
        );
    },

    /** A function for Jimo to call, which Python knows by this number. @param {number} number */
    listener:
      (number) =>
      (/** @type {unknown[]} */ ...values) => {
        let text = "[]";
        try {
          text = JSON.stringify(values);
        } catch {
          // What has no form in JSON is not handed on.
        }
        tell(number, "event", text);
      },

    reset() {
      identified = undefined;
      giveUp((item) => early.includes(item), RESET);
    },

    close() {
      closed = true;
      window.removeEventListener("pageshow", comeBack);
      giveUp(() => true, "The destination has ended: see segmentJimo.status().");
    },
  };
}
