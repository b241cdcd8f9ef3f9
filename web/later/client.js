// Commands of the page's own Python (segment_jimo.Jimo). Each takes its place in the queue of events, so the same code
// decides what it waits for and whose profile it may touch. It does not count as an event, and ends with its page.

import { show } from "../page/quietly.js";
import { createCommandUser, identifyBefore } from "./commandUser.js";
import { compile } from "./plan.js";

// Why a command is refused; the numbers are those of outbox.py.
const CLOSED = -10;
const NO_USER = -11;
const TOO_MANY = -12;
const DROPPED = -13;
const ACCEPTED = 0;

/** Commands contain no constants of the settings and no functions. */
const context = { constants: [], call: () => undefined };
/** The most time for an answer of Jimo, and for analytics.js to deliver a dispatched event. */
const LONGEST_MS = 10_000;
const ENDED = "The destination has ended. See errors in segmentJimo.status().";
const SECONDS = `${LONGEST_MS / 1000} s`;

/** @typedef {import("../page/stamps.js").Stamp} Stamp */

/** @param {Pick<Item, "stamp">} item */
const isIdentify = ({ stamp }) => stamp.identify === stamp.number;

/**
 * @param {Host} host
 * @param {(item: Item) => void} take puts a command into the queue
 * @param {() => boolean} isWaiting whether an identified-only page waits for a user
 */
export function createClient(host, take, isWaiting) {
  const { queue, stamps, report } = host;
  const userOf = createCommandUser();
  /**
   * Python's function that receives the outcome of a command.
   * @type {(number: number, what: string, text: string) => number}
   */
  let hear;
  let closed = false;
  let refusal = "";
  /** In the queue, or on the way to it. @type {Set<Item>} */
  const unsettled = new Set();
  /** Commands behind an identify that analytics.js has dispatched and not yet delivered. @type {Item[]} */
  const behind = [];
  /** The numbers of the identifies that analytics.js has delivered since then. @type {number[]} */
  let come = [];
  /** The number of the last identify that did not come in time. Nobody waits for it again. */
  let lost = 0;
  /** How many commands may wait. */
  let most = 0;

  /**
   * In a microtask, because Python may be running now.
   * @param {number} number
   * @param {string} what
   * @param {string} text
   */
  function tell(number, what, text) {
    queueMicrotask(() => {
      try {
        hear(number, what, text);
      } catch {
        report("python-error", "The Jimo client could not receive an answer. Report this.");
      }
    });
  }

  /** If two identifies come before a command, the later one counts. @param {Stamp} stamp */
  function awaitedBy(stamp) {
    const awaited = identifyBefore(stamp, stamps);
    if (!awaited || awaited.number <= lost) return undefined;
    return come.some((number) => number > awaited.number && number < stamp.number) ? undefined : awaited;
  }

  function takeWhatMay() {
    for (let next = behind[0]; next && !awaitedBy(next.stamp); next = behind[0]) {
      behind.shift();
      next.turn = queue.turn();
      take(next);
    }
  }

  /** Drops all commands that wait for the same identify as this one, because it has not come. @param {Item} first */
  function giveUp(first) {
    if (!behind.includes(first)) return;
    const awaited = awaitedBy(first.stamp);
    const waiting = behind.filter(({ stamp }) => awaited && awaitedBy(stamp) === awaited);
    lost = awaited?.number ?? lost;
    for (const item of waiting) {
      behind.splice(behind.indexOf(item), 1);
      item.why = `An identify did not reach this destination within ${SECONDS}. Check its integrations.`;
      report("command-dropped", `A command of the Jimo client was dropped: ${item.why}`);
      item.command?.settle(item, "dropped");
    }
    takeWhatMay();
  }

  /** Returns a function for Jimo to call. Python knows it by this number. @param {number} number */
  const listener =
    (number) =>
    (/** @type {unknown[]} */ ...values) => {
      let text = "[]";
      try {
        text = JSON.stringify(values);
      } catch {
        // JSON cannot represent these values, so Python gets none.
      }
      tell(number, "event", text);
    };

  /** @param {number} number @param {any} answer what Jimo's push has returned */
  function awaitAnswer(number, answer) {
    const late = new Promise((_, reject) => {
      setTimeout(reject, LONGEST_MS, `Jimo did not answer within ${SECONDS}.`);
    });
    Promise.race([answer, late])
      .then((value) => JSON.stringify(value) ?? "null")
      .then(
        (text) => tell(number, "answer", text),
        (error) => tell(number, "failed", show(error)),
      );
  }

  /**
   * @param {any} given
   * @param {number} number its number in Python
   * @returns {NonNullable<Item["command"]>}
   */
  function makeCommand(given, number) {
    let returned = false;
    let answered = false;
    let outcome = "";
    return {
      identifies: given.identifies,
      announce: given.announce,
      listener: given.listens === undefined ? undefined : listener(given.listens),
      pushed: (answer) => given.answers && awaitAnswer(number, answer),
      answered: () => (answered = true),
      /** Python has the result of its call. */
      accept() {
        returned = true;
        return outcome;
      },
      settle(item, became) {
        if (!unsettled.delete(item)) return;
        outcome = became;
        refusal = item.why ?? ENDED;
        if (!returned) return;
        if (became === "dropped") tell(number, "failed", refusal);
        else if (given.identifies && answered) tell(number, "answer", "null");
        else if (given.identifies) {
          const reset = item.stamp.era < stamps.era;
          tell(
            number,
            "failed",
            reset ? "The page called analytics.reset()." : `Jimo did not call back within ${SECONDS}.`,
          );
        }
      },
    };
  }

  return {
    /** What Python may call. */
    table: {
      /** @param {typeof hear} python @param {number} mostWaiting */
      listen(python, mostWaiting) {
        hear = python;
        most = mostWaiting;
        come = queue.line.filter(isIdentify).map(({ stamp }) => stamp.number);
      },

      /**
       * @param {string} json the command: its plan, its kind, and what happens with the answer
       * @param {number} number its number in Python
       * @returns {number} ACCEPTED, or why it is refused
       */
      command(json, number) {
        if (closed || host.stopped) return CLOSED;
        const given = JSON.parse(json);
        const said = host.early?.[given.stamp - 1] ?? host.now();
        if (isWaiting() && !stamps.notice().userId) return NO_USER;
        if (unsettled.size >= most) return TOO_MANY;
        const userId = userOf(said, given.identifies);
        const stamp = { ...said, user: stamps.numberOf(userId) };
        const command = makeCommand(given, number);
        const event = {
          type: "command",
          messageId: `segment-jimo-${Date.now()}-${Math.random().toString(36).slice(2)}`,
          timestamp: new Date(),
          userId,
          anonymousId: stamp.ids.anonymousId,
        };
        /** @type {Item} */
        const item = {
          id: number,
          turn: said.turn,
          event,
          ctx: { event },
          stamp,
          row: {
            messageId: event.messageId,
            type: "command",
            name: null,
            outcome: "held",
            reason: null,
            at: 0,
            commands: 0,
          },
          next: 0,
          steps: [{ kind: given.kind, run: compile(given.plan, context) }],
          command,
        };
        unsettled.add(item);
        if (behind.length || awaitedBy(stamp)) {
          behind.push(item);
          setTimeout(() => giveUp(item), LONGEST_MS);
        } else {
          take(item);
        }
        return command.accept() === "dropped" ? DROPPED : ACCEPTED;
      },

      /** Why the last command was dropped at once. */
      refusal: () => refusal,
    },

    /** An event has arrived, perhaps the identify that commands wait for. @param {Pick<Item, "stamp">} item */
    arrived(item) {
      if (isIdentify(item)) come = behind.length ? [...come, item.stamp.number] : [item.stamp.number];
      takeWhatMay();
    },

    stop() {
      closed = true;
      behind.length = 0;
      for (const item of unsettled) {
        item.why = ENDED;
        item.command?.settle(item, "dropped");
      }
    },
  };
}
